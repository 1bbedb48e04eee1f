"""A model's endpoint, and the version that it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from specs import names


@dataclass(frozen=True)
class InService:
    """An endpoint, its configuration, its models; instance type and package are the first one's."""

    endpoint: str
    status: str
    configuration: str
    models: tuple[str, ...]
    instance_type: str
    package: str | None
    failure: str | None

    @property
    def version(self) -> int | None:
        """The model package's version."""
        return int(self.package.rpartition("/")[2]) if self.package else None


def in_service(connection: Connection, model: str) -> InService | None:
    """The endpoint of a model in the connection's environment, or None."""
    sagemaker = connection.client("sagemaker")
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=names.endpoint(connection.environment.name, model))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    models = tuple(variant["ModelName"] for variant in configuration["ProductionVariants"])
    return InService(
        endpoint=endpoint["EndpointName"],
        status=endpoint["EndpointStatus"],
        configuration=endpoint["EndpointConfigName"],
        models=models,
        instance_type=configuration["ProductionVariants"][0].get("InstanceType", ""),
        package=_package(sagemaker.describe_model(ModelName=models[0])),
        failure=endpoint.get("FailureReason"),
    )


def _package(model: dict[str, Any]) -> str | None:
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    return next((item["ModelPackageName"] for item in containers if "ModelPackageName" in item), None)
