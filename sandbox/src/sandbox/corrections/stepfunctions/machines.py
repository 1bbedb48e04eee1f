"""Checks of state machines, made and changed by API and by template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.resource_checks import check_declaration

NAMES = {
    "ministack.services.stepfunctions": "_create_state_machine _update_state_machine _state_machines",
    "ministack.services.cloudformation.provisioners": "_pascal_to_camel _sfn_definition _sfn_service_error",
}
OVERRIDES = {
    "`_create_state_machine`, `_update_state_machine`, AWS::StepFunctions::StateMachine": "a state machine that AWS "
    "refuses is refused before anything is written, in a stack with the service's sentence"
}
TYPE = "AWS::StepFunctions::StateMachine"

Check = Callable[[dict[str, Any]], tuple | None]
"""The request of CreateStateMachine, or the machine as an update leaves it -> the response that refuses it."""


def check_machines(check: Check) -> None:
    """Run the check before each state machine is made or changed."""
    create, update = stepfunctions._create_state_machine, stepfunctions._update_state_machine

    def update_state_machine(data: dict) -> tuple:
        known = stepfunctions._state_machines.get(data.get("stateMachineArn", ""))
        return (known is not None and check({**known, **data})) or update(data)

    def check_properties(properties: dict) -> None:
        if refusal := check(_request(properties)):
            raise provisioners._sfn_service_error(refusal)

    stepfunctions._create_state_machine = lambda data: check(data) or create(data)
    stepfunctions._update_state_machine = update_state_machine
    check_declaration(TYPE, check_properties)


def _request(properties: dict) -> dict[str, Any]:
    """The properties of a template's machine as the request of CreateStateMachine."""
    return {
        "name": properties.get("StateMachineName", "named-by-cloudformation"),
        "roleArn": properties.get("RoleArn", ""),
        "type": properties.get("StateMachineType", "STANDARD"),
        "definition": provisioners._sfn_definition(properties),
        "loggingConfiguration": provisioners._pascal_to_camel(properties.get("LoggingConfiguration", {})),
        "tracingConfiguration": provisioners._pascal_to_camel(properties.get("TracingConfiguration", {})),
    }
