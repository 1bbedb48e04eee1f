"""Errors of functions have the name of their class, as in examples of AWS Lambda."""

from __future__ import annotations

import json
from typing import Any

import pytest
from function_lab import make_function
from job_lab import Lab, trust
from workflow_lab import WorkflowLab

PYTHON = """
class NotThere(Exception):
    pass

def handler(event, context):
    raise NotThere("no account " + event["id"])
"""
NODE = """
class NotThere extends Error {
  constructor(message) { super(message); this.name = "NotThere"; }
}
exports.handler = async (event) => { throw new NotThere("no account " + event.id); };
"""


@pytest.mark.parametrize(
    ("runtime", "file", "code", "where"),
    [
        ("python3.13", "index.py", PYTHON, "stackTrace"),
        ("nodejs22.x", "index.js", NODE, "trace"),
        ("nodejs22.x", "index.js", NODE.replace("async ", ""), "trace"),
    ],
    ids=["python", "node", "node without a promise"],
)
def test_a_workflow_catches_an_error_by_its_class(lab: Lab, runtime: str, file: str, code: str, where: str) -> None:
    role = lab.make_role(trust("lambda.amazonaws.com"))
    function = make_function(lab.aws, role, code, runtime=runtime, file=file)["FunctionArn"]
    states: dict[str, Any] = {
        "ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "Catch": [{"ErrorEquals": ["NotThere"], "Next": "caught"}],
            "End": True,
        },
        "caught": {"Type": "Pass", "End": True},
    }
    caught = WorkflowLab(lab).output(states, {"id": "7"})
    assert caught["Error"] == "NotThere"
    cause = json.loads(caught["Cause"])
    assert (cause["errorType"], cause["errorMessage"]) == ("NotThere", "no account 7")
    assert any("no account" in line for line in cause[where])
