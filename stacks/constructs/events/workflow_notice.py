"""The notice of a workflow's execution that did not succeed."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.events.notice import Notice
from stacks.foundation import FoundationStack


class WorkflowNotice(Notice):
    """An execution that failed, timed out or was aborted; ``next_steps`` follow what happened.

    Its error is a name, such as BelowThreshold, and null unless it failed.

    Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        foundation: FoundationStack,
        machine: sfn.IStateMachine,
        subject: str,
        next_steps: str,
    ) -> None:
        name, status, error = (
            events.EventField.from_path(f"$.detail.{field}") for field in ("name", "status", "error")
        )
        super().__init__(
            scope,
            id_,
            foundation=foundation,
            description=f"{subject} did not succeed",
            source="aws.states",
            detail_type="Step Functions Execution Status Change",
            detail={
                "stateMachineArn": [machine.state_machine_arn],
                "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            },
            text=f"{subject} did not succeed: execution {name} ended as {status} ({error}). {next_steps}",
        )
