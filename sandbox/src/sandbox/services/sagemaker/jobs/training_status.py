"""The secondary statuses of a training job and their messages.

Source: SageMaker API Reference, "SecondaryStatusTransition"; AWS, "Managed Spot Training Lifecycle". AWS does not
document the messages beyond Starting and Training, and reserves their change: no program may depend on them.
"""

from __future__ import annotations

from typing import Any

from sandbox.frame.clock import now
from sandbox.services.sagemaker.jobs.execution import INTERRUPTED, MAX_RUNTIME, MAX_WAIT, REQUESTED

_MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    INTERRUPTED: "The managed spot training instances were interrupted",
    REQUESTED: "Training job stopped",
    MAX_RUNTIME: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    MAX_WAIT: "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}
_LAST = frozenset({"Completed", "Failed", REQUESTED, MAX_RUNTIME, MAX_WAIT})


def enter(description: dict[str, Any], secondary: str) -> None:
    """Write the next secondary status and its transition into a description."""
    moment = now()
    transitions = description.setdefault("SecondaryStatusTransitions", [])
    if transitions:
        transitions[-1]["EndTime"] = moment
    transitions.append({"Status": secondary, "StartTime": moment, "StatusMessage": _MESSAGES[secondary]})
    if secondary in _LAST:
        transitions[-1]["EndTime"] = moment
    description |= {"SecondaryStatus": secondary, "LastModifiedTime": moment}
