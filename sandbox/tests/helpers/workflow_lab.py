"""Workflows in tests: make a state machine, run it, and read its history."""

from __future__ import annotations

import json
from typing import Any

from job_lab import Lab, ended_execution, trust, unique


class WorkflowLab:
    """State machines of one role that may do everything, unless a test names another."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.client = lab.aws("stepfunctions")
        self.role = lab.make_role(trust("states.amazonaws.com"))

    def start(self, states: dict[str, Any], given: Any = None, *, role: str | None = None, **members: Any) -> str:
        """Start an execution of states, the first of which is the first. Returns its ARN."""
        definition = {"StartAt": next(iter(states)), "States": states, **members}
        machine = self.client.create_state_machine(
            name=unique("machine"), definition=json.dumps(definition), roleArn=role or self.role
        )
        begun = self.client.start_execution(
            stateMachineArn=machine["stateMachineArn"], input=json.dumps({} if given is None else given)
        )
        return begun["executionArn"]

    def run(self, states: dict[str, Any], given: Any = None, **members: Any) -> dict[str, Any]:
        """The ended execution of states."""
        return ended_execution(self.client, self.start(states, given, **members))

    def output(self, states: dict[str, Any], given: Any = None, **members: Any) -> Any:
        """The output of states that succeed."""
        ended = self.run(states, given, **members)
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
        return json.loads(ended["output"])

    def failure(self, states: dict[str, Any], given: Any = None, **members: Any) -> tuple[str | None, str | None]:
        """The error and cause of states that fail."""
        ended = self.run(states, given, **members)
        assert ended["status"] == "FAILED", ended
        assert "output" not in ended
        return ended.get("error"), ended.get("cause")

    def events(self, execution_arn: str) -> list[dict[str, Any]]:
        """The history of an execution."""
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    def history(self, states: dict[str, Any], given: Any = None, **members: Any) -> list[tuple[int, int, str]]:
        """Of each event of an execution: its id, that of the event before it, and its kind."""
        arn = self.start(states, given, **members)
        ended_execution(self.client, arn)
        return [(event["id"], event["previousEventId"], event["type"]) for event in self.events(arn)]
