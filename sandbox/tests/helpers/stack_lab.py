"""The tools for deployments in tests: stacks, their events, and custom resources answered by the test."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from function_lab import make_function
from job_lab import make_role, trust, unique
from waiting import until

FORWARD = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


def parameter(value: Any = "1", name: str = "", **attributes: Any) -> dict[str, Any]:
    """The lightest of resources for a template, an SSM parameter; `attributes` are DependsOn, DeletionPolicy..."""
    named = {"Name": name} if name else {}
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **named}, **attributes}


def broken(**attributes: Any) -> dict[str, Any]:
    """A resource that fails at creation: SSM has no such parameter type for CloudFormation.

    The type is the value of a function: a literal one is refused with the template.
    """
    secure = {"Fn::Join": ["", ["Secure", "String"]]}
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": secure, "Value": "1"}, **attributes}


class Stack:
    """One stack, addressed by its name."""

    def __init__(self, aws: Callable[[str], Any], name: str | None = None) -> None:
        self.api = aws("cloudformation")
        self.name = name or unique("stack")

    def create(self, template: dict, **request: Any) -> str:
        """Begin the creation; gives the stack's id."""
        return self.api.create_stack(**self._request(template), **request)["StackId"]

    def update(self, template: dict, **request: Any) -> None:
        self.api.update_stack(**self._request(template), **request)

    def change_set(self, template: dict, **request: Any) -> str:
        """Create a change set; gives its id."""
        return self.api.create_change_set(ChangeSetName=unique("change"), **self._request(template), **request)["Id"]

    def changed(self, template: dict, **request: Any) -> str:
        """Create and execute a change set."""
        self.api.execute_change_set(ChangeSetName=self.change_set(template, **request))
        return self.settled()

    def delete(self, **request: Any) -> None:
        self.api.delete_stack(StackName=self.name, **request)

    def describe(self) -> dict[str, Any]:
        return self.api.describe_stacks(StackName=self.name)["Stacks"][0]

    def settled(self) -> str:
        """The status once nothing is under way; a stack that is gone counts as deleted."""

        def status() -> str | None:
            try:
                found = self.describe()["StackStatus"]
            except self.api.exceptions.ClientError:
                return "DELETE_COMPLETE"
            return None if found.endswith("_IN_PROGRESS") else found

        return until(status)

    def created(self, template: dict, **request: Any) -> str:
        self.create(template, **request)
        return self.settled()

    def updated(self, template: dict, **request: Any) -> str:
        self.update(template, **request)
        return self.settled()

    def deleted(self, **request: Any) -> str:
        self.delete(**request)
        return self.settled()

    def events(self, stack_id: str = "") -> list[dict[str, Any]]:
        """All events in the order in which they happened."""
        pages = self.api.get_paginator("describe_stack_events").paginate(StackName=stack_id or self.name)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def story(self, stack_id: str = "") -> list[tuple[str, str]]:
        """The logical id ("stack" for the stack itself) and status of each event."""
        return [
            (
                "stack" if event["LogicalResourceId"] == self.name else event["LogicalResourceId"],
                event["ResourceStatus"],
            )
            for event in self.events(stack_id)
        ]

    def shows(self, logical_id: str, status: str) -> None:
        """Wait for an event."""
        until(lambda: (logical_id, status) in self.story())

    def reason(self, logical_id: str, status: str) -> str:
        """The reason that the last event of a resource in a status gives."""
        reasons = [
            event.get("ResourceStatusReason", "")
            for event in self.events()
            if (self._named(event), event["ResourceStatus"]) == (logical_id, status)
        ]
        return reasons[-1] if reasons else "no such event"

    def _request(self, template: dict) -> dict[str, Any]:
        capabilities = ["CAPABILITY_NAMED_IAM"]
        return {"StackName": self.name, "TemplateBody": json.dumps(template), "Capabilities": capabilities}

    def _named(self, event: dict[str, Any]) -> str:
        return "stack" if event["LogicalResourceId"] == self.name else event["LogicalResourceId"]

    def resources(self) -> dict[str, str]:
        """The physical ids of the resources that the stack holds, by logical id."""
        found = self.api.describe_stack_resources(StackName=self.name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}


class Provider:
    """Custom resources with requests that wait for the test's answer."""

    def __init__(self, aws: Callable[[str], Any]) -> None:
        self.sqs = aws("sqs")
        self.queue = self.sqs.create_queue(QueueName=unique("provider"))["QueueUrl"]
        role, variables = make_role(aws("iam"), trust("lambda.amazonaws.com")), {"QUEUE": self.queue}
        self.arn = make_function(aws, role, FORWARD, Environment={"Variables": variables})["FunctionArn"]
        self.waiting: list[dict[str, Any]] = []

    def resource(self, *after: str, **properties: Any) -> dict[str, Any]:
        """A custom resource for a template, made after the named ones."""
        properties = {"ServiceToken": self.arn, **properties}
        return {"Type": "Custom::Thing", "Properties": properties, "DependsOn": list(after)}

    def asked(self, kind: str, *logical_ids: str) -> None:
        """Wait until requests of a kind ("Create", "Update", "Delete") are waiting for these resources."""
        until(lambda: self._receive() or {(kind, name) for name in logical_ids} <= set(self._names()))

    def answer(self, kind: str, logical_id: str, physical_id: str = "", failure: str = "") -> None:
        """Answer a request, once it is there."""
        self.asked(kind, logical_id)
        event = self.waiting.pop(self._names().index((kind, logical_id)))
        response = {
            "Status": "FAILED" if failure else "SUCCESS",
            "Reason": failure,
            "PhysicalResourceId": physical_id or event.get("PhysicalResourceId", f"{logical_id}-1"),
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        }
        request = urllib.request.Request(event["ResponseURL"], json.dumps(response).encode(), method="PUT")
        urllib.request.urlopen(request).close()

    def _names(self) -> list[tuple[str, str]]:
        return [(event["RequestType"], event["LogicalResourceId"]) for event in self.waiting]

    def _receive(self) -> None:
        for message in self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            self.waiting.append(json.loads(message["Body"]))
