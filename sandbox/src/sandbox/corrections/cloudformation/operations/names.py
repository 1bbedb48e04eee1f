"""Physical names: generated ones are new at every creation, custom ones are unique.

"Name type": "you can't perform updates that require replacement of the resource"; an existing name fails the creation
with the message of the resource's handler (AlreadyExists).
"""

from __future__ import annotations

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, provisioners

_CUSTOM_NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""The property of the name by type, for names unique in a region; SageMaker's own types refuse by themselves."""

_NAMED_BY_STACK_ALONE = {"AWS::Logs::LogGroup": "LogGroupName", "AWS::SSM::Parameter": "Name"}
"""Types for which ministack generates a name from the stack's name and the logical id, without a seed."""


def generated(type_name: str, logical_id: str, properties: dict, stack_name: str) -> dict:
    """The properties for a creation, with a new name where ministack would repeat one."""
    named = _NAMED_BY_STACK_ALONE.get(type_name)
    if named is None or properties.get(named):
        return properties
    return {**properties, named: provisioners._physical_name(stack_name, logical_id)}


def kept(type_name: str, physical_id: str, properties: dict) -> dict:
    """The properties of an existing resource, with its generated name."""
    named = _NAMED_BY_STACK_ALONE.get(type_name)
    return {named: physical_id, **properties} if named else properties


def renamed(type_name: str, record: dict, properties: dict, stack_name: str) -> dict:
    """The properties of an update: an unnamed resource keeps its generated name.

    A resource that loses a custom name gets a generated one.
    """
    named = _NAMED_BY_STACK_ALONE.get(type_name, "")
    if record["Properties"].get(named):
        return generated(type_name, record["LogicalResourceId"], properties, stack_name)
    return kept(type_name, record["PhysicalResourceId"], properties)


def check_free(type_name: str, properties: dict) -> None:
    """Raise ValueError if a resource of this type already has the custom name."""
    named = _CUSTOM_NAMES.get(type_name, "")
    name = properties.get(named)
    if not name:
        return
    for stack in cloudformation._stacks.values():
        if stack["StackStatus"] == "DELETE_COMPLETE":
            continue
        for record in stack.get("_resources", {}).values():
            if record["ResourceType"] == type_name and record.get("Properties", {}).get(named) == name:
                raise ValueError(f"{name} already exists in stack {stack['StackId']}")
    keys, problem = changesets._IMPORT_LOOKUPS.get(type_name, ((), None))
    if problem is not None and keys == (named,) and problem(name) is None:
        raise ValueError(f"Resource of type '{type_name}' with identifier '{name}' already exists.")


def check_replaceable(type_name: str, old: dict, new: dict) -> None:
    """Raise ValueError if a replacement needs the custom name of its predecessor."""
    named = _CUSTOM_NAMES.get(type_name, "")
    name = old.get(named)
    if name and name == new.get(named):
        cannot = "CloudFormation cannot update a stack when a custom-named resource requires replacing."
        raise ValueError(f"{cannot} Rename {name} and update the stack again.")
