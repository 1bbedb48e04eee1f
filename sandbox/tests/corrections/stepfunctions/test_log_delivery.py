"""The resource policy of log delivery: 5,120 characters for all log groups of an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from iam_lab import IamLab
from job_lab import unique
from template_lab import Stack, resource, template
from test_templates_workflow_logs import LOGGING, TRUST

POLICY = "AWSLogDeliveryWrite20150319"
GENERATED = "slipway-dev-digits-cnn-training-TrainingMachineLogs8FBB2A55-"
SENTENCE = (
    "Invalid Logging Configuration: The CloudWatch Logs Resource Policy size was exceeded. We suggest prefixing your "
    "CloudWatch log group name with /aws/vendedlogs/states/."
)
MACHINE = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})


@pytest.fixture(scope="module")
def role(iam: IamLab) -> str:
    name, client = unique("logs"), iam.aws("iam")
    arn = client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    client.put_role_policy(RoleName=name, PolicyName="logs", PolicyDocument=json.dumps(LOGGING))
    return arn


@pytest.fixture(autouse=True)
def empty_policy(aws: Any) -> Iterator[None]:
    """Without the entries of other tests of the same sandbox, before and after."""
    clear(aws)
    yield
    clear(aws)


def clear(aws: Any) -> None:
    if document(aws):
        aws("logs").delete_resource_policy(policyName=POLICY)


def document(aws: Any) -> str:
    found = {each["policyName"]: each for each in aws("logs").describe_resource_policies()["resourcePolicies"]}
    return found[POLICY]["policyDocument"] if POLICY in found else ""


def configuration(group: str, level: str = "ALL") -> dict[str, Any]:
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    return {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}


def create(aws: Any, role: str, group: str, level: str = "ALL") -> str:
    """A state machine with logging; the log group need not exist."""
    client, logging = aws("stepfunctions"), configuration(group, level)
    return client.create_state_machine(
        name=unique("machine"), definition=MACHINE, roleArn=role, loggingConfiguration=logging
    )["stateMachineArn"]


def fill(aws: Any, role: str) -> int:
    """Create state machines until the policy is full. Returns how many there was room for."""
    for number in range(100):
        try:
            create(aws, role, f"{GENERATED}{number:012d}")
        except aws("stepfunctions").exceptions.InvalidLoggingConfiguration as refusal:
            if refusal.response["Error"]["Message"] == SENTENCE:
                return number
            raise
    pytest.fail("100 log groups with generated names fit")


def test_generated_names_fill_the_policy_at_about_fifteen_models(aws: Any, role: str) -> None:
    assert 30 <= fill(aws, role) <= 40, "two workflows a model"
    assert len(document(aws)) <= 5120
    resources = json.loads(document(aws))["Statement"][0]["Resource"]
    assert resources[0] == f"arn:aws:logs:us-east-1:000000000000:log-group:{GENERATED}{0:012d}:log-stream:*"


def test_vended_names_share_one_entry(aws: Any, role: str) -> None:
    for number in range(400):
        create(aws, role, f"/aws/vendedlogs/states/slipway-dev-model-{number}-training")
    assert json.loads(document(aws))["Statement"][0]["Resource"] == [
        "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/*"
    ]


def test_only_new_groups_of_machines_that_log_take_room(aws: Any, role: str) -> None:
    create(aws, role, "quiet", level="OFF")
    assert document(aws) == ""
    machine = create(aws, role, "one")
    before = document(aws)
    create(aws, role, "one")
    assert document(aws) == before
    aws("stepfunctions").delete_state_machine(stateMachineArn=machine)
    assert document(aws) == before, "AWS takes nothing out again"


def test_an_update_enters_its_group(aws: Any, role: str) -> None:
    machine = create(aws, role, "first")
    aws("stepfunctions").update_state_machine(stateMachineArn=machine, loggingConfiguration=configuration("second"))
    assert "log-group:second:log-stream:*" in document(aws)


def test_stack_fails_with_the_sentence_of_aws(aws: Any, role: str) -> None:
    fill(aws, role)
    logging = {
        "Level": "ALL",
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Log", "Arn"]}}}],
    }
    machine = resource(
        "AWS::StepFunctions::StateMachine", RoleArn=role, DefinitionString=MACHINE, LoggingConfiguration=logging
    )
    stack = Stack(aws)
    with pytest.raises(Exception, match="StackCreateComplete"):
        stack.deploy(template(Log=resource("AWS::Logs::LogGroup"), Machine=machine))
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert any(SENTENCE in event.get("ResourceStatusReason", "") for event in events)
    stack.delete()
