"""JSON text, read as strictly as AWS's parser, with its sentences where they are known.

The sentences: localstack/localstack, snapshots of ValidateStateMachineDefinition and StartExecution on AWS.
"""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(r"[^\W\d][\w$]*")
_EXPECTED = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_FIELD_NAME = "was expecting double-quote to start field name"


class NotJson(ValueError):
    """When a text is not JSON. The message is the parser's; `location` its source, line and column."""

    def __init__(self, message: str, text: str, end: int) -> None:
        super().__init__(message)
        line, column = text.count("\n", 0, end) + 1, end - (text.rfind("\n", 0, end) + 1) + 1
        shown = text if len(text) <= 500 else f"{text[:500]}[truncated {len(text) - 500} chars]"
        self.location = f'[Source: (String)"{shown}"; line: {line}, column: {column}]'


def parse(text: str) -> Any:
    """Raises NotJson, also for NaN and Infinity, which Python takes."""

    def refuse(constant: str) -> Any:
        raise json.JSONDecodeError("no JSON", text, text.find(constant))

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as fault:
        raise _fault(text, fault) from fault


def _fault(text: str, fault: json.JSONDecodeError) -> NotJson:
    token = _TOKEN.match(text, fault.pos)
    if fault.pos >= len(text):
        return NotJson("Unexpected end-of-input", text, len(text))
    if token is not None:
        return NotJson(f"Unrecognized token '{token[0]}': {_EXPECTED}", text, token.end())
    found = text[fault.pos]
    expected = _FIELD_NAME if "property name" in fault.msg else fault.msg
    return NotJson(f"Unexpected character ('{found}' (code {ord(found)})): {expected}", text, fault.pos + 1)
