"""SageMaker's resource types for CloudFormation.

A type's properties are the members that its Create operation honours: CloudFormation has the API's names, all the way
down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.frame.host import ResourceHandler
from sandbox.services.sagemaker.cloudformation.endpoint_type import EndpointType
from sandbox.services.sagemaker.cloudformation.mlflow_app_type import MlflowAppType
from sandbox.services.sagemaker.cloudformation.resource_type import ResourceType

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_KINDS = ("EndpointConfig", "Model", "ModelPackageGroup")


def resource_types(service: SageMaker) -> dict[str, ResourceHandler]:
    """The handlers by type name."""
    handlers: dict[str, ResourceHandler] = {f"AWS::SageMaker::{kind}": ResourceType(service, kind) for kind in _KINDS}
    return {
        **handlers,
        "AWS::SageMaker::Endpoint": EndpointType(service),
        "AWS::SageMaker::MlflowApp": MlflowAppType(service),
    }
