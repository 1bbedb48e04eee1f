"""Walk a synthesized state machine with scripted answers of AWS, evaluating its own JSONata.

Knows what our workflows use of the Amazon States Language: JSONata, Assign, Retry by name, Catch and inline Map; and
that a task's result has at most 256 KiB, or ends the execution (Step Functions Developer Guide, "Step Functions service
quotas" and "Handling errors in Step Functions workflows").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jsonata

EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:machine:name"
Answer = Callable[[str, str, dict[str, Any]], Any]
"""Gives the result for a state's name, the API and its arguments. Raises TaskError."""


MOST_BYTES = 262_144
TOO_MUCH = "States.DataLimitExceeded"


class TaskError(Exception):
    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass
class Ended:
    """The end of an execution: `error` and `cause` where it failed, else `output`."""

    path: list[str]
    error: str | None = None
    cause: str | None = None
    output: Any = None


@dataclass
class Walker:
    definition: dict[str, Any]
    given: Any
    answer: Answer
    variables: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    def run(self) -> Ended:
        try:
            return Ended(self.path, output=self._states(self.definition, {}))
        except TaskError as failure:
            return Ended(self.path, failure.error, failure.cause)

    def _states(self, machine: dict[str, Any], given: Any) -> Any:
        name: str | None = machine["StartAt"]
        while name:
            self.path.append(name)
            assert len(self.path) < 200, self.path[-6:]
            given, name = getattr(self, f"_{machine['States'][name]['Type'].lower()}")(machine["States"][name], given)
        return given

    def _pass(self, state: dict, given: Any) -> tuple[Any, str | None]:
        return self._leave(state, given, None)

    def _wait(self, state: dict, given: Any) -> tuple[Any, str | None]:
        seconds = self._evaluate(state["Seconds"], given)
        assert isinstance(seconds, int)
        assert 0 < seconds <= 300
        return given, state["Next"]

    def _succeed(self, state: dict, given: Any) -> tuple[Any, None]:
        return self._evaluate(state["Output"], given) if "Output" in state else given, None

    def _fail(self, state: dict, given: Any) -> tuple[Any, None]:
        error, cause = (self._evaluate(state[key], given) for key in ("Error", "Cause"))
        assert isinstance(cause, str)
        raise TaskError(error, cause)

    def _choice(self, state: dict, given: Any) -> tuple[Any, str]:
        for rule in state["Choices"]:
            met = self._evaluate(rule["Condition"], given)
            assert isinstance(met, bool), f"{rule['Condition']} is {met!r}, which AWS refuses"
            if met:
                self._assign(rule, given)
                return given, rule["Next"]
        return given, state["Default"]

    def _task(self, state: dict, given: Any) -> tuple[Any, str | None]:
        resource, retried = state["Resource"].removeprefix("arn:aws:states:::"), [0] * len(state.get("Retry", []))
        while True:
            try:
                arguments = self._evaluate(state["Arguments"], given)
                result = self.answer(self.path[-1], resource, arguments)
                if len(json.dumps(result, ensure_ascii=False).encode()) > MOST_BYTES:
                    raise TaskError(TOO_MUCH, f"the result of {resource}")
                return self._leave(state, given, result)
            except TaskError as failure:
                if failure.error == TOO_MUCH:
                    raise
                if not _retry(state.get("Retry", []), retried, failure.error):
                    return self._caught(state, given, failure)

    def _map(self, state: dict, given: Any) -> tuple[Any, str | None]:
        items = self._evaluate(state["Items"], given)
        assert isinstance(items, list)
        try:
            results = [self._states(state["ItemProcessor"], item) for item in items]
        except TaskError as failure:
            return self._caught(state, given, failure)
        return self._leave(state, given, results)

    def _caught(self, state: dict, given: Any, failure: TaskError) -> tuple[Any, str]:
        for catcher in state.get("Catch", []):
            if {failure.error, "States.ALL", "States.TaskFailed"} & set(catcher["ErrorEquals"]):
                error = {"Error": failure.error, "Cause": failure.cause}
                self._assign(catcher, given, errorOutput=error)
                return error, catcher["Next"]
        raise failure

    def _leave(self, state: dict, given: Any, result: Any) -> tuple[Any, str | None]:
        self._assign(state, given, result=result)
        output = given if result is None else result
        if "Output" in state:
            output = self._evaluate(state["Output"], given, result=result)
        return output, state.get("Next")

    def _assign(self, holder: dict, given: Any, **more: Any) -> None:
        """All at once: no expression sees a value that its own state assigns."""
        self.variables |= self._evaluate(holder.get("Assign", {}), given, **more)

    def _evaluate(self, value: Any, given: Any, **more: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._evaluate(item, given, **more) for key, item in value.items()}
        if isinstance(value, list):
            return [self._evaluate(item, given, **more) for item in value]
        if not (isinstance(value, str) and value.startswith("{%")):
            return value
        context = {"Execution": {"Id": EXECUTION, "Input": self.given}, "State": {"RetryCount": 0}}
        expression = jsonata.Jsonata(value[2:-2].strip())
        expression.register_lambda("hash", lambda text, _: hashlib.sha256(text.encode()).hexdigest())
        expression.register_lambda("parse", json.loads)
        states = {"input": given, "context": context, **more}
        found = expression.evaluate(None, {**self.variables, "states": states})
        assert found is not None, f"{value} is undefined, on which AWS fails"
        return found


def _retry(retriers: list[dict], retried: list[int], error: str) -> bool:
    """Count a retry of the retrier that names the error, if one is left."""
    for index, retrier in enumerate(retriers):
        if {error, "States.ALL"} & set(retrier["ErrorEquals"]):
            retried[index] += 1
            return retried[index] <= retrier.get("MaxAttempts", 3)
    return False
