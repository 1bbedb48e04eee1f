"""Retry and Catch of a Task, Parallel or Map state.

AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows": States.ALL and States.TaskFailed do
not match States.Runtime; a missed heartbeat matches States.HeartbeatTimeout and States.Timeout, and is reported as the
latter (localstack, `test_heartbeats.snapshot.json`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter.failures import HEARTBEAT, RUNTIME, TIMEOUT
from sandbox.corrections.stepfunctions.interpreter.flow import Flow

NAMES = {
    "ministack.services.stepfunctions": "_ExecutionError _error_matches _find_matching_retrier _find_matching_catcher "
    "_scaled_sleep",
}
OVERRIDES = {
    "`_error_matches`": "nothing matches States.Runtime; HeartbeatSeconds",
    "Step Functions: Retry": "`MaxDelaySeconds` and `JitterStrategy`; ministack drops them",
}


def run(
    state: dict[str, Any],
    flow: Flow,
    context: dict[str, Any],
    attempt: Callable[[], tuple],
    given_up: Callable[[Exception], None] = lambda _: None,
) -> tuple[Any, str | None]:
    """Attempt until success or until no retrier is left; then catch. Returns the output and the next state."""
    used: dict[int, int] = {}
    while True:
        context["State"] = {**context["State"], "RetryCount": sum(used.values())}
        try:
            return attempt()
        except stepfunctions._ExecutionError as error:
            failure = error
        retrier, index = stepfunctions._find_matching_retrier(state.get("Retry", []), failure.error, used)
        if retrier is None:
            break
        stepfunctions._scaled_sleep(_delay(retrier, used.get(index, 0)))
        used[index] = used.get(index, 0) + 1
    given_up(failure)
    catcher = stepfunctions._find_matching_catcher(state.get("Catch", []), failure.error)
    if failure.error == HEARTBEAT:
        failure = stepfunctions._ExecutionError(TIMEOUT, failure.cause)
    if catcher is None:
        raise failure
    output = flow.catch(catcher, {"Error": failure.error or "", "Cause": failure.cause or ""})
    return output, catcher["Next"]


def _delay(retrier: dict[str, Any], before: int) -> float:
    seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** before
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def error_matches(matches: Callable[[list[str], str], bool]) -> Callable[[list[str], str], bool]:
    """Match as ministack does, with what AWS excepts."""

    def error_matches(patterns: list[str], error: str) -> bool:
        if error == HEARTBEAT:
            return bool({HEARTBEAT, TIMEOUT, "States.ALL"} & set(patterns))
        return error != RUNTIME and matches(patterns, error)

    return error_matches
