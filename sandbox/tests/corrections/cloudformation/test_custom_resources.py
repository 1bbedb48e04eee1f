"""Custom resources on Node.js functions: the AWS SDK that they find, and the answers that CloudFormation takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from function_lab import make_function
from job_lab import make_role, trust, unique
from stack_lab import Stack

ANSWER = """
async function answer(event, more) {
  const copied = {StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId};
  const body = JSON.stringify({Status: 'SUCCESS', PhysicalResourceId: 'thing', ...copied, ...more});
  await fetch(event.ResponseURL, {method: 'PUT', body});
}
"""
COUNT = f"""
const {{SQSClient, SendMessageCommand}} = require('@aws-sdk/client-sqs');
{ANSWER}
exports.handler = async (event) => {{
  await new SQSClient({{}}).send(new SendMessageCommand({{
    QueueUrl: event.ResourceProperties.Queue, MessageBody: event.RequestId,
  }}));
  throw new Error('this handler always fails');
}};
"""
LIST = f"""
import {{S3Client, paginateListObjectsV2}} from '@aws-sdk/client-s3';
{ANSWER}
export const handler = async (event) => {{
  const keys = [];
  const {{Bucket}} = event.ResourceProperties;
  for await (const page of paginateListObjectsV2({{client: new S3Client({{}})}}, {{Bucket}}))
    keys.push(...(page.Contents ?? []).map((found) => found.Key));
  await answer(event, {{Data: {{Keys: keys.join(' ')}}}});
}};
"""
MISSING = "const client = require('@aws-sdk/client-braket'); exports.handler = async () => client;"
SAYING = f"""{ANSWER}
exports.handler = (event) => {{
  const more = event.RequestType === 'Delete' ? {{}} : JSON.parse(event.ResourceProperties.Answer);
  return answer(event, more.Long ? {{Data: {{Long: 'x'.repeat(more.Long)}}}} : more);
}};
"""

NewFunction = Callable[..., str]


@pytest.fixture(scope="module")
def function(aws: Any) -> NewFunction:
    """Make a Node.js function of one file; gives its ARN."""
    role = make_role(aws("iam"), trust("lambda.amazonaws.com"))

    def make(code: str, file: str = "index.js") -> str:
        return make_function(aws, role, code, runtime="nodejs22.x", file=file)["FunctionArn"]

    return make


@pytest.fixture(scope="module")
def saying(function: NewFunction) -> str:
    """A function that answers what the resource's property `Answer` says."""
    return function(SAYING)


def thing(token: Any, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token, **properties}}}}


