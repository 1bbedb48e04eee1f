"""Roles of AWS's services: tasks, state machines, targets, jobs and stacks need their permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from function_lab import make_function
from iam_lab import ACCOUNT, IamLab, allow, refusal, sagemaker_arn
from job_lab import Lab, unique
from waiting import WAITER, until

RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"


@pytest.fixture
def queue(aws: Any) -> str:
    return aws("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]


def machine(aws: Any, role: str, resource: str, arguments: dict[str, Any]) -> str:
    """The ARN of a state machine of one task."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": arguments, "End": True}
    definition = json.dumps({"StartAt": "Task", "States": {"Task": task}})
    client = aws("stepfunctions")
    return client.create_state_machine(name=unique("machine"), definition=definition, roleArn=role)["stateMachineArn"]


def executed(aws: Any, arn: str) -> dict[str, Any]:
    client = aws("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]

    def ended() -> dict[str, Any] | None:
        found = client.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return until(ended)


@pytest.mark.parametrize("pattern", ["", ".waitForTaskToken"])
def test_an_optimized_task_needs_its_action(aws: Any, iam: IamLab, queue: str, pattern: str) -> None:
    body = "$$.Task.Token" if pattern else "$"
    arguments = {"QueueUrl": queue, "MessageBody": {"sent.$": body}}
    ended = executed(aws, machine(aws, iam.role("states"), f"sqs:sendMessage{pattern}", arguments))
    assert (ended["status"], ended["error"]) == ("FAILED", "SQS.AmazonSQSException")
    resource = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{queue.rpartition('/')[2]}"
    assert f"perform: sqs:SendMessage on resource: {resource} because no identity-based policy" in ended["cause"]
    assert "messages" not in aws("sqs").receive_message(QueueUrl=queue)


def test_a_job_task_needs_its_action_and_the_job_role(aws: Any, iam: IamLab, lab: Lab) -> None:
    request = lab.training("")
    role = iam.role("states", allow("sagemaker:CreateTrainingJob"))
    ended = executed(aws, machine(aws, role, "sagemaker:createTrainingJob", request))
    assert (ended["status"], ended["error"]) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert f"perform: iam:PassRole on resource: {lab.role} because" in ended["cause"]
    assert "Error Code: AccessDeniedException;" in ended["cause"]


@pytest.mark.parametrize("missing", ["events:PutRule", "events:PutTargets", "events:DescribeRule"])
def test_a_sync_task_needs_its_managed_rule(aws: Any, iam: IamLab, lab: Lab, missing: str) -> None:
    actions = {"events:PutRule", "events:PutTargets", "events:DescribeRule"}
    poor = iam.role("states", allow(*actions - {missing}, on=RULE), allow("sagemaker:*"))
    with pytest.raises(ClientError, match=rf"'{poor}' is not authorized to create managed-rule\. User: .*{missing}"):
        machine(aws, poor, "sagemaker:createTrainingJob.sync", lab.training(""))
    machine(aws, iam.role("states", allow(*actions, on=RULE)), "sagemaker:createTrainingJob.sync", lab.training(""))


def test_a_logged_state_machine_needs_log_delivery(aws: Any, iam: IamLab) -> None:
    group = unique("/group")
    aws("logs").create_log_group(logGroupName=group)
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}:*"}}
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    code, message = refusal(
        aws("stepfunctions").create_state_machine,
        name=unique("machine"),
        definition=definition,
        roleArn=iam.role("states"),
        loggingConfiguration={"level": "ALL", "destinations": [destination]},
    )
    assert code == "AccessDeniedException"
    assert "not authorized to access the Log Destination" in message


def test_a_rule_starts_only_what_its_role_may(aws: Any, iam: IamLab) -> None:
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    states, source = aws("stepfunctions"), unique("test")
    made = [
        states.create_state_machine(name=unique("machine"), definition=definition, roleArn=iam.role("states"))
        for _ in range(2)
    ]
    meant, other = (found["stateMachineArn"] for found in made)
    starter = iam.role("events", allow("states:StartExecution", on=meant))
    aws("events").put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    targets = [{"Id": f"t{n}", "Arn": arn, "RoleArn": starter} for n, arn in enumerate((other, meant))]
    aws("events").put_targets(Rule=source, Targets=targets)
    aws("events").put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}"}])
    until(lambda: states.list_executions(stateMachineArn=meant)["executions"])
    assert states.list_executions(stateMachineArn=other)["executions"] == [], "it is the first of the targets"


