"""The syntax of paths and intrinsic functions in a definition, as its execution understands it.

AWS Step Functions Developer Guide, "Using JSONPath paths", "Intrinsic functions for JSONPath states in Step Functions";
Amazon States Language specification, "Reference Paths".
"""

from __future__ import annotations

from sandbox.corrections import intrinsic_calls, workflow_paths

UNRESOLVED = "unresolved0value"
"""The text in a definition for a value that only a deploy knows."""


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
    return is_path(text) or intrinsic_calls.fault(text) is None
