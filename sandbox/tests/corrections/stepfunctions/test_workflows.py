"""Workflows with their roles' credentials, which use the API like any client."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from job_lab import ended_execution

ACCOUNT = "000000000000"


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(aws: Callable[[str], Any], service: str, *statements: dict) -> str:
    """A role that ``service`` may assume, with one inline policy."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    arn = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        aws("iam").put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy)
    return arn


def made(aws: Callable[[str], Any], role_arn: str, resource: str, arguments: dict, result: str) -> str:
    """The ARN of a new workflow of one task."""
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Arguments": arguments,
        "Output": f"{{% {result} %}}",
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Task", "States": {"Task": task}}
    machine = aws("stepfunctions").create_state_machine(
        name=f"machine-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role_arn
    )
    return machine["stateMachineArn"]


def run(aws: Callable[[str], Any], role_arn: str, resource: str, arguments: dict, result: str) -> dict:
    """Run a workflow of one task and return its ended execution."""
    client, machine = aws("stepfunctions"), made(aws, role_arn, resource, arguments, result)
    return ended_execution(client, client.start_execution(stateMachineArn=machine)["executionArn"])


@pytest.fixture(scope="module")
def bucket(aws: Callable[[str], Any]) -> str:
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="numbers.json", Body=b'{"accuracy": 0.25}')
    return name


READ = "$parse($states.result.Body).accuracy"


def test_sdk_task_reads_an_object_that_its_role_may_read(aws, bucket) -> None:
    reader = role(
        aws,
        "states.amazonaws.com",
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    )
    execution = run(aws, reader, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "numbers.json"}, READ)
    assert (execution["status"], execution.get("output")) == ("SUCCEEDED", "0.25")


def test_a_time_in_a_result_can_be_compared(aws, bucket) -> None:
    """Step Functions gives times as text of ISO 8601."""
    reader = role(
        aws,
        "states.amazonaws.com",
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
    )
    age = "$millis() - $toMillis($states.result.Contents[0].LastModified)"
    execution = run(aws, reader, "aws-sdk:s3:listObjectsV2", {"Bucket": bucket}, age)
    assert execution["status"] == "SUCCEEDED", execution
    assert -1000 <= int(execution["output"]) < 600_000


def test_sdk_task_is_refused_what_its_role_may_not(aws, bucket) -> None:
    powerless = role(aws, "states.amazonaws.com")
    execution = run(aws, powerless, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "numbers.json"}, READ)
    assert (execution["status"], execution["error"]) == ("FAILED", "S3.AccessDeniedException")
    assert "is not authorized to perform: s3:GetObject" in execution["cause"]


def test_modelled_errors_carry_their_own_name(aws, bucket) -> None:
    reader = role(aws, "states.amazonaws.com", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    execution = run(aws, reader, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "absent"}, READ)
    assert execution["error"] == "S3.NoSuchKeyException"


def test_members_have_the_names_of_the_sdk(aws) -> None:
    workflow = role(aws, "states.amazonaws.com", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    aws("logs").create_log_group(logGroupName="/names")
    found = run(
        aws,
        workflow,
        "aws-sdk:cloudwatchlogs:describeLogGroups",
        {"LogGroupNamePrefix": "/names"},
        "$states.result.LogGroups[0].LogGroupName",
    )
    assert (found["status"], found["output"]) == ("SUCCEEDED", '"/names"')
    listed = run(
        aws,
        workflow,
        "aws-sdk:applicationautoscaling:describeScalableTargets",
        {"ServiceNamespace": "sagemaker"},
        "$states.result.ScalableTargets",
    )
    assert (listed["status"], listed["output"]) == ("SUCCEEDED", "[]")


def test_execution_ends_when_its_role_no_longer_trusts_step_functions(aws, bucket) -> None:
    reader = role(aws, "states.amazonaws.com")
    client, machine = (
        aws("stepfunctions"),
        made(aws, reader, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "a"}, "1"),
    )
    name = reader.rpartition("/")[2]
    aws("iam").update_assume_role_policy(RoleName=name, PolicyDocument=trust("lambda.amazonaws.com"))
    execution = ended_execution(client, client.start_execution(stateMachineArn=machine)["executionArn"])
    assert execution["status"] == "FAILED"
    assert f"not authorized to perform: sts:AssumeRole on resource: {reader}" in execution["cause"]


def test_condition_on_the_release_role_is_known(aws) -> None:
    meant, other = role(aws, "cloudformation.amazonaws.com"), role(aws, "cloudformation.amazonaws.com")
    statement = {
        "Effect": "Allow",
        "Action": "cloudformation:UpdateStack",
        "Resource": "*",
        "Condition": {"StringEquals": {"cloudformation:RoleArn": meant}},
    }
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    workflow = role(aws, "states.amazonaws.com", statement, passing)
    update = {"StackName": "absent", "UsePreviousTemplate": True}
    allowed = run(aws, workflow, "aws-sdk:cloudformation:updateStack", update | {"RoleARN": meant}, "1")
    refused = run(aws, workflow, "aws-sdk:cloudformation:updateStack", update | {"RoleARN": other}, "1")
    assert "does not exist" in allowed["cause"]
    assert "is not authorized to perform: cloudformation:UpdateStack" in refused["cause"]


@pytest.mark.parametrize("key", ["111111111111", "AKIAIOSFODNN7EXAMPLE"])
def test_no_other_access_key_is_root(aws, key) -> None:
    from botocore.exceptions import ClientError

    client = aws("s3", aws_access_key_id=key, aws_secret_access_key="x")
    with pytest.raises(ClientError, match=r"InvalidAccessKeyId|AccessDenied"):
        client.list_buckets()


def test_sdk_task_writes_an_object_as_json(aws, bucket) -> None:
    writer = role(
        aws,
        "states.amazonaws.com",
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    )
    body = "{% {'accuracy': 0.5, 'reason': null} %}"
    execution = run(aws, writer, "aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "written.json", "Body": body}, "1")
    assert execution["status"] == "SUCCEEDED", execution
    written = aws("s3").get_object(Bucket=bucket, Key="written.json")["Body"].read()
    assert json.loads(written) == {"accuracy": 0.5, "reason": None}
