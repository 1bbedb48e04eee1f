"""The error of a function that fails: its own type, which workflows catch and retry by name.

Sources: Lambda Developer Guide, "Using Step Functions" (handling errors) and "Handling errors" of Python and Node.js
functions; Step Functions Developer Guide, "Handling error conditions in a Step Functions state machine".
"""

from __future__ import annotations

import json
from contextlib import suppress

from ministack.services import lambda_svc

from sandbox.corrections.functions import workers

NAMES = {
    "ministack.services.lambda_svc": "_execute_function_warm",
}
OVERRIDES = {
    "Lambda: errors of functions": "ministack calls every error Runtime.HandlerError; it has the name of its class, so "
    "that a workflow's Retry and Catch find it",
}

_UNNAMED = "Runtime.HandlerError"
_PYTHON = {
    '"error": str(e), "trace"': '"error": json.dumps({"errorMessage": str(e), "errorType": type(e).__name__, '
    '"stackTrace": traceback.format_tb(e.__traceback__)[1:]}), "trace"',
}
_NODE = {
    "error: String(err.message || err), trace": "error: JSON.stringify({errorType: err.name || typeof err, "
    'errorMessage: String(err.message || err), trace: String(err.stack || "").split("\\n")}), trace',
    "error: e.message, trace": "error: JSON.stringify({errorType: e.name || typeof e, "
    'errorMessage: String(e.message || e), trace: String(e.stack || "").split("\\n")}), trace',
}


def name_by_class() -> None:
    """Answer with the class of a function's error, and where it was raised."""
    workers.change_python(_PYTHON)
    workers.change_node(_NODE)
    former = lambda_svc._execute_function_warm

    def execute(func: dict, event: dict, request_id: str) -> dict:
        result = former(func, event, request_id)
        body = result.get("body")
        if result.get("error") and body.get("errorType") == _UNNAMED:
            with suppress(ValueError):  # the worker's own sentence, such as a handler that is missing
                result["body"] = {**json.loads(body["errorMessage"]), "requestId": request_id}
        return result

    lambda_svc._execute_function_warm = execute
