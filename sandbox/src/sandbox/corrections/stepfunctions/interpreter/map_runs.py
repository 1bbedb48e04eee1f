"""The Map Run of a Distributed Map: child executions, failures that are tolerated, and where results go.

AWS Step Functions Developer Guide, "Using Map state in Distributed mode", "Setting failure thresholds for Distributed
Map states", "ItemBatcher (Map)", "ResultWriter (Map)".
"""

from __future__ import annotations

import contextvars
import json
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from ministack.core.responses import new_uuid, now_iso
from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions import executions, history
from sandbox.corrections.stepfunctions.interpreter import items, result_writer
from sandbox.corrections.stepfunctions.interpreter.failures import failure
from sandbox.corrections.stepfunctions.interpreter.flow import Flow

NAMES = {
    "ministack.services.stepfunctions": "_run_distributed_map _map_runs _executions _run_sub_machine _ExecutionError",
}
OVERRIDES = {
    "`_run_distributed_map`": "JSONata's Items, ItemSelector and reader; ItemBatcher and ResultWriter, which ministack "
    "drops; the reader and the writer act with the execution's role, where ministack reads by itself",
}
_COUNTS = (
    *("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten"),
    *("failuresNotRedrivable", "pendingRedrive"),
)
_MOST_AT_ONCE = 64


class MapRun:
    """One Map Run."""

    def __init__(self, state: dict, processor: dict, flow: Flow, execution: dict, context: dict) -> None:
        self._state = state
        self._processor = processor
        self._flow = flow
        self._execution = execution
        self._context = context
        self._lock = threading.Lock()
        *_, region, account, _, machine = execution["stateMachineArn"].split(":")
        self._label = f"{machine}/{state.get('Label') or new_uuid()}"
        self._prefix = f"arn:aws:states:{region}:{account}"
        self.arn = f"{self._prefix}:mapRun:{self._label}:{new_uuid()}"
        self._at_once = flow.field("MaxConcurrency", "integer") or 0
        self._tolerated_count = flow.field("ToleratedFailureCount", "integer")
        self._tolerated_percentage = flow.field("ToleratedFailurePercentage", "number")
        if (self._tolerated_count or 0) < 0:
            raise failure("ToleratedFailureCount cannot be negative.")
        if not 0 <= (self._tolerated_percentage or 0) <= 100:
            raise failure("ToleratedFailurePercentage must be between 0 and 100.")

    def run(self, given: list[Any] | dict[str, Any] | None) -> Any:
        """Run a child execution for each item or batch; without items those of the reader. Returns the result."""
        history.write(self._execution, "MapRunStarted", {"mapRunArn": self.arn})
        record = stepfunctions._map_runs[self.arn] = self._record()
        try:
            inputs = items.inputs(self._state, self._flow, self._context, given)
            for counts in (record["itemCounts"], record["executionCounts"]):
                counts["total"] = counts["pending"] = len(inputs)
            children = self._children(inputs, record)
            self._judge(children)
            result = result_writer.written(self._state, self._flow, self._context, self.arn, children)
        except stepfunctions._ExecutionError as error:
            aborted = error.error == history.STOPPED
            record.update(status="ABORTED" if aborted else "FAILED", stopDate=now_iso())
            history.write(self._execution, f"MapRun{record['status'].title()}", {} if aborted else history.error(error))
            raise
        for counts in (record["itemCounts"], record["executionCounts"]):
            counts["resultsWritten"] = len(children)
        record.update(status="SUCCEEDED", stopDate=now_iso())
        history.write(self._execution, "MapRunSucceeded")
        return result

    def _record(self) -> dict[str, Any]:
        return {
            "mapRunArn": self.arn,
            "executionArn": self._execution["executionArn"],
            "status": "RUNNING",
            "startDate": now_iso(),
            "maxConcurrency": self._at_once,
            "toleratedFailurePercentage": float(self._tolerated_percentage or 0),
            "toleratedFailureCount": self._tolerated_count or 0,
            "itemCounts": dict.fromkeys(_COUNTS, 0),
            "executionCounts": dict.fromkeys(_COUNTS, 0),
            "redriveCount": 0,
            "_stateMachineArn": f"{self._prefix}:stateMachine:{self._label}",
        }

    def _children(self, inputs: list[tuple[Any, dict]], record: dict) -> list[dict]:
        with ThreadPoolExecutor(max_workers=self._at_once or min(len(inputs), _MOST_AT_ONCE) or 1) as pool:
            futures = [
                pool.submit(contextvars.copy_context().run, self._child, given, own, record) for given, own in inputs
            ]
            wait(futures)
        executions.go_on()
        return [future.result() for future in futures]

    def _child(self, given: Any, context: dict, record: dict) -> dict:
        name, text = new_uuid(), json.dumps(given)
        child = {
            "executionArn": f"{self._prefix}:execution:{self._label}:{name}",
            "stateMachineArn": record["_stateMachineArn"],
            "name": name,
            "status": "RUNNING",
            "startDate": now_iso(),
            "stopDate": None,
            "input": text,
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": self.arn,
            "events": [],
        }
        stepfunctions._executions[child["executionArn"]] = child
        self._count(record, "pending", "running")
        history.begin(child, context["Execution"]["RoleArn"])
        try:
            executions.go_on()
            states, first = self._processor["States"], self._processor["StartAt"]
            output = json.dumps(stepfunctions._run_sub_machine(states, first, given, child, context))
        except stepfunctions._ExecutionError as error:
            status = "ABORTED" if error.error == history.STOPPED else "FAILED"
            self._end(child, status, history.error(error))
            child.update(history.error(error))
        else:
            child["output"] = output
            self._end(child, "SUCCEEDED", {"output": output, "outputDetails": {"truncated": False}})
        self._count(record, "running", child["status"].lower())
        return child

    def _end(self, child: dict, status: str, details: dict) -> None:
        history.write(child, f"Execution{status.title()}", details)
        child.update(status=status, stopDate=now_iso())

    def _count(self, record: dict, before: str, after: str) -> None:
        with self._lock:
            for counts in (record["itemCounts"], record["executionCounts"]):
                counts[before] -= 1
                counts[after] += 1

    def _judge(self, children: list[dict]) -> None:
        failed = sum(child["status"] != "SUCCEEDED" for child in children)
        limits = []
        if self._tolerated_count is not None:
            limits.append(failed > self._tolerated_count)
        if self._tolerated_percentage is not None:
            limits.append(failed * 100 > self._tolerated_percentage * len(children))
        if failed and (any(limits) or not limits):
            raise stepfunctions._ExecutionError(
                "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
            )
