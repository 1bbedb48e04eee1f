"""The state of each service over `down`, `up` and kill -9, and after `reset`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from function_lab import make_function
from own_sandbox import ROOT, OwnSandbox, free_port
from sandboxes import NewSandbox
from waiting import WAITER, until

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {
                    "Service": [
                        "states.amazonaws.com",
                        "lambda.amazonaws.com",
                        "events.amazonaws.com",
                        "scheduler.amazonaws.com",
                    ]
                },
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": {"answer": 42}, "End": True}}})
TEMPLATE = json.dumps(
    {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}},
        },
        "Outputs": {"Name": {"Value": {"Ref": "Bucket"}, "Export": {"Name": "bucket-name"}}},
    }
)
BIG = os.urandom(3 << 20)


@pytest.fixture(scope="module")
def own(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox(SANDBOX_STOP_GRACE_SECONDS="5").running() as sandbox:
        yield sandbox


def fill(own: OwnSandbox) -> None:
    """Something in each service."""
    fill_storage(own)
    fill_identity(own)
    fill_orchestration(own)
    fill_observability(own)
    fill_registry(own)


def fill_storage(own: OwnSandbox) -> None:
    s3 = own.aws("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="a/b", Body=b"first")
    s3.put_object(Bucket="kept", Key="a/b", Body=b"second", Metadata={"of": "test"}, ContentType="text/plain")
    s3.put_object(Bucket="kept", Key="a", Body=BIG, Tagging="kind=big")  # beside a folder of its name
    s3.put_object(Bucket="kept", Key="deleted", Body=b"")
    s3.delete_object(Bucket="kept", Key="deleted")
    own.aws("ssm").put_parameter(Name="/kept", Value="yes", Type="String")
    queue = own.aws("sqs").create_queue(QueueName="kept")["QueueUrl"]
    own.aws("sqs").send_message(QueueUrl=queue, MessageBody="hello")


def fill_identity(own: OwnSandbox) -> None:
    iam = own.aws("iam")
    iam.create_role(RoleName="kept", AssumeRolePolicyDocument=TRUST)
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="kept", PolicyName="all", PolicyDocument=json.dumps(everything))
    own.aws("kms").create_alias(AliasName="alias/kept", TargetKeyId=own.aws("kms").create_key()["KeyMetadata"]["KeyId"])
    network = own.aws("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    own.aws("ec2").create_subnet(VpcId=network, CidrBlock="10.1.1.0/24")


def fill_orchestration(own: OwnSandbox) -> None:
    states, role = own.aws("stepfunctions"), "arn:aws:iam::000000000000:role/kept"
    machine = states.create_state_machine(name="kept", definition=MACHINE, roleArn=role)["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, name="ended")["executionArn"]
    until(lambda: states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    own.aws("events").put_rule(Name="kept", ScheduleExpression="rate(1 day)")
    own.aws("events").put_targets(Rule="kept", Targets=[{"Id": "one", "Arn": machine, "RoleArn": role}])
    target = {"Arn": machine, "RoleArn": role}
    window = {"Mode": "OFF"}
    own.aws("scheduler").create_schedule(
        Name="kept", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=window, Target=target
    )
    own.aws("cloudformation").create_stack(StackName="kept", TemplateBody=TEMPLATE)
    own.aws("cloudformation").get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig=WAITER)
    make_function(own.aws, role, "def handler(event, context): return {'got': event}", FunctionName="kept")


def fill_observability(own: OwnSandbox) -> None:
    logs = own.aws("logs")
    logs.create_log_group(logGroupName="/kept")
    logs.create_log_stream(logGroupName="/kept", logStreamName="stream")
    line = {"timestamp": 1_700_000_000_000, "message": "a line"}
    logs.put_log_events(logGroupName="/kept", logStreamName="stream", logEvents=[line])
    watch = own.aws("cloudwatch")
    watch.put_metric_data(Namespace="kept", MetricData=[{"MetricName": "loss", "Value": 0.5}])
    watch.put_metric_alarm(
        AlarmName="kept",
        Namespace="kept",
        MetricName="loss",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )


def fill_registry(own: OwnSandbox) -> None:
    sagemaker = own.aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="kept", Tags=[{"Key": "of", "Value": "test"}])
    for _ in range(2):
        package = sagemaker.create_model_package(ModelPackageGroupName="kept")["ModelPackageArn"]
    sagemaker.delete_model_package(ModelPackageName=package)
    sagemaker.update_model_package(ModelPackageArn=package[:-1] + "1", ModelApprovalStatus="Approved")


def seen(own: OwnSandbox) -> dict[str, Any]:
    """A client's view of everything that `fill` created."""
    found = {name: show(own) for name, show in SHOWN.items()}
    return json.loads(json.dumps(found, default=str))


