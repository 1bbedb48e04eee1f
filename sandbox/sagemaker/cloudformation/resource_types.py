"""SageMaker's resource types for CloudFormation.

Which changes replace a resource is CloudFormation's own schema (createOnlyProperties); what is below a type's top-level
properties is honoured or refused by name by the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.host import ResourceHandler
from sandbox.sagemaker.cloudformation.endpoint_type import EndpointType
from sandbox.sagemaker.cloudformation.resource_type import ResourceType

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

_PROPERTIES = {
    "Model": {"ModelName", "PrimaryContainer", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "Tags"},
    "EndpointConfig": {"EndpointConfigName", "ProductionVariants", "KmsKeyId", "Tags"},
    "ModelPackageGroup": {"ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"},
}


def resource_types(service: SageMaker) -> dict[str, ResourceHandler]:
    """The handlers by type name."""
    handlers: dict[str, ResourceHandler] = {
        f"AWS::SageMaker::{kind}": ResourceType(service, kind, frozenset(properties))
        for kind, properties in _PROPERTIES.items()
    }
    return {**handlers, "AWS::SageMaker::Endpoint": EndpointType(service)}
