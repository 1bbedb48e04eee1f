"""What blocks the destroy of an environment: objects, model versions, retained models and configurations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from operations import deployment, executions, registry, serving
from operations.errors import Failed
from operations.explain import is_missing
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import Specs

_BATCH = 1000  # DeleteObjects takes no more


@dataclass(frozen=True)
class Leftovers:
    """What there is to remove: object versions a bucket, package ARNs a group, names, and executions to stop first."""

    environment: str
    objects: dict[str, int]
    packages: dict[str, tuple[str, ...]]
    configurations: tuple[str, ...]
    models: tuple[str, ...]
    running: tuple[str, ...]


def find(connection: Connection, specs: Specs) -> Leftovers:
    """Look, and change nothing."""
    others = [environment.name for environment in specs.environments]
    stacks = [stack.name for stack in deployment.stacks(connection, others, [model.name for model in specs.models])]
    groups = _groups(connection, others)
    kept = _resources(connection, [stack for stack in stacks if stack.endswith("-serving")]) | _served(
        connection, stacks
    )
    retained = _tagged(connection, others) - kept
    return Leftovers(
        environment=connection.environment.name,
        objects={bucket: sum(1 for _ in _versions(connection, bucket)) for bucket in _buckets(connection, stacks)},
        packages={group: tuple(item.arn for item in registry.versions(connection, group)) for group in groups},
        configurations=tuple(sorted(name for kind, name in retained if kind == "endpoint-config")),
        models=tuple(sorted(name for kind, name in retained if kind == "model")),
        running=tuple(
            arn for workflow in _workflows(connection, stacks) for arn in executions.running(connection, workflow)
        ),
    )


def remove(connection: Connection, found: Leftovers, report: Callable[[str], None]) -> None:
    """Remove what was found; what has gone meanwhile is no fault. `report` gets a sentence a step."""
    sagemaker = connection.client("sagemaker")
    for name in found.configurations:
        _gone(sagemaker.delete_endpoint_config, EndpointConfigName=name)
    for name in found.models:
        _gone(sagemaker.delete_model, ModelName=name)
    for group, arns in found.packages.items():
        for arn in arns:
            _gone(sagemaker.delete_model_package, ModelPackageName=arn)
        report(f"{group}: {len(arns)} versions removed")
    for bucket in found.objects:
        report(f"{bucket}: {_delete_objects(connection, bucket)} object versions removed")


def _delete_objects(connection: Connection, bucket: str) -> int:
    """Delete every version and delete marker. Raises ``Failed`` with the first that AWS keeps."""
    s3, versions, removed = connection.client("s3"), _versions(connection, bucket), 0
    while batch := list(islice(versions, _BATCH)):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if errors := answer.get("Errors"):
            first = errors[0]
            raise Failed(f"s3://{bucket}/{first['Key']} stays: {first['Code']}: {first['Message']}")
        removed += len(batch)
    return removed


def _versions(connection: Connection, bucket: str) -> Iterator[dict[str, str]]:
    for page in connection.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            yield {"Key": item["Key"], "VersionId": item["VersionId"]}


def _buckets(connection: Connection, stacks: list[str]) -> list[str]:
    foundation = names.foundation_stack(connection.environment.name)
    found = _stack_resources(connection, foundation) if foundation in stacks else []
    return [item["PhysicalResourceId"] for item in found if item["ResourceType"] == "AWS::S3::Bucket"]


def _groups(connection: Connection, environments: list[str]) -> list[str]:
    environment = connection.environment.name
    pages = connection.client("sagemaker").get_paginator("list_model_package_groups")
    found = pages.paginate(NameContains=names.prefix(environment))
    groups = [item["ModelPackageGroupName"] for page in found for item in page["ModelPackageGroupSummaryList"]]
    return sorted(group for group in groups if names.belongs(group, environment, environments))


def _tagged(connection: Connection, environments: list[str]) -> set[tuple[str, str]]:
    """Models and endpoint configurations that carry the tag of one of the environment's serving stacks."""
    pages = connection.client("resourcegroupstaggingapi").get_paginator("get_resources")
    found = pages.paginate(
        TagFilters=[{"Key": names.STACK_TAG}], ResourceTypeFilters=["sagemaker:model", "sagemaker:endpoint-config"]
    )
    tagged = set()
    for page in found:
        for item in page["ResourceTagMappingList"]:
            stack = {tag["Key"]: tag["Value"] for tag in item["Tags"]}[names.STACK_TAG]
            if names.belongs(stack, connection.environment.name, environments):
                kind, _, name = item["ResourceARN"].split(":", 5)[5].partition("/")
                tagged.add((kind, name))
    return tagged


def _served(connection: Connection, stacks: list[str]) -> set[tuple[str, str]]:
    """What the environment's endpoints serve now: CloudFormation removes it with the endpoint."""
    prefix, kept = names.prefix(connection.environment.name), set()
    for stack in stacks:
        if not stack.endswith("-serving"):
            continue
        served = serving.in_service(connection, stack.removeprefix(prefix).removesuffix("-serving"))
        if served:
            kept |= {("endpoint-config", served.configuration), *(("model", model) for model in served.models)}
    return kept


def _resources(connection: Connection, stacks: list[str]) -> set[tuple[str, str]]:
    """Models and configurations that are still resources of their stack."""
    kinds = {"AWS::SageMaker::Model": "model", "AWS::SageMaker::EndpointConfig": "endpoint-config"}
    return {
        (kinds[item["ResourceType"]], item["PhysicalResourceId"].rpartition("/")[2])
        for stack in stacks
        for item in _stack_resources(connection, stack)
        if item["ResourceType"] in kinds and item.get("PhysicalResourceId")
    }


def _workflows(connection: Connection, stacks: list[str]) -> list[str]:
    found = [
        deployment.outputs(connection, stack) or {} for stack in stacks if stack.endswith(("-training", "-release"))
    ]
    return [item["StateMachineArn"] for item in found if "StateMachineArn" in item]


def _stack_resources(connection: Connection, stack: str) -> list[dict[str, Any]]:
    """The resources of a stack that exist."""
    pages = connection.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    found = [item for page in pages for item in page["StackResourceSummaries"]]
    return [item for item in found if item["ResourceStatus"] != "DELETE_COMPLETE"]


def _gone(delete: Callable[..., Any], **argument: str) -> None:
    try:
        delete(**argument)
    except ClientError as error:
        if not is_missing(error):
            raise
