"""Checks of the execution role: before an optimized integration, and when a state machine is created.

Sources: AWS Step Functions Developer Guide, "How Step Functions generates IAM policies for integrated services",
"Using CloudWatch Logs to log execution history", "Trace Step Functions request data in AWS X-Ray".
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import stepfunctions

from sandbox.corrections.iam.gate import Gate
from sandbox.corrections.iam.state_machine_roles import of_logging, of_managed_rules, of_tracing
from sandbox.corrections.iam.targets import Assume
from sandbox.corrections.iam.task_permissions import ERRORS, permissions_of
from sandbox.corrections.stepfunctions import check_machines
from sandbox.frame.permissions import CannotAssume, Credentials, NotAuthorized, Permission

NAMES = {
    "ministack.services.stepfunctions": "_invoke_resource _ExecutionError",
}
OVERRIDES = {
    "Step Functions: roles of executions": "optimized integrations run only if the execution role allows their action; "
    "ministack runs them without a check",
    "Step Functions: roles of state machines": "creating or changing a state machine requires that its role trusts the "
    "service, and its permissions for managed rules of .sync tasks, and log delivery",
}
_UNTRUSTED = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
    "provided role."
)
_logger = logging.getLogger(__name__)


def install(gate: Gate, assume: Assume, role_of_execution: Callable[[], Credentials | None]) -> None:
    _authorize_tasks(gate, role_of_execution)
    roles = MachineRoles(gate, assume)
    check_machines(lambda machine: _refused(roles, machine))


def _authorize_tasks(gate: Gate, role_of_execution: Callable[[], Credentials | None]) -> None:
    invoke = stepfunctions._invoke_resource

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

    stepfunctions._invoke_resource = invoke_resource


def _refused(roles: MachineRoles, machine: dict) -> tuple | None:
    try:
        roles.require(machine)
    except NotAuthorized as refusal:
        return error_response_json("AccessDeniedException", str(refusal), 400)
    return None


class MachineRoles:
    """The permissions required of a state machine's role at creation."""

    def __init__(self, gate: Gate, assume: Assume) -> None:
        self._gate = gate
        self._assume = assume

    def require(self, machine: dict) -> None:
        """Raise ``NotAuthorized`` in AWS's words."""
        role = machine.get("roleArn", "")
        try:
            arn = f"arn:aws:states:{get_region()}:{get_account_id()}:stateMachine:{machine.get('name')}"
            made = self._assume(role, "state-machine", "states.amazonaws.com", arn)
        except CannotAssume as refusal:
            raise NotAuthorized(_UNTRUSTED) from refusal
        except IndexError:
            return  # no ARN of a role, which ministack says
        key = made.access_key_id
        sentence = f"'{role}' is not authorized to create managed-rule."
        self._require(sentence, key, of_managed_rules(_definition(machine)))
        if (machine.get("loggingConfiguration") or {}).get("level", "OFF") != "OFF":
            sentence = "The state machine IAM Role is not authorized to access the Log Destination."
            self._require(sentence, key, of_logging())
        if (machine.get("tracingConfiguration") or {}).get("enabled"):
            try:
                self._gate.demand(key, of_tracing())
            except NotAuthorized as refusal:  # AWS runs the machine, without traces
                _logger.warning("there will be no traces of %s: %s", machine.get("name"), refusal)

    def _require(self, sentence: str, key: str, permissions: Iterator[Permission]) -> None:
        try:
            self._gate.demand(key, permissions)
        except NotAuthorized as refusal:
            raise NotAuthorized(f"{sentence} {refusal}") from refusal


def _definition(machine: dict) -> dict:
    try:
        return json.loads(machine.get("definition") or "{}")
    except ValueError:
        return {}
