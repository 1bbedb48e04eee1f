"""JSONPath, with the syntax and the missing values of AWS.

AWS Step Functions Developer Guide, "Paths" and "Using JSONPath paths". The library follows RFC 9535; of functions AWS
takes `.length()` at the end of a path. A path that names one node fails where that node is missing; any other yields a
list, maybe empty.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector

_REQUIRED_DOT = re.compile(r"(?<!\.)\.(?=\[)")  # AWS writes $.a.['b c'] too
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")  # AWS lets a double quote be escaped there
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)
_LENGTH = ".length()"
_CONTEXT = ("Execution", "StateMachine", "State", "Map", "Task")

_jsonpath = JSONPathEnvironment(strict=True)
_jsonpath.function_extensions.clear()


class NotFound(LookupError):
    """When a path that names one node finds none."""


@lru_cache(maxsize=1024)
def _compiled(path: str) -> JSONPath:
    path = _QUOTED.sub(lambda name: name[0].replace('\\"', '"'), _REQUIRED_DOT.sub("", path))
    return cast("JSONPath", _jsonpath.compile(path))  # strict: no unions of paths


def fault(path: str, *, reference: bool = False) -> str | None:
    """The mistake in a path, or in a reference path; None without one.

    `$$` and `$variable` are roots too.
    """
    if not path.startswith("$"):
        return f"'{path}' does not begin with '$'"
    rest = _rooted(path)[1]
    try:
        query = _compiled(rest if reference else rest.removesuffix(_LENGTH))
    except JSONPathError as error:
        return f"'{path}' is no JSONPath: {error.args[0]}"
    if reference and not query.singular_query():
        return f"'{path}' is no reference path: only names and indexes, such as $.a['b'][0], may stand in it"
    return None


def context_object(context: dict[str, Any]) -> dict[str, Any]:
    """The context object, as a workflow sees it."""
    return {name: context[name] for name in _CONTEXT if name in context}


def find(path: str, data: Any, context: dict[str, Any]) -> Any:
    """The value at a path of the data, the context object or a variable. Raises ``NotFound``."""
    root, rest = _rooted(path)
    if root == "$$":
        data = context_object(context)
    elif root != "$":
        if root[1:] not in context.get("variables", {}):
            raise NotFound(f"No variable {root}")
        data = context["variables"][root[1:]]
    return _find(rest, data)


def _rooted(path: str) -> tuple[str, str]:
    """The root of a path, and the path from there: `$name.a` is `$name` and `$.a`."""
    if path.startswith("$$"):
        return "$$", path[1:]
    if variable := _VARIABLE.fullmatch(path):
        return f"${variable[1]}", f"${variable[2]}"
    return "$", path


def _find(path: str, data: Any) -> Any:
    if path.endswith(_LENGTH):
        return _length(_find(path.removesuffix(_LENGTH), data))
    try:
        query = _compiled(path)
    except JSONPathError as error:
        raise NotFound(str(error.args[0])) from error
    values = query.findall(data)
    if query.singular_query():
        if not values:
            raise NotFound(_where_missing(query, data))
        return values[0]
    if not values and _slices_no_list(query, data):
        raise NotFound("Only a list has slices")
    return values


def _length(value: Any) -> int:
    if isinstance(value, list | dict | str):
        return len(value)
    raise NotFound("Only a list, an object or a string has a length")


def _where_missing(query: JSONPath, data: Any) -> str:
    shown = "$"
    for segment in query.segments[:-1]:
        shown += str(segment)
        if not _compiled(shown).findall(data):
            return f"Missing property in path {shown}"
    return f"No results for path: {query}"


def _slices_no_list(query: JSONPath, data: Any) -> bool:
    shown = "$"
    for segment in query.segments:
        if any(isinstance(selector, SliceSelector) for selector in segment.selectors):
            return any(not isinstance(value, list) for value in _compiled(shown).findall(data))
        shown += str(segment)
    return False


def members(path: str) -> list[str | int]:
    """The names and indexes of a reference path."""
    selectors = (segment.selectors[0] for segment in _compiled(path).segments)
    return [each.name if isinstance(each, NameSelector) else cast("IndexSelector", each).index for each in selectors]
