"""The permissions that optimized integrations of Step Functions use.

Source: AWS Step Functions Developer Guide, "Integrating services with Step Functions" (a page for each service).
SageMaker's tasks and AWS SDK tasks are not here: their calls carry the role's credentials and are checked as requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region

from sandbox.frame.permissions import Permission

ERRORS = {
    "lambda": ("Lambda.AWSLambdaException", "AWSLambda"),
    "sns": ("SNS.AmazonSNSException", "AmazonSNS"),
    "sqs": ("SQS.AmazonSQSException", "AmazonSQS"),
    "dynamodb": ("DynamoDB.AmazonDynamoDBException", "AmazonDynamoDBv2"),
    "events": ("EventBridge.AmazonEventBridgeException", "AmazonEventBridge"),
    "states": ("StepFunctions.AWSStepFunctionsException", "AWSStepFunctions"),
    "ecs": ("ECS.AmazonECSException", "AmazonECS"),
}
"""Error names and services as spelled in causes; Lambda's is documented, the others follow it."""

_OPTIMIZED = re.compile(r"arn:aws:states:::(?P<service>\w+):(?P<action>\w+)(?P<pattern>\.\w+)?")


def permissions_of(resource: str, arguments: Any) -> tuple[str, list[Permission]]:
    """The service of a task's Resource, and the permissions to check; empty if checked elsewhere."""
    given = arguments if isinstance(arguments, dict) else {}
    if resource.startswith("arn:aws:lambda:"):
        return "lambda", [Permission("lambda:InvokeFunction", resource)]
    found = _OPTIMIZED.match(resource)
    if found is None or found["service"] not in _RESOURCES:
        return "", []
    service, action = found["service"], found["action"][0].upper() + found["action"][1:]
    name = "lambda:InvokeFunction" if service == "lambda" else f"{service}:{action}"
    permissions = [Permission(name, arn) for arn in _RESOURCES[service](given)]
    if service == "states" and found["pattern"] == ".sync":
        executions = _arn("states", "execution:" + given.get("StateMachineArn", "").rpartition(":")[2] + ":*")
        permissions += [Permission(f"states:{verb}Execution", executions) for verb in ("Describe", "Stop")]
    return service, permissions


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"


def _named(service: str, prefix: str, name: str) -> str:
    return name if name.startswith("arn:") else _arn(service, prefix + name)


def _buses(given: dict) -> list[str]:
    entries = given.get("Entries", [])
    return [_named("events", "event-bus/", entry.get("EventBusName", "default")) for entry in entries]


_RESOURCES: dict[str, Callable[[dict], list[str]]] = {
    "lambda": lambda given: [_named("lambda", "function:", given.get("FunctionName", ""))],
    "sns": lambda given: [given.get("TopicArn") or given.get("TargetArn") or "*"],
    "sqs": lambda given: [_arn("sqs", given.get("QueueUrl", "").rpartition("/")[2])],
    "dynamodb": lambda given: [_named("dynamodb", "table/", given.get("TableName", ""))],
    "events": _buses,
    "states": lambda given: [given.get("StateMachineArn", "*")],
    "ecs": lambda given: [_named("ecs", "task-definition/", given.get("TaskDefinition", ""))],
}
