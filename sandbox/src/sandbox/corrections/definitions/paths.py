"""Paths and calls of intrinsic functions as values of fields, judged without data.

AWS Step Functions Developer Guide, "Using JSONPath paths", "Intrinsic functions for JSONPath states in Step Functions".
"""

from __future__ import annotations

import re

from sandbox.corrections import intrinsic_calls, workflow_paths

UNRESOLVED = "unresolved0value"
"""The text in a definition for a value that only a deploy knows."""
_ESCAPE = re.compile(r"\\([^'{}\\])")


def is_path(text: str) -> bool:
    return UNRESOLVED in text or workflow_paths.fault(text) is None


def is_single(text: str) -> bool:
    """True for a path to one value, also of the context object or a variable."""
    return UNRESOLVED in text or workflow_paths.fault(text, reference=True) is None


def is_reference_path(text: str) -> bool:
    """True for a path to one value of the state's own data."""
    return is_single(text) and (text == "$" or text.startswith(("$.", "$[")))


def is_template_value(text: str) -> bool:
    """True for the value of a name that ends in ``.$``."""
    return is_path(text) or _is_call(text)


def _is_call(text: str) -> bool:
    try:
        call = intrinsic_calls.parse(text)
    except ValueError:
        return False
    return _is_escaped_right(call)


def _is_escaped_right(part: intrinsic_calls.Call | intrinsic_calls.Literal | intrinsic_calls.Path) -> bool:
    """False for a text with an escape besides those of quote, braces and backslash."""
    if isinstance(part, intrinsic_calls.Call):
        return all(_is_escaped_right(each) for each in part.arguments)
    is_text = isinstance(part, intrinsic_calls.Literal) and isinstance(part.value, str)
    return not is_text or _ESCAPE.search(re.sub(r"\\\\", "", part.value)) is None
