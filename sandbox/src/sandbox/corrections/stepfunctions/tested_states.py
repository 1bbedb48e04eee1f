"""TestState: the variables of the state that it runs.

AWS Step Functions API Reference, "TestState".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json

from sandbox.corrections.stepfunctions.executions import replace

NAMES = {"ministack.services.stepfunctions": "_test_state"}
OVERRIDES = {"Step Functions: TestState": "its variables are those of the state; ministack runs it without"}


def install() -> None:
    """Run a tested state with its variables."""
    replace("_test_state", _tested)


def _tested(test: Callable, data: dict[str, Any]) -> tuple:
    if "variables" not in data:
        return test(data)
    try:
        variables, context = json.loads(data["variables"]), json.loads(data.get("context") or "{}")
    except ValueError:
        variables = context = None
    if not (isinstance(variables, dict) and isinstance(context, dict)):
        return error_response_json("ValidationException", "variables and context have to be JSON objects", 400)
    return test({**data, "context": json.dumps({**context, "variables": variables})})
