"""Answers in the XML of the query protocol."""

from __future__ import annotations

import html
import re
from typing import Any

from ministack.services.cloudformation.helpers import _esc, _xml

NAMES = {"ministack.services.cloudformation.helpers": "_esc _xml"}
OVERRIDES: dict[str, str] = {}


def answer(action: str, result: dict[str, Any], ending: str = "") -> tuple:
    """The answer of an action; `ending` is XML that follows the result's members."""
    inner = f"<{action}Result>{element(result)}{ending}</{action}Result>"
    return _xml(200, f"{action}Response", inner)


def message(refusal: tuple) -> str:
    """The sentence of an error's answer."""
    found = re.search(r"<Message>(.*?)</Message>", refusal[2].decode(), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def element(value: Any) -> str:
    """A value in XML: an object's members, a list's items, or text."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{element(item)}</{name}>" for name, item in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{element(item)}</member>" for item in value)
    return str(value).lower() if isinstance(value, bool) else _esc(str(value))
