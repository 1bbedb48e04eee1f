"""Step Functions: the execution role is asked before an optimized integration acts, and when a state machine is made.

Sources: AWS Step Functions Developer Guide, "How Step Functions generates IAM policies for integrated services",
"Using CloudWatch Logs to log execution history", "Trace Step Functions request data in AWS X-Ray".
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from sandbox.host import CannotAssume, Credentials, NotAuthorized, Permission
from sandbox.seams.iam import gate
from sandbox.seams.iam.state_machine_roles import of_logging, of_managed_rules, of_tracing
from sandbox.seams.iam.task_permissions import ERRORS, permissions_of

NAMES = {
    "ministack.services.stepfunctions": "_invoke_resource _invoke_with_callback _create_state_machine "
    "_update_state_machine _state_machines _ExecutionError",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _sfn_definition",
}
OVERRIDES = {
    "Step Functions: roles of executions": "optimized integrations run only if the execution role allows their action; "
    "ministack runs them without regard to it",
    "Step Functions: roles of state machines": "making a state machine demands of its role what AWS uses in its name: "
    "managed rules of .sync tasks, and log delivery",
}
_TYPE = "AWS::StepFunctions::StateMachine"
Assume = Callable[[str, str, str, str], Credentials]
_logger = logging.getLogger(__name__)


def install(assume: Assume, role_of_execution: Callable[[], Credentials | None]) -> None:
    _authorize_tasks(role_of_execution)
    _authorize_machines(assume)


def _authorize_tasks(role_of_execution: Callable[[], Credentials | None]) -> None:
    invoke, with_callback = stepfunctions._invoke_resource, stepfunctions._invoke_with_callback

    def authorize(resource: str, arguments: Any) -> None:
        credentials = role_of_execution()
        if credentials is None:
            return
        service, permissions = permissions_of(resource, arguments)
        try:
            gate.demand(credentials.access_key_id, permissions)
        except NotAuthorized as refusal:
            name, shown = ERRORS[service]
            cause = (
                f"{refusal} (Service: {shown}; Status Code: 400; Error Code: AccessDeniedException; "
                f"Request ID: {uuid.uuid4()}; Proxy: null)"
            )
            raise stepfunctions._ExecutionError(name, cause) from refusal

    def invoke_resource(resource: str, arguments: Any) -> Any:
        authorize(resource, arguments)
        return invoke(resource, arguments)

    def invoke_with_callback(resource: str, arguments: Any, token: str, state: dict) -> Any:
        authorize(resource, arguments)
        return with_callback(resource, arguments, token, state)

    stepfunctions._invoke_resource = invoke_resource
    stepfunctions._invoke_with_callback = invoke_with_callback


def _authorize_machines(assume: Assume) -> None:
    """By API a refusal is a response; in a stack it fails the resource."""
    create, update = stepfunctions._create_state_machine, stepfunctions._update_state_machine
    handler = provisioners._RESOURCE_HANDLERS[_TYPE]
    create_resource = handler["create"]

    def create_state_machine(data: dict) -> tuple:
        return _refused(data, assume) or create(data)

    def update_state_machine(data: dict) -> tuple:
        known = stepfunctions._state_machines.get(data.get("stateMachineArn", ""), {})
        return _refused({**known, **data}, assume) or update(data)

    def create_by_template(logical_id: str, properties: dict, stack_name: str) -> tuple:
        described = {
            "roleArn": properties.get("RoleArn", ""),
            "definition": provisioners._sfn_definition(properties),
            "loggingConfiguration": {
                "level": properties.get("LoggingConfiguration", {}).get("Level", "OFF"),
            },
            "tracingConfiguration": {"enabled": properties.get("TracingConfiguration", {}).get("Enabled", False)},
        }
        _demand(described, assume)
        return create_resource(logical_id, properties, stack_name)

    stepfunctions._create_state_machine = create_state_machine
    stepfunctions._update_state_machine = update_state_machine
    handler["create"] = create_by_template


def _refused(data: dict, assume: Assume) -> tuple | None:
    try:
        _demand(data, assume)
    except NotAuthorized as refusal:
        return error_response_json("AccessDeniedException", str(refusal), 400)
    return None


def _demand(machine: dict, assume: Assume) -> None:
    """Raises ``NotAuthorized`` in AWS's words. A role that does not exist or trust is reported when it is used."""
    role = machine.get("roleArn", "")
    try:
        credentials = assume(role, "state-machine", "states.amazonaws.com", "states.amazonaws.com on its creation")
    except (CannotAssume, IndexError):
        return
    key = credentials.access_key_id
    _refuse(f"'{role}' is not authorized to create managed-rule.", key, of_managed_rules(_definition(machine)))
    log = machine.get("loggingConfiguration") or {}
    if log.get("level", "OFF") != "OFF":
        sentence = "The state machine IAM Role is not authorized to access the Log Destination"
        _refuse(sentence, key, of_logging())
    if (machine.get("tracingConfiguration") or {}).get("enabled"):
        try:
            gate.demand(key, of_tracing())
        except NotAuthorized as refusal:  # AWS runs the machine, without traces
            _logger.warning("no traces of its executions: %s", refusal)


def _refuse(sentence: str, key: str, permissions: Iterator[Permission]) -> None:
    try:
        gate.demand(key, permissions)
    except NotAuthorized as refusal:
        raise NotAuthorized(f"{sentence} {refusal}") from refusal


def _definition(machine: dict) -> dict:
    try:
        return json.loads(machine.get("definition") or "{}")
    except ValueError:
        return {}