def test_a_function_finds_the_real_sdk_with_its_paginators(stack: Stack, aws: Any, function: NewFunction) -> None:
    bucket = unique("listed")
    aws("s3").create_bucket(Bucket=bucket)
    for key in ("a", "b"):
        aws("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    template = thing(function(LIST, "index.mjs"), Bucket=bucket)
    template["Outputs"] = {"Keys": {"Value": {"Fn::GetAtt": ["Thing", "Keys"]}}}
    assert stack.created(template) == "CREATE_COMPLETE"
    assert [output["OutputValue"] for output in stack.describe()["Outputs"]] == ["a b"]


def test_a_missing_client_is_named_at_once(stack: Stack, function: NewFunction) -> None:
    assert stack.created(thing(function(MISSING))) == "ROLLBACK_COMPLETE"
    reason = stack.reason("Thing", "CREATE_FAILED")
    assert "The sandbox has no '@aws-sdk/client-braket'" in reason
    assert "run `npm install --save-exact @aws-sdk/client-braket`" in reason


def test_a_function_that_fails_is_asked_three_times_and_fails_the_resource(
    stack: Stack, aws: Any, function: NewFunction
) -> None:
    queue = aws("sqs").create_queue(QueueName=unique("count"))["QueueUrl"]
    assert stack.created(thing(function(COUNT), Queue=queue)) == "ROLLBACK_COMPLETE"
    reason = stack.reason("Thing", "CREATE_FAILED")
    assert "CloudFormation did not receive a response from your Custom Resource." in reason
    assert reason.endswith("the function failed: this handler always fails")
    asked = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert asked["Attributes"]["ApproximateNumberOfMessages"] == "3"


REFUSED_ANSWERS = {
    "another request": ({"RequestId": "1"}, "RequestId is '1', expected the request's"),
    "another resource": (
        {"LogicalResourceId": "Other"},
        "is 'Other', expected the request's 'Thing'",
    ),
    "no physical id": ({"PhysicalResourceId": None}, "Invalid PhysicalResourceId: None"),
    "a long physical id": ({"PhysicalResourceId": "x" * 1025}, "Invalid PhysicalResourceId"),
    "another status": ({"Status": "DONE"}, "Status is 'DONE', expected 'SUCCESS' or 'FAILED'"),
    "a failure without a reason": ({"Status": "FAILED"}, "Reason is missing, and Status is FAILED"),
    "data that is no object": ({"Data": "7"}, "Data is '7', expected an object"),
    "more than 4,096 bytes": ({"Long": 4096}, "Response object is too long."),
}


@pytest.mark.parametrize(("answer", "said"), REFUSED_ANSWERS.values(), ids=REFUSED_ANSWERS)
def test_refused_answers(stack: Stack, saying: str, answer: dict[str, Any], said: str) -> None:
    assert stack.created(thing(saying, Answer=json.dumps(answer))) == "ROLLBACK_COMPLETE"
    assert said in stack.reason("Thing", "CREATE_FAILED")


REFUSED_PROPERTIES = {
    "a topic": ({"ServiceToken": "arn:aws:sns:us-east-1:000000000000:t"}, "expected the ARN of a Lambda function"),
    "no function": ({"ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:none"}, "does not exist"),
    "another region": ({"ServiceToken": "arn:aws:lambda:eu-west-1:000000000000:function:f"}, "us-east-1"),
    "no time": ({"ServiceTimeout": 0}, "ServiceTimeout is 0, expected a number of seconds from 1 to 3600"),
    "two hours": ({"ServiceTimeout": "7200"}, "ServiceTimeout is '7200', expected a number of seconds"),
}


@pytest.mark.parametrize(("properties", "said"), REFUSED_PROPERTIES.values(), ids=REFUSED_PROPERTIES)
def test_refused_properties(stack: Stack, saying: str, properties: dict[str, Any], said: str) -> None:
    template = thing(saying, Answer="{}")
    template["Resources"]["Thing"]["Properties"] |= properties
    assert stack.created(template) == "ROLLBACK_COMPLETE"
    assert said in stack.reason("Thing", "CREATE_FAILED")


def test_a_new_physical_id_replaces_the_thing(stack: Stack, saying: str) -> None:
    """AWS::CloudFormation::CustomResource: the former thing gets a Delete request in the clean-up."""
    first, second = (thing(saying, Answer=json.dumps({"PhysicalResourceId": each})) for each in ("one", "two"))
    assert stack.created(first) == "CREATE_COMPLETE"
    assert stack.updated(second) == "UPDATE_COMPLETE"
    assert stack.resources()["Thing"] == "two"
    deleted = [event for event in stack.events() if event["ResourceStatus"] == "DELETE_COMPLETE"]
    assert [event["PhysicalResourceId"] for event in deleted] == ["one"]


@pytest.mark.parametrize(
    ("runtime", "code"),
    [
        (
            "python3.12",
            "import cfnresponse\ndef handler(event, context):\n"
            "    cfnresponse.send(event, context, cfnresponse.SUCCESS, {'Said': 'hello'}, 'thing')\n",
        ),
        (
            "nodejs22.x",
            "const response = require('cfn-response');\n"
            "exports.handler = (event, context) =>"
            " response.send(event, context, response.SUCCESS, {Said: 'hello'}, 'thing');\n",
        ),
    ],
)
def test_inline_code_finds_the_response_module(stack: Stack, runtime: str, code: str) -> None:
    """AWS CloudFormation User Guide, "`cfn-response` module"."""
    role = {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}
    function = {"Code": {"ZipFile": code}, "Handler": "index.handler", "Runtime": runtime}
    template = thing({"Fn::GetAtt": ["Function", "Arn"]})
    template["Resources"] |= {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {**function, "Role": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
    }
    template["Outputs"] = {"Said": {"Value": {"Fn::GetAtt": ["Thing", "Said"]}}}
    assert stack.created(template) == "CREATE_COMPLETE", stack.reason("Thing", "CREATE_FAILED")
    assert stack.resources()["Thing"] == "thing"
