"""Services of the sandbox are in one region; whatever is of another is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from iam_lab import IamLab, allow, refusal
from job_lab import ended_execution, unique
from template_lab import Stack, resource, template
from waiting import WAITER

ELSEWHERE = "eu-west-1"
SENTENCE = "in us-east-1 only, not in eu-west-1"
CALLS = {
    "sagemaker": ("create_model_package_group", {"ModelPackageGroupName": "elsewhere"}),
    "sagemaker-runtime": ("invoke_endpoint", {"EndpointName": "elsewhere", "Body": b"{}"}),
    "application-autoscaling": ("describe_scalable_targets", {"ServiceNamespace": "sagemaker"}),
}


@pytest.mark.parametrize("service", CALLS)
def test_a_request_of_another_region_is_refused(aws: Any, service: str) -> None:
    operation, arguments = CALLS[service]
    code, message = refusal(getattr(aws(service, region_name=ELSEWHERE), operation), **arguments)
    assert (code, message) == ("ValidationException", f"the sandbox has {service} {SENTENCE}")


@pytest.mark.parametrize(
    "refused",
    [
        resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="elsewhere"),
        resource("AWS::EC2::SecurityGroupIngress", IpProtocol="tcp", CidrIp="10.0.0.0/8", GroupId="sg-1"),
        resource("AWS::Budgets::Budget", Budget={"BudgetType": "COST", "TimeUnit": "MONTHLY"}),
    ],
    ids=lambda body: body["Type"],
)
def test_a_stack_of_another_region_is_refused(aws: Any, refused: dict[str, Any]) -> None:
    stack = Stack(lambda service: aws(service, region_name=ELSEWHERE))
    stack.cloudformation.create_stack(**stack._request(template(Refused=refused), {}), OnFailure="DO_NOTHING")
    with pytest.raises(Exception, match="CREATE_FAILED"):
        stack.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack.name, WaiterConfig=WAITER)
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    stack.delete()
    assert f"the sandbox has {refused['Type']} {SENTENCE}" in reasons


@pytest.mark.parametrize(
    ("task", "parameters"),
    [
        (
            "arn:aws:states:::sagemaker:createTrainingJob.sync",
            {
                "TrainingJobName": "elsewhere",
                "AlgorithmSpecification": {"TrainingInputMode": "File"},
                "OutputDataConfig": {"S3OutputPath": "s3://elsewhere/"},
                "ResourceConfig": {"VolumeSizeInGB": 1},
                "RoleArn": "arn:aws:iam::000000000000:role/job",
                "StoppingCondition": {},
            },
        ),
        ("arn:aws:states:::aws-sdk:s3:listBuckets", {}),
    ],
)
def test_a_workflow_of_another_region_is_refused(iam: IamLab, aws: Any, task: str, parameters: dict[str, Any]) -> None:
    states = aws("stepfunctions", region_name=ELSEWHERE)
    definition = {
        "StartAt": "Task",
        "States": {"Task": {"Type": "Task", "Resource": task, "Parameters": parameters, "End": True}},
    }
    role = iam.role("states", allow("*"))
    machine = states.create_state_machine(name=unique("machine"), definition=json.dumps(definition), roleArn=role)
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    ended = ended_execution(states, execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert SENTENCE in ended["cause"]
