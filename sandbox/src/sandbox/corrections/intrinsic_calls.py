"""The syntax of intrinsic functions: `States.Format('{} of {}', $.a, States.UUID())`.

AWS Step Functions Developer Guide, "Intrinsic functions for JSONPath states in Step Functions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.corrections import workflow_paths

_TOKEN = re.compile(
    r"(?P<call>States\.\w+)\s*\(|(?P<text>'(?:\\['\\{}]|[^'\\])*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])"
    r"|(?P<word>true|false|null)\b|(?P<path>\$)"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLACE = re.compile(r"(?<!\\)\{\}")
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST = 10

FUNCTIONS = (
    *("States.Array", "States.ArrayContains", "States.ArrayGetItem", "States.ArrayLength", "States.ArrayPartition"),
    *("States.ArrayRange", "States.ArrayUnique", "States.Base64Decode", "States.Base64Encode", "States.Format"),
    *("States.Hash", "States.JsonMerge", "States.JsonToString", "States.MathAdd", "States.MathRandom"),
    *("States.StringSplit", "States.StringToJson", "States.UUID"),
)


@dataclass(frozen=True)
class Literal:
    """A string, number, true, false or null. A string keeps its escapes, which States.Format needs."""

    value: Any

    @property
    def plain(self) -> Any:
        """The value, a string without its escapes."""
        return _ESCAPED.sub(r"\1", self.value) if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Path:
    """A path into the input, the context object or a variable."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Literal | Path | Call, ...]


def parse(text: str) -> Call:
    """The call that a text is. Raises ``ValueError`` with the place of the mistake."""
    found, end = _argument(text, _after_blanks(text, 0), 1)
    if not isinstance(found, Call):
        raise ValueError(f"'{text}' is no intrinsic function: write States.Format(...), for example")
    if _after_blanks(text, end) != len(text):
        raise ValueError(f"'{text}' has more after its closing bracket: '{text[end:]}'")
    return found


def fault(text: str) -> str | None:
    """Why a text is no intrinsic function; None where it is one."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


def pieces(template: str) -> list[str]:
    """The text between the places `{}` of a template of States.Format, without escapes."""
    return [_ESCAPED.sub(r"\1", piece) for piece in _PLACE.split(template)]


def _argument(text: str, at: int, depth: int) -> tuple[Literal | Path | Call, int]:
    token = _TOKEN.match(text, at)
    if token is None:
        raise ValueError(f"'{text}' has no argument at '{text[at:]}': a string in '', a number, a path or a function")
    match token.lastgroup:
        case "call":
            return _call(text, token, depth)
        case "path":
            return _path(text, at)
        case "text":
            return Literal(token["text"][1:-1]), token.end()
        case "number":
            number = token["number"]
            return Literal(int(number) if number.lstrip("-").isdigit() else float(number)), token.end()
    return Literal(_WORDS[token["word"]]), token.end()


def _call(text: str, token: re.Match[str], depth: int) -> tuple[Call, int]:
    name = token["call"]
    if name not in FUNCTIONS:
        raise ValueError(f"'{name}' is no intrinsic function: there are {', '.join(FUNCTIONS)}")
    if depth > _DEEPEST:
        raise ValueError(f"'{text}' nests functions more than {_DEEPEST} deep")
    arguments: list[Literal | Path | Call] = []
    at = _after_blanks(text, token.end())
    while text[at : at + 1] != ")":
        argument, at = _argument(text, at, depth + 1)
        arguments.append(argument)
        at = _after_blanks(text, at)
        if text[at : at + 1] == ",":
            at = _after_blanks(text, at + 1)
            if text[at : at + 1] == ")":
                raise ValueError(f"'{text}' has a comma without an argument after it")
        elif text[at : at + 1] != ")":
            raise ValueError(f"'{text}' has neither a comma nor a closing bracket at '{text[at:]}'")
    return Call(name, tuple(arguments)), at + 1


def _path(text: str, start: int) -> tuple[Path, int]:
    """A path ends before a comma or a bracket that is not its own."""
    depth, at = 0, start
    while at < len(text) and (depth or text[at] not in ",)"):
        if text[at] in "'\"":
            at = text.find(text[at], at + 1)
            if at < 0:
                raise ValueError(f"'{text}' has a quote without its end")
        depth += (text[at] in "([") - (text[at] in ")]")
        at += 1
    path = text[start:at].strip()
    if wrong := workflow_paths.fault(path):
        raise ValueError(wrong)
    return Path(path), at


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at
