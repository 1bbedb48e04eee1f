"""JSONata of states: expressions in templates, their errors in AWS's words, and Assign.

AWS Step Functions Developer Guide, "Transforming data with JSONata in Step Functions", "Passing data between states
with variables". ministack and its library evaluate; the words are recorded in localstack's snapshots.
"""

from __future__ import annotations

import json
from typing import Any

import jsonata
from ministack.services import stepfunctions

from sandbox.corrections import workflow_paths
from sandbox.corrections.stepfunctions.interpreter.failures import EvaluationFailed

NAMES = {
    "ministack.services.stepfunctions": "_register_sfn_jsonata_functions _jsonata_result_defined _json_type "
    "_apply_state_assign",
}
OVERRIDES = {
    "Step Functions: JSONata": "errors name expression and field, `$states.context` is AWS's, and a branch's or an "
    "iteration's variables stay in it; ministack shares them",
}
# Ends an endless recursion. Long enough for an expression of milliseconds on a machine with twenty jobs beside it.
_MOST_MILLISECONDS = 30_000


def filled(template: Any, field: str, given: Any, context: dict, **known: Any) -> Any:
    """A template with its `{% %}` expressions evaluated; `known` is `result` or `errorOutput`, where there is one."""
    match template:
        case dict():
            return {name: filled(value, f"{field}/{name}", given, context, **known) for name, value in template.items()}
        case list():
            return [filled(item, f"{field}[{n}]", given, context, **known) for n, item in enumerate(template)]
        case str() if template.startswith("{%") and template.endswith("%}"):
            return _evaluated(template[2:-2].strip(), field, given, context, known)
    return template


def typed(template: Any, kind: str, field: str, given: Any, context: dict) -> Any:
    """A field's value, which must be of one JSON type."""
    value = filled(template, field, given, context)
    if stepfunctions._json_type(value) != kind:
        shown = template[2:-2].strip() if isinstance(template, str) else json.dumps(template)
        raise EvaluationFailed(
            f"The JSONata expression '{shown}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{kind}', but was '{stepfunctions._json_type(value)}' for value: {_shown(value)}",
            field,
        )
    return value


def assign(holder: dict, given: Any, context: dict, **known: Any) -> None:
    """Evaluate a state's, a rule's or a catcher's Assign. Its variables count from the next state on."""
    assigned = filled(holder.get("Assign", {}), "Assign", given, context, **known)
    context.setdefault("assigned", {}).update(assigned)


def _evaluated(expression: str, field: str, given: Any, context: dict, known: dict[str, Any]) -> Any:
    null = jsonata.utils.Utils.NULL_VALUE  # the library reads None as undefined
    bindings = {name: null if value is None else value for name, value in context.get("variables", {}).items()}
    bindings["states"] = {"input": given, "context": workflow_paths.context_object(context), **known}
    named = f"The JSONata expression '{expression}' specified for the field '{field}'"
    try:
        compiled = jsonata.Jsonata.jsonata(expression, timeout=_MOST_MILLISECONDS)
        stepfunctions._register_sfn_jsonata_functions(compiled)
        value = compiled.evaluate(None, bindings)
    except Exception as error:
        code = getattr(error, "error", None)
        cause = f"{code}: {error}" if isinstance(code, str) and code else str(error)
        raise EvaluationFailed(f"{named} threw an error during evaluation. {cause}", field) from error
    if value is None and not stepfunctions._jsonata_result_defined(expression, bindings):
        raise EvaluationFailed(f"{named} returned nothing (undefined).", field)
    try:
        return json.loads(json.dumps(value))  # the library's lists are of a class of its own
    except TypeError as error:
        raise EvaluationFailed(f"{named} returned an unsupported result type.", field) from error


def _shown(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
