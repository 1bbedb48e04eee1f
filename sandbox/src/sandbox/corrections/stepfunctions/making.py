"""State machines that are not made: names and definitions that AWS refuses.

AWS Step Functions API Reference, "CreateStateMachine", "UpdateStateMachine", "ValidateStateMachineDefinition"; the
sentences: snapshots of localstack/localstack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from sandbox.corrections.definitions.check import diagnostics
from sandbox.corrections.definitions.diagnostics import ERROR, Diagnostic
from sandbox.corrections.definitions.offered import integrations
from sandbox.corrections.stepfunctions.executions import replace
from sandbox.corrections.stepfunctions.machines import check_machines
from sandbox.corrections.stepfunctions.starting import refused_name

NAMES = {
    "ministack.services.stepfunctions": "_create_activity _state_machines _update_state_machine "
    "_validate_state_machine_definition",
}
OVERRIDES = {
    "Step Functions: definitions": "a definition is checked whole when a state machine is made or changed, and by "
    "ValidateStateMachineDefinition; ministack looks at its JSONata only, and validates everything as OK",
}
_CHANGES = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
    "publish",
)


def install() -> None:
    """Refuse what AWS refuses, and validate truthfully."""
    check_machines(lambda machine: refused_name(machine) or _refused_definition(machine) or _refused_role(machine))
    replace("_update_state_machine", _update)
    replace("_create_activity", lambda create, data: refused_name(data) or create(data))
    replace("_validate_state_machine_definition", lambda _, data: _validated(data))


def _diagnostics(machine: dict[str, Any]) -> list[Diagnostic]:
    return diagnostics(machine.get("definition", ""), machine.get("type", "STANDARD"), integrations())


def _refused_definition(machine: dict[str, Any]) -> tuple | None:
    errors = [str(each) for each in _diagnostics(machine) if each.severity == ERROR]
    if not errors:
        return None
    return error_response_json("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(errors)}'", 400)


def _refused_role(machine: dict[str, Any]) -> tuple | None:
    role = machine.get("roleArn", "")
    if role.startswith("arn:"):
        return None
    return error_response_json("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {role}'", 400)


def _update(update: Callable, data: dict) -> tuple:
    if data.get("stateMachineArn") in stepfunctions._state_machines and not any(name in data for name in _CHANGES):
        listed = "the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration"
        return error_response_json("MissingRequiredParameter", f"Either {listed} must be specified", 400)
    return update(data)


def _validated(data: dict[str, Any]) -> tuple:
    least, most = data.get("severity", ERROR), data.get("maxResults") or 100
    found = [each for each in _diagnostics(data) if least != ERROR or each.severity == ERROR]
    shown = [
        {"severity": each.severity, "code": each.code, "message": each.message}
        | ({"location": each.location} if each.location else {})
        for each in found[:most]
    ]
    result = "FAIL" if any(each.severity == ERROR for each in found) else "OK"
    return json_response({"result": result, "diagnostics": shown, "truncated": len(found) > most})
