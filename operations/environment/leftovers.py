"""Everything that blocks the destroy of an environment: objects, model versions, retained models and configurations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.deployed import endpoint, registry, stacks
from operations.errors import BadInput, Failed
from operations.workflows import executions
from specs import EnvironmentSpec, Specs, hints, names

_BATCH = 1000  # DeleteObjects takes no more
_SERVING = "-serving"


@dataclass(frozen=True)
class Leftovers:
    """Everything to remove, and the executions to stop first.

    `stacks` are those that a destroy would then delete. `objects` has the number of object versions a bucket,
    `packages` the ARNs a group; `retaining` are the stacks with a deployed template by which they outlive a destroy.
    """

    environment: str
    stacks: tuple[str, ...]
    objects: dict[str, int]
    packages: dict[str, tuple[str, ...]]
    configurations: tuple[str, ...]
    models: tuple[str, ...]
    running: tuple[str, ...]
    retaining: tuple[str, ...]


def find(connection: Connection, specs: Specs) -> Leftovers:
    """Look at a whole environment, and change nothing."""
    environments = [environment.name for environment in specs.environments]
    existing = stacks.existing(connection, environments, [model.name for model in specs.models])
    deployed = [stack.name for stack in existing]
    return _look(connection, deployed, lambda stack: names.belongs(stack, connection.environment.name, environments))


def of_model(connection: Connection, model: str) -> Leftovers:
    """Look at one model, declared or not, and change nothing."""
    own = names.model_stacks(connection.environment.name, model)
    return _look(connection, [stack for stack in own if stacks.status(connection, stack)], own.__contains__)


def _look(connection: Connection, deployed: list[str], is_ours: Callable[[str], bool]) -> Leftovers:
    kept = _resources(connection, deployed) | _served(connection, deployed)
    retained = _tagged(connection, is_ours) - kept
    return Leftovers(
        environment=connection.environment.name,
        stacks=tuple(deployed),
        objects={bucket: sum(1 for _ in _versions(connection, bucket)) for bucket in _buckets(connection, deployed)},
        packages={
            group: tuple(item.arn for item in registry.versions(connection, group))
            for group in _groups(connection, deployed)
        },
        configurations=tuple(sorted(name for kind, name in retained if kind == "endpoint-config")),
        models=tuple(sorted(name for kind, name in retained if kind == "model")),
        running=tuple(
            arn for workflow in _workflows(connection, deployed) for arn in executions.running(connection, workflow)
        ),
        retaining=tuple(stack for stack in deployed if _retains(connection, stack)),
    )


def require_declared(environment: EnvironmentSpec) -> None:
    """Require that the environment's file lets its data go. Raises ``BadInput``."""
    if environment.retention.data == "retain":
        raise BadInput(_kept(environment, "declares"))


def require_deployed(environment: EnvironmentSpec, found: Leftovers) -> None:
    """Require that the deployed templates let the data go. Raises ``BadInput``."""
    if found.retaining:
        raise BadInput(_kept(environment, f"was deployed to {', '.join(found.retaining)} with"))


def _kept(environment: EnvironmentSpec, how: str) -> str:
    file, deploy = f"environments/{environment.name}.toml", hints.deploy(environment.name)
    return (
        f'Nothing was removed: {file} {how} [retention] data = "retain". If data, key and registry shall go, write '
        f'data = "destroy" there, have that reviewed, run `{deploy}`, then run this again. To destroy the stacks and '
        "keep the data: docs/destroy.md."
    )


def remove(connection: Connection, found: Leftovers, report: Callable[[str], None]) -> None:
    """Stop the executions, then remove everything that was found and still exists.

    `report` gets a sentence for each step. Raises ``BadInput`` before the first one if data is retained.
    """
    require_declared(connection.environment)
    require_deployed(connection.environment, found)
    for arn in found.running:
        executions.stop(connection, arn, "the environment is being emptied")
    sagemaker = connection.client("sagemaker")
    for name in found.configurations:
        _delete(sagemaker.delete_endpoint_config, EndpointConfigName=name)
    for name in found.models:
        _delete(sagemaker.delete_model, ModelName=name)
    for group, arns in found.packages.items():
        for arn in arns:
            _delete(sagemaker.delete_model_package, ModelPackageName=arn)
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


def _buckets(connection: Connection, deployed: list[str]) -> list[str]:
    foundation = names.foundation_stack(connection.environment.name)
    found = stacks.resources(connection, foundation) if foundation in deployed else []
    return [item["PhysicalResourceId"] for item in found if item["ResourceType"] == "AWS::S3::Bucket"]


def _retains(connection: Connection, stack: str) -> bool:
    """Tell whether the deployed template retains anything. A stack without a deploy since its adoption does."""
    resources = stacks.template_resources(connection, stack)
    return resources is None or bool(stacks.retained(resources))


def _groups(connection: Connection, deployed: list[str]) -> list[str]:
    """The groups of existing stacks. Those that a destroy left behind are kept: they can be adopted."""
    return sorted(
        item["PhysicalResourceId"].rpartition("/")[2]
        for stack in deployed
        for item in stacks.resources(connection, stack)
        if item["ResourceType"] == "AWS::SageMaker::ModelPackageGroup"
    )


def _tagged(connection: Connection, is_ours: Callable[[str], bool]) -> set[tuple[str, str]]:
    """Models and endpoint configurations that carry the tag of one of these serving stacks."""
    pages = connection.client("resourcegroupstaggingapi").get_paginator("get_resources")
    found = pages.paginate(
        TagFilters=[{"Key": names.STACK_TAG}], ResourceTypeFilters=["sagemaker:model", "sagemaker:endpoint-config"]
    )
    tagged = set()
    for page in found:
        for item in page["ResourceTagMappingList"]:
            stack = {tag["Key"]: tag["Value"] for tag in item["Tags"]}[names.STACK_TAG]
            if is_ours(stack):
                kind, _, name = item["ResourceARN"].split(":", 5)[5].partition("/")
                tagged.add((kind, name))
    return tagged


def _served(connection: Connection, deployed: list[str]) -> set[tuple[str, str]]:
    """Models and configurations that endpoints serve now: CloudFormation removes them with the endpoint."""
    prefix, kept = names.prefix(connection.environment.name), set()
    for stack in deployed:
        if not stack.endswith(_SERVING):
            continue
        served = endpoint.in_service(connection, stack.removeprefix(prefix).removesuffix(_SERVING))
        if served:
            kept |= {("endpoint-config", served.configuration), *(("model", model) for model in served.models)}
    return kept


def _resources(connection: Connection, deployed: list[str]) -> set[tuple[str, str]]:
    """Models and configurations that are still resources of their serving stack."""
    kinds = {"AWS::SageMaker::Model": "model", "AWS::SageMaker::EndpointConfig": "endpoint-config"}
    return {
        (kinds[item["ResourceType"]], item["PhysicalResourceId"].rpartition("/")[2])
        for stack in deployed
        if stack.endswith(_SERVING)
        for item in stacks.resources(connection, stack)
        if item["ResourceType"] in kinds and item.get("PhysicalResourceId")
    }


def _workflows(connection: Connection, deployed: list[str]) -> list[str]:
    found = [stacks.outputs(connection, stack) or {} for stack in deployed if stack.endswith(("-training", "-release"))]
    return [item["StateMachineArn"] for item in found if "StateMachineArn" in item]


def _delete(delete: Callable[..., Any], **argument: str) -> None:
    """Delete one resource, unless it was deleted meanwhile."""
    try:
        delete(**argument)
    except ClientError as error:
        if not is_missing(error):
            raise
