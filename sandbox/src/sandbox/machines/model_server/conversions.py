"""The container's conversion of bodies for TensorFlow Serving, without handlers.

The rules are those of its nginx script, oddities included: text is matched, not parsed, so that `[1, 2]` becomes one
row and a list of objects becomes one instance.
Source: tensorflowServing.js.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SERVING_KEY = re.compile(r'"(instances|inputs|examples)"\s*:')
_NO_COMMA_BETWEEN = re.compile(r"[}\]]\s*[\[{]")
_LIST_OF_LISTS = re.compile(r"\s*\[\s*\[")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LINE_END = re.compile(r"\r?\n")


def from_json(text: str) -> str:
    """Convert JSON lines to a list of instances, other JSON to one instance.

    JSON in TensorFlow Serving's own form stays as it is.
    """
    if _SERVING_KEY.search(text):
        return text
    if _NO_COMMA_BETWEEN.search(text):
        return _from_json_lines(text)
    instances = text if _LIST_OF_LISTS.match(text) else f"[{text}]"
    return f'{{"instances":{instances}}}'


def from_csv(text: str) -> str:
    """Convert each line to a row, or to a plain value for one field.

    Fields other than JSON numbers are strings.
    """
    rows = [_row(line) for line in map(str.strip, _LINE_END.split(text.strip())) if line]
    return f'{{"instances":[{",".join(rows)}]}}'


CONVERSIONS: dict[str, Callable[[str], str]] = {
    "application/json": from_json,
    "application/jsonlines": from_json,
    "application/jsons": from_json,
    "text/csv": from_csv,
}
"""The conversion of each content type that the container accepts."""


def _from_json_lines(text: str) -> str:
    lines = _LINE_END.split(text.strip())
    instances = "".join(("," if index else "") + line.strip() for index, line in enumerate(lines) if line.strip())
    return f'{{"instances":{instances}}}' if len(lines) == 1 else f'{{"instances":[{instances}]}}'


def _row(line: str) -> str:
    values = [_value(field) for field in _fields(line)]
    return values[0] if len(values) == 1 else f"[{','.join(values)}]"


def _value(field: str) -> str:
    number = field.strip()
    if _NUMBER.fullmatch(number):
        return number
    escaped = field.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fields(line: str) -> list[str]:
    """Split at commas outside quotes; two quotes inside quotes are one."""
    fields, current, quoted, index = [], "", False, 0
    while index < len(line):
        character = line[index]
        if character == '"' and quoted and line[index + 1 : index + 2] == '"':
            current += '"'
            index += 1
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            fields.append(current)
            current = ""
        else:
            current += character
        index += 1
    return [*fields, current]