def objects(own: OwnSandbox) -> dict[str, Any]:
    s3 = own.aws("s3")
    current = s3.get_object(Bucket="kept", Key="a/b")
    listed = s3.list_object_versions(Bucket="kept")
    return {
        "current": [current["Body"].read().decode(), current["Metadata"], current["ContentType"]],
        "big": s3.get_object(Bucket="kept", Key="a")["Body"].read() == BIG,
        "tags": s3.get_object_tagging(Bucket="kept", Key="a")["TagSet"],
        "versions": [
            [each["Key"], s3.get_object(Bucket="kept", Key=each["Key"], VersionId=each["VersionId"])["ETag"]]
            for each in listed["Versions"]
        ],
        "markers": [[each["Key"], each["IsLatest"]] for each in listed["DeleteMarkers"]],
    }


def stack(own: OwnSandbox) -> list[Any]:
    formation = own.aws("cloudformation")
    described = formation.describe_stacks(StackName="kept")["Stacks"][0]
    bucket = described["Outputs"][0]["OutputValue"]
    own.aws("s3").head_bucket(Bucket=bucket)
    return [
        described["StackStatus"],
        described["CreationTime"],
        bucket,
        [[each["LogicalResourceId"], each["ResourceStatus"]] for each in events_of(own)],
        [[each["Name"], each["Value"]] for each in formation.list_exports()["Exports"]],
        formation.get_template(StackName="kept")["TemplateBody"],
    ]


def events_of(own: OwnSandbox) -> list[dict[str, Any]]:
    return own.aws("cloudformation").describe_stack_events(StackName="kept")["StackEvents"]


def executions(own: OwnSandbox) -> list[Any]:
    states = own.aws("stepfunctions")
    arn = "arn:aws:states:us-east-1:000000000000:execution:kept:ended"
    history = states.get_execution_history(executionArn=arn)["events"]
    return [states.describe_execution(executionArn=arn)["output"], [each["type"] for each in history]]


def registry(own: OwnSandbox) -> list[Any]:
    sagemaker = own.aws("sagemaker")
    group = sagemaker.describe_model_package_group(ModelPackageGroupName="kept")
    packages = sagemaker.list_model_packages(ModelPackageGroupName="kept")["ModelPackageSummaryList"]
    tags = sagemaker.list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]
    return [group["CreationTime"], packages, tags]


def metrics(own: OwnSandbox) -> list[Any]:
    watch = own.aws("cloudwatch")
    alarm = watch.describe_alarms(AlarmNames=["kept"])["MetricAlarms"][0]
    return [alarm["Threshold"], alarm["AlarmArn"], [each["MetricName"] for each in watch.list_metrics()["Metrics"]]]


