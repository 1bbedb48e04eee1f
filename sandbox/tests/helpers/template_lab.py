"""Stacks and change sets of small templates, by boto3 only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from job_lab import unique
from waiting import WAITER

_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]

Template = dict[str, Any]


def template(**resources: Template) -> Template:
    """A template of the resources: `template(Queue={"Type": ..., "Properties": ...})`."""
    return {"Resources": resources}


def resource(type_name: str, **properties: Any) -> Template:
    return {"Type": type_name, "Properties": properties}


class Stack:
    """One stack, which keeps parameters unless given."""

    def __init__(self, aws: Callable[[str], Any], name: str | None = None) -> None:
        self.aws, self.name = aws, name or unique("stack")
        self.cloudformation = aws("cloudformation")

    def deploy(self, body: Template, **parameters: str) -> dict[str, str]:
        """Create or update the stack, wait, and give its outputs. Raises WaiterError."""
        exists = self.exists()
        act = self.cloudformation.update_stack if exists else self.cloudformation.create_stack
        act(**self._request(body, parameters))
        waiter = "stack_update_complete" if exists else "stack_create_complete"
        self.cloudformation.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=WAITER)
        return self.outputs()

    def change_set(self, body: Template, **parameters: str) -> Template:
        """A change set's description, with the values of properties."""
        change_type = "UPDATE" if self.exists() else "CREATE"
        request = {**self._request(body, parameters), "ChangeSetName": unique("change"), "ChangeSetType": change_type}
        made = self.cloudformation.create_change_set(**request)["Id"]
        return self.cloudformation.describe_change_set(ChangeSetName=made, IncludePropertyValues=True)

    def execute(self, change_set: Template) -> dict[str, str]:
        """Execute a change set, wait for the stack, and give its outputs."""
        waiter = "stack_update_complete" if self.exists() else "stack_create_complete"
        self.cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        self.cloudformation.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=WAITER)
        return self.outputs()

    def delete(self) -> None:
        self.cloudformation.delete_stack(StackName=self.name)
        self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig=WAITER)

    def exists(self) -> bool:
        try:
            found = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError:
            return False
        return found["StackStatus"] != "REVIEW_IN_PROGRESS"

    def outputs(self) -> dict[str, str]:
        found = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0].get("Outputs", [])
        return {item["OutputKey"]: item["OutputValue"] for item in found}

    def physical_id(self, logical_id: str) -> str:
        found = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def _request(self, body: Template, parameters: dict[str, str]) -> Template:
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        kept = set(body.get("Parameters", {})) - parameters.keys() if self.exists() else set()
        given += [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)]
        return {
            "StackName": self.name,
            "TemplateBody": json.dumps(body),
            "Parameters": given,
            "Capabilities": _CAPABILITIES,
        }
