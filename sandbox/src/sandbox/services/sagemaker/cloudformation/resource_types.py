"""SageMaker's resource types for CloudFormation.

A type's properties are the members that its Create operation honours: CloudFormation has the API's names, all the way
down.
"""

from __future__ import annotations

from sandbox.frame.operations import Api
from sandbox.frame.resource_handler import ResourceHandler
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.cloudformation.endpoint_type import EndpointType
from sandbox.services.sagemaker.cloudformation.mlflow_app_type import MlflowAppType
from sandbox.services.sagemaker.cloudformation.resource_type import Call, ResourceType

_KINDS = ("EndpointConfig", "Model", "ModelPackageGroup")


def resource_types(api: Api, call: Call, tags: Tags) -> dict[str, ResourceHandler]:
    """The handlers by type name; `call` acts for the role of the stack."""
    types = {kind: ResourceType(kind, api, call, tags) for kind in _KINDS}
    types |= {"Endpoint": EndpointType(api, call, tags), "MlflowApp": MlflowAppType(api, call, tags)}
    return {f"AWS::SageMaker::{kind}": handler for kind, handler in types.items()}
