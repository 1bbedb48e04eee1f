"""Executions that do not start: names, inputs, and names that are taken.

AWS Step Functions API Reference, "StartExecution", "StartSyncExecution"; the sentences: snapshots of
localstack/localstack.
"""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import stepfunctions

from sandbox.corrections.definitions.json_text import NotJson, parse
from sandbox.corrections.stepfunctions.executions import replace

NAMES = {
    "ministack.services.stepfunctions": "_executions _resolve_state_machine_arn _start_execution "
    "_start_sync_execution _state_machines",
}
OVERRIDES = {
    "`_start_execution`, `_start_sync_execution`": "the input must be JSON of at most 262,144 bytes; a running "
    "execution of the same name and input is the same execution, and a name is free again 90 days after its end; "
    "ministack looks at the name only",
}
MOST_INPUT = 262_144
_NO_NAME = re.compile(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]""")
_KEPT = 90 * 24 * 3600


def install() -> None:
    """Look at a request before an execution starts."""
    replace("_start_execution", lambda start, data: _refused(data) or _known(data) or start(data))
    replace("_start_sync_execution", lambda start, data: _refused(data) or start(data))


def refused_name(data: dict[str, Any]) -> tuple | None:
    """The response for a name that no state machine, execution or activity may have."""
    if _NO_NAME.search(data.get("name", "")):
        return error_response_json("InvalidName", f"Invalid Name: '{data['name']}'", 400)
    return None


def refused_synchronously(data: dict[str, Any]) -> tuple | None:
    """The response for a state machine that no request may run synchronously."""
    machine = stepfunctions._state_machines.get(data["stateMachineArn"])
    if machine is None or machine["type"] == "EXPRESS":
        return None
    message = "This operation is not supported by this type of state machine"
    return error_response_json("StateMachineTypeNotSupported", message, 400)


def _refused(data: dict[str, Any]) -> tuple | None:
    return refused_name(data) or _refused_input(data.get("input", "{}"))


def _refused_input(given: str) -> tuple | None:
    if (size := len(given.encode())) > MOST_INPUT:
        message = f"Value at 'input' failed to satisfy constraint: it has {size} bytes, at most {MOST_INPUT}"
        return error_response_json("ValidationException", message, 400)
    try:
        parse(given)
    except NotJson as fault:
        reason = str(fault) if given.strip() else "Invalid execution input."
        message = f"Invalid State Machine Execution Input: '{reason}'"
        return error_response_json("InvalidExecutionInput", message, 400)
    return None


def _known(data: dict[str, Any]) -> tuple | None:
    """The answer for a name that an execution of the last 90 days has."""
    machine = stepfunctions._resolve_state_machine_arn(data["stateMachineArn"])
    if machine is None or not data.get("name"):
        return None
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine.rpartition(':')[2]}:{data['name']}"
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return None
    if execution["status"] == "RUNNING" and execution["input"] == data.get("input", "{}"):
        return json_response({"executionArn": arn, "startDate": execution["startDate"]})
    if execution["stopDate"] and time.time() - datetime.fromisoformat(execution["stopDate"]).timestamp() > _KEPT:
        del stepfunctions._executions[arn]
        return None
    return error_response_json("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'", 400)