SHOWN = {
    "objects": objects,
    "parameter": lambda own: own.aws("ssm").get_parameter(Name="/kept")["Parameter"],
    "messages": lambda own: own.aws("sqs").get_queue_attributes(
        QueueUrl=own.aws("sqs").get_queue_url(QueueName="kept")["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]["ApproximateNumberOfMessages"],
    "role": lambda own: [
        own.aws("iam").get_role(RoleName="kept")["Role"]["RoleId"],
        own.aws("iam").get_role_policy(RoleName="kept", PolicyName="all")["PolicyDocument"],
    ],
    "key": lambda own: own.aws("kms").describe_key(KeyId="alias/kept")["KeyMetadata"],
    "subnets": lambda own: sorted(each["SubnetId"] for each in own.aws("ec2").describe_subnets()["Subnets"]),
    "stack": stack,
    "executions": executions,
    "rule": lambda own: [
        own.aws("events").describe_rule(Name="kept")["ScheduleExpression"],
        own.aws("events").list_targets_by_rule(Rule="kept")["Targets"],
    ],
    "schedule": lambda own: own.aws("scheduler").get_schedule(Name="kept")["CreationDate"],
    "function": lambda own: json.load(own.aws("lambda").invoke(FunctionName="kept", Payload=b'{"a": 1}')["Payload"]),
    "log": lambda own: [
        each["message"]
        for each in own.aws("logs").get_log_events(logGroupName="/kept", logStreamName="stream")["events"]
    ],
    "metrics": metrics,
    "registry": registry,
}


def test_down_and_up_keep_everything_and_kill_9_too(own: OwnSandbox) -> None:
    fill(own)
    before = seen(own)
    own.down()
    own.up()
    assert seen(own) == before
    own.saved()
    own.kill()
    own.up()
    assert seen(own) == before
    version = own.aws("sagemaker").create_model_package(ModelPackageGroupName="kept")["ModelPackageArn"]
    assert version.endswith("/3"), "a version's number is never used again"


def test_a_kill_costs_no_more_than_the_last_moment(own: OwnSandbox) -> None:
    """An answer a quarter of a second before the kill is still true after it."""
    own.aws("ssm").put_parameter(Name="/late", Value="yes", Type="String")
    own.aws("s3").create_bucket(Bucket="late")
    own.aws("s3").put_object(Bucket="late", Key="key", Body=b"body")
    own.saved()
    own.kill()
    (own.home / "server.json").write_text('{"pid": 1, "port": 1}')  # stale, and of somebody else by now
    own.up()
    assert own.aws("ssm").get_parameter(Name="/late")["Parameter"]["Value"] == "yes"
    assert own.aws("s3").get_object(Bucket="late", Key="key")["Body"].read() == b"body"


def test_two_sandboxes_do_not_share_a_folder(own: OwnSandbox) -> None:
    """`up` on another port reports the running one; any second server refuses."""
    second = subprocess.run(
        [sys.executable, "-m", "sandbox.server"],
        cwd=ROOT,
        env=own.environment | {"SANDBOX_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"Another sandbox (process {own.server.pid}, port {own.port}) uses {own.home}.")
    assert own.aws("sts").get_caller_identity()["Account"] == "000000000000"


def test_a_damaged_state_is_refused_with_what_to_do_and_reset_drops_it(new_sandbox: NewSandbox) -> None:
    own = new_sandbox()
    state = own.home / "state"
    state.mkdir()
    (state / "manifest.json").write_text('{"format": 0, "ministack": "1.0", "generation": 1, "parts": {}}')
    refused = own.command("up")
    assert refused.returncode == 1
    assert "it was written by format 0 on ministack 1.0" in refused.stderr
    assert "Nothing of it was changed. `python -m sandbox reset` drops it" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert own.command("reset").returncode == 1, "it asks, and nobody says yes"
    assert (state / "manifest.json").exists()
    assert own.command("reset", "--yes").returncode == 0
    own.up()
    assert own.aws("s3").list_buckets()["Buckets"] == []
    own.aws("s3").create_bucket(Bucket="gone")
    assert own.command("reset", "--yes").stdout.startswith("The sandbox is empty")
    assert not state.exists()
    assert own.command("status").returncode == 1
