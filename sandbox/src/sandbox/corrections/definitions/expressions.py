"""JSONata expressions: their syntax, and the parts of JSONata that Step Functions leaves out.

AWS Step Functions Developer Guide, "Transforming data with JSONata in Step Functions"; the codes and sentences were
measured by the tests of floci-io/floci (StepFunctionsValidateStateMachineDefinitionIntegrationTest).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import jsonata

from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.paths import UNRESOLVED

_CATCHER = re.compile(r"/Catch\[\d+\]/(Output|Assign)")
_NO_PARTS = frozenset({"_outer_instance", "ancestor"})
_IN_CONTEXT = frozenset({"predicate", "stages", "group"})
"""The parts of a node that are evaluated on each of its own values."""
_ROOT = "$"
"""The name of ``$$`` in a parsed expression."""


def is_expression(text: str) -> bool:
    return text.startswith("{%") and text.endswith("%}") and len(text) >= 4


def expression_faults(place: Place, text: str) -> Iterator[Diagnostic]:
    """Errors in one expression, with its ``{%`` and ``%}``."""
    if UNRESOLVED in text:
        return
    parsed, wrong = _parsed(text[2:-2].strip())
    if wrong:
        yield place.fault(wrong, "INVALID_JSONATA_EXPRESSION")
        return
    for message in dict.fromkeys(_unsupported(parsed, place)):
        yield place.fault(message, "UNSUPPORTED_JSONATA_EXPRESSION")


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> tuple[Any, str]:
    try:
        return jsonata.Jsonata.jsonata(text).ast, ""
    except jsonata.JException as fault:
        return None, str(fault)


def _unsupported(node: Any, place: Place) -> Iterator[str]:
    for name in _outermost(node):
        yield f"Reference to '{name}' at the top level is not supported."
    for each in _nodes(node):
        if each.type == "variable" and each.value == _ROOT:
            yield "Reference to '$$' is not supported."
        elif each.type == "path" and _reads_error(each.steps) and not _CATCHER.search(place.steps):
            yield "Field '$states.errorOutput' does not exist."


def _reads_error(steps: list[Any]) -> bool:
    return [(step.type, step.value) for step in steps[:2]] == [("variable", "states"), ("name", "errorOutput")]


def _outermost(node: Any) -> Iterator[str]:
    """Names read of an outermost context, which Step Functions does not have."""
    if node.type == "path":
        first = node.steps[0]
        if first.type == "name":
            yield first.value
        else:
            yield from _outermost(first)
    elif node.type != "transform":
        for child in _children(node, _IN_CONTEXT):
            yield from _outermost(child)


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _children(value: Any, without: frozenset[str] = frozenset()) -> Iterator[Any]:
    """The nodes directly below a node of jsonata-python's tree."""
    for name, item in vars(value).items():
        if name not in _NO_PARTS | without:
            yield from _below(item)


def _below(item: Any) -> Iterator[Any]:
    if isinstance(item, list | tuple):
        for each in item:
            yield from _below(each)
    elif hasattr(item, "type") and hasattr(item, "value") and hasattr(item, "steps"):
        yield item
