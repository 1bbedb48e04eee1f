"""The limit of 256 KiB on data in an execution. No Catch and no Retry helps."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import Lab, ended_execution, trust, unique

MOST = 262_144
FITS, TOO_LONG = MOST - len('""'), MOST - len('""') + 1
CAUGHT = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "Retry": [{"ErrorEquals": ["States.ALL"]}]}


@pytest.fixture(scope="module")
def role(lab: Lab) -> str:
    return lab.make_role(trust("states.amazonaws.com"))


def run(aws: Callable[[str], Any], role: str, state: dict[str, Any]) -> dict[str, Any]:
    """The ended execution of one state."""
    states = {"First": state}
    if "Catch" in state:
        states["Caught"] = {"Type": "Pass", "Output": "caught", "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "First", "States": states}
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name=f"machine-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role
    )
    arn = client.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    return ended_execution(client, arn)


def text(length: int) -> str:
    return f"{{% $pad('', {length}, 'x') %}}"


def passing(**members: Any) -> dict[str, Any]:
    return {"Type": "Pass", "End": True, **members}


@pytest.mark.parametrize(("length", "error"), [(FITS, None), (TOO_LONG, "States.DataLimitExceeded")])
@pytest.mark.parametrize("member", ["Output", "Assign"])
def test_a_state_s_output_and_variables(aws: Any, role: str, member: str, length: int, error: str | None) -> None:
    if member == "Assign":
        length -= len('{"text":}')
        state = passing(Assign={"text": text(length)}, Output="short")
    else:
        state = passing(Output=text(length))
    assert run(aws, role, state).get("error") == error


@pytest.mark.parametrize(("keys", "status"), [(100, "SUCCEEDED"), (1000, "FAILED")])
def test_a_task_s_result_counts_whole_though_little_of_it_is_kept(
    lab: Lab, aws: Any, role: str, keys: int, status: str
) -> None:
    prefix = unique("listed")
    for number in range(keys):
        lab.put(f"{prefix}/{number:0250d}", "")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Arguments": {"Bucket": lab.bucket, "Prefix": prefix, "MaxKeys": 1000},
        "Output": "{% $count($states.result.Contents) %}",
        "End": True,
        **CAUGHT,
    }
    ended = run(aws, role, task)
    assert ended["status"] == status
    if status == "FAILED":
        assert ended["error"] == "States.DataLimitExceeded"
        assert "s3:listObjectsV2 returned a result with a size exceeding" in ended["cause"]
    else:
        assert ended["output"] == str(keys)


def test_an_input_that_is_too_large_starts_nothing(aws: Any, role: str) -> None:
    client = aws("stepfunctions")
    definition = {"QueryLanguage": "JSONata", "StartAt": "First", "States": {"First": passing()}}
    machine = client.create_state_machine(name=unique("machine"), definition=json.dumps(definition), roleArn=role)
    with pytest.raises(ClientError, match="failed to satisfy constraint"):
        client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps("x" * TOO_LONG))