def test_a_queue_takes_events_by_its_own_policy_only(aws: Any, queue: str) -> None:
    source, sqs = unique("test"), aws("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws("events").put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    aws("events").put_targets(Rule=source, Targets=[{"Id": "queue", "Arn": arn}])
    event = {"Source": source, "DetailType": "t", "Detail": "{}"}
    aws("events").put_events(Entries=[event])
    statement = allow("sqs:SendMessage", on=arn) | {"Principal": {"Service": "events.amazonaws.com"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    aws("events").put_events(Entries=[event])
    received = until(lambda: sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"))
    assert len(received) == 1, "the first event came before the policy"


EXECUTION = {
    "ecr:GetAuthorizationToken": "*",
    "ecr:BatchGetImage": "arn:aws:ecr:us-east-1:763104351884:repository/tensorflow-training",
    "ecr:GetDownloadUrlForLayer": "arn:aws:ecr:us-east-1:763104351884:repository/tensorflow-training",
    "ecr:BatchCheckLayerAvailability": "arn:aws:ecr:us-east-1:763104351884:repository/tensorflow-training",
    "ec2:CreateNetworkInterface": f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/*",
    "ec2:DeleteNetworkInterfacePermission": f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/*",
    "ec2:DescribeDhcpOptions": "*",
    "kms:CreateGrant": "",
    "logs:CreateLogStream": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs:log-stream:",
    "cloudwatch:PutMetricData": "*",
}


@pytest.fixture(scope="module")
def placed(aws: Any, lab: Lab) -> dict[str, Any]:
    """A job in a VPC, with a key for its volume."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="jobs", VpcId=vpc)["GroupId"]
    request = lab.training("", VpcConfig={"Subnets": [subnet], "SecurityGroupIds": [group]})
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    return request | {"ResourceConfig": request["ResourceConfig"] | {"VolumeKmsKeyId": key}}


@pytest.mark.parametrize("missing", EXECUTION)
def test_what_sagemaker_does_for_a_job_is_demanded_of_its_role(
    iam: IamLab, lab: Lab, placed: dict[str, Any], missing: str
) -> None:
    everything = allow("*")
    lacking = {"Effect": "Deny", "Action": missing, "Resource": "*"}
    role = iam.role("sagemaker", everything, lacking)
    code, message = refusal(lab.sagemaker.create_training_job, **placed | {"RoleArn": role})
    assert code == "ValidationException"
    resource = EXECUTION[missing] or placed["ResourceConfig"]["VolumeKmsKeyId"]
    assert f"SageMaker is not authorized to perform: {missing} on resource: {resource}" in message


def test_a_stack_calls_with_its_role(aws: Any, iam: IamLab) -> None:
    name, cloudformation = unique("stack"), aws("cloudformation")
    properties = {"ModelPackageGroupName": name}
    template = {"Resources": {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}}
    role = iam.role("cloudformation", allow("sagemaker:DescribeModelPackageGroup"))
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), RoleARN=role)

    def failed() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]

    (reason,) = until(failed)
    resource = sagemaker_arn(f"model-package-group/{name}")
    assert f"perform: sagemaker:CreateModelPackageGroup on resource: {resource} because no identity-based" in reason


TAG_CHANGES = {
    "sagemaker:AddTags": [{"Key": "team", "Value": "faces"}],
    "sagemaker:DeleteTags": [],
}


@pytest.mark.parametrize("missing", TAG_CHANGES)
def test_a_stack_changes_tags_with_its_role(aws: Any, iam: IamLab, missing: str) -> None:
    """By calls of their own, that no creation stands for (registry schema, "handlers", update)."""
    name, cloudformation = unique("stack"), aws("cloudformation")

    def template(tags: list[dict[str, str]]) -> str:
        properties = {"ModelPackageGroupName": name, "Tags": tags}
        return json.dumps(
            {"Resources": {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}}
        )

    during = {"StringEquals": {"sagemaker:TaggingAction": "CreateModelPackageGroup"}}
    kinds = ("CreateModelPackageGroup", "DescribeModelPackageGroup", "ListTags", "DeleteModelPackageGroup")
    made = allow(*(f"sagemaker:{kind}" for kind in kinds))
    role = iam.role("cloudformation", made, allow("sagemaker:AddTags", **during))
    before = template([{"Key": "team", "Value": "digits"}])
    cloudformation.create_stack(StackName=name, TemplateBody=before, RoleARN=role)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=WAITER)
    cloudformation.update_stack(StackName=name, TemplateBody=template(TAG_CHANGES[missing]), RoleARN=role)

    def failed() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]

    assert f"perform: {missing} on resource: {sagemaker_arn(f'model-package-group/{name}')} because" in until(failed)[0]


MADE = ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource")


def test_alarms_are_made_as_the_stacks_role_may(aws: Any, iam: IamLab) -> None:
    name, cloudformation = unique("stack"), aws("cloudformation")
    alarm = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "Errors",
        "Namespace": "Test",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1,
    }
    template = {"Resources": {"Errors": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}}
    alarms = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}-*"
    role = iam.role("cloudformation", allow(*MADE, on=alarms))
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), RoleARN=role)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=WAITER)
    cloudformation.delete_stack(StackName=name)

    def refused() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "DELETE_FAILED"]

    assert "cloudwatch:DeleteAlarms" in until(refused)[-1]


HANDLER = """
import boto3, os
from botocore.exceptions import ClientError

def handler(event, context):
    client = boto3.client("sagemaker", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
    client.list_models()
    try:
        client.list_endpoints()
    except ClientError as error:
        return error.response["Error"]["Message"]
"""


def test_a_function_calls_as_its_role(aws: Any, iam: IamLab) -> None:
    name = make_function(aws, iam.role("lambda", allow("sagemaker:ListModels")), HANDLER)["FunctionName"]
    said = json.loads(aws("lambda").invoke(FunctionName=name)["Payload"].read())
    assert f"/{name} is not authorized to perform: sagemaker:ListEndpoints on resource: * because" in said


def test_a_function_needs_a_role_that_trusts_lambda(aws: Any, iam: IamLab) -> None:
    code, message = refusal(
        aws("lambda").create_function,
        FunctionName=unique("function"),
        Runtime="python3.11",
        Handler="index.handler",
        Role=iam.role("states"),
        Code={"ZipFile": b"never unpacked"},
    )
    expected = "The role defined for the function cannot be assumed by Lambda."
    assert (code, message) == ("InvalidParameterValueException", expected)
