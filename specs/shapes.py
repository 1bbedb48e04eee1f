"""Conversion of documents to frozen objects, and of pydantic's errors to problems with a cure."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from specs import words
from specs.document import Document
from specs.refusal import REFUSED
from specs.words import Path

Shape = TypeVar("Shape", bound=BaseModel)

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def build(document: Document, shape: type[Shape]) -> Shape | None:
    """Build the declared object, or note the problems in the document and return None."""
    try:
        return shape.model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    meant = {suggestion for found in errors if (suggestion := _misspelt(document, shape, found)) is not None}
    for found in errors:
        path = _path(document, found)
        if found["type"] == "missing" and path in meant:
            continue  # the misspelt key says it already
        _note(document, shape, found, path)
    return None


def _note(document: Document, shape: type[BaseModel], error: ErrorDetails, path: Path) -> None:
    message, allowed, write = _sentences(document, shape, error, path)
    received = None if error["type"] == "missing" else error["input"]
    document.refuse(path, message, allowed=allowed, write=write, received=received)


def _sentences(document: Document, shape: type[BaseModel], error: ErrorDetails, path: Path) -> tuple[str, str, str]:
    """The message, the allowed values, and the cure."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == REFUSED:
        return context["message"], context["allowed"], context["write"]
    if kind == "extra_forbidden":
        return _unknown_key(document, shape, path)
    if kind == "missing":
        return "a key is missing", f"{document.dotted(path)} has to be given", _example(document, shape, path)
    if kind == "literal_error":
        return _unknown_word(error, _choices(shape, path))
    if kind in _KINDS:
        return f"this is {words.kind(error['input'])}", _KINDS[kind], _of_kind(document, shape, error, path)
    return "the value is refused", kind.replace("_", " "), "another value"


def _unknown_word(error: ErrorDetails, choices: tuple[str, ...]) -> tuple[str, str, str]:
    near = words.nearest(error["input"], choices) or choices[0]
    return "the word is not one of those known here", words.either(map(words.quoted, choices)), words.quoted(near)


def _unknown_key(document: Document, shape: type[BaseModel], path: Path) -> tuple[str, str, str]:
    known = _keys(shape, path[:-1])
    near = words.nearest(path[-1], known)
    write = _example(document, shape, (*path[:-1], near)) if near else f"nothing: remove {words.key(str(path[-1]))}"
    if near in document.beside(path):
        write = f"nothing: {near} is there already"
    return "there is no such key", words.either(known), write


def _misspelt(document: Document, shape: type[BaseModel], error: ErrorDetails) -> Path | None:
    """The path of the key that an unknown key was probably meant to be."""
    if error["type"] != "extra_forbidden":
        return None
    path = _path(document, error)
    near = words.nearest(path[-1], _keys(shape, path[:-1]))
    return (*path[:-1], near) if near else None


def _path(document: Document, error: ErrorDetails) -> Path:
    """The path of an error in the file, without pydantic's "[key]" of refused keys."""
    path = tuple(error["loc"])
    return path[:-1] if path[-1:] == ("[key]",) and document.value(path) is None else path


def _keys(shape: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the table at `path` knows."""
    table = _annotation(shape, path)
    return tuple(table.model_fields) if isinstance(table, type) and issubclass(table, BaseModel) else ()


def _choices(shape: type[BaseModel], path: Path) -> tuple[str, ...]:
    return typing.get_args(_annotation(shape, path))


def _annotation(shape: Any, path: Path) -> Any:
    """The type declared at `path`: tables by name, lists by any index, free keys by any name."""
    for part in path:
        if isinstance(part, int):
            shape = _bare(typing.get_args(shape)[0])
        elif typing.get_origin(shape) is dict:
            shape = _bare(typing.get_args(shape)[1])
        else:
            shape = _bare(shape.model_fields[part].annotation)
    return shape


def _bare(annotation: Any) -> Any:
    arguments = [one for one in typing.get_args(annotation) if one is not type(None)]
    if typing.get_origin(annotation) is typing.Annotated or len(arguments) < len(typing.get_args(annotation)):
        return _bare(arguments[0])
    return annotation


def _of_kind(document: Document, shape: type[BaseModel], error: ErrorDetails, path: Path) -> str:
    """A value of the required kind: the received one where it can be converted."""
    kind, received = error["type"], error["input"]
    if kind == "string_type":
        return words.quoted(words.toml(received)) if isinstance(received, bool | int | float) else '"text" in quotes'
    if kind == "int_type":
        return str(_whole(received))
    if kind == "tuple_type" and _bare(typing.get_args(_annotation(shape, path))[0]) is str:
        return words.toml([received]) if isinstance(received, str) else '["…"]'
    if kind == "tuple_type":
        return _example(document, shape, (*path, 0))
    return {"float_type": "0.5", "bool_type": "true"}.get(kind) or _example(document, shape, path)


def _whole(received: Any) -> int:
    """The whole number, 1 or more, that is nearest to a number or to text."""
    try:
        return max(1, round(float(received)))
    except (TypeError, ValueError, OverflowError):
        return 1


def _example(document: Document, shape: type[BaseModel], path: Path) -> str:
    """The line or header that has to be added."""
    annotation = _annotation(shape, path)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        header = document.dotted(path if isinstance(path[-1], str) else path[:-1])
        table = f"[{header}]" if isinstance(path[-1], str) else f"[[{header}]]"
        return f"{table} with {_listed(annotation.model_fields)}"
    if typing.get_origin(annotation) is dict:
        return f"[{document.dotted(path)}] with name = value"
    choices = _choices(shape, path) if typing.get_origin(annotation) is typing.Literal else ()
    return f"{path[-1]} = {words.either(map(words.quoted, choices)) if choices else '…'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
