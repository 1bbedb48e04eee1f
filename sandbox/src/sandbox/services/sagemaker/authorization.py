"""The permissions that each SageMaker call demands: actions, resources, condition keys, passed roles.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker".
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.members import values_at
from sandbox.frame.permissions import Permission

Request = Mapping[str, Any]

_BY_NAME = {
    "TrainingJob": "training-job",
    "ProcessingJob": "processing-job",
    "TransformJob": "transform-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "Model": "model",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
    "ModelPackageGroup": "model-package-group",
    "ModelPackage": "model-package",
}
"""The kinds of resources by their noun in operation names: DescribeTrainingJob has TrainingJobName."""
_LOWER = frozenset({"Endpoint", "EndpointConfig"})
"""Kinds with ARNs in lower case."""
_ROLES = ("RoleArn", "ExecutionRoleArn", "TrainingJobDefinition.RoleArn")
_TAGGING = frozenset({"AddTags", "DeleteTags", "ListTags"})


class Authorization:
    """The permissions of calls in one account and region."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def control(self, operation: str, path: str, request: Request) -> list[Permission]:
        """The permissions for an operation of the control plane, its own action first."""
        context = dict(condition_keys(operation, request))
        action = f"sagemaker:{operation}"
        own = [Permission(action, resource, context) for resource in self._resources(operation, request)]
        return [
            *own,
            *self._tags(operation, own[0].resource, request),
            *_passed(request),
            *self._volumes(operation, request),
            *self._alarms(request),
        ]

    def task(self, operation: str, request: Request) -> list[Permission]:
        """The permissions for a call of a Step Functions task.

        A task lists the tags of the job that it creates. Source: AWS Step Functions Developer Guide, "Create and manage
        Amazon SageMaker AI jobs with Step Functions". The page grants ListTags on every resource; the call itself names
        one (Service Authorization Reference).
        """
        own = self.control(operation, "", request)
        return [*own, Permission("sagemaker:ListTags", own[0].resource)] if operation.startswith("Create") else own

    def runtime(self, operation: str, path: str, request: Request) -> list[Permission]:
        """The permission for an invocation. The path has the name as it was created; ARNs are in lower case."""
        name = urllib.parse.unquote(path.split("/")[2]).lower()
        return [Permission(f"sagemaker:{operation or 'InvokeEndpoint'}", self._arn(f"endpoint/{name}"))]

    def _resources(self, operation: str, request: Request) -> list[str]:
        if operation in _TAGGING:
            return [request.get("ResourceArn") or "*"]
        if operation.startswith("List") and operation != "ListTrainingJobsForHyperParameterTuningJob":
            return ["*"]
        if "MlflowApp" in operation:  # an app's ARN is not known before it is made
            return [request.get("Arn") or self._arn("mlflow-app/*")]
        if "ModelPackage" in operation and not operation.endswith("Group"):
            return self._packages(operation, request)
        kind = _kind(operation)
        if kind is None or not request.get(f"{kind}Name"):
            return ["*"]
        resources = [self._named(kind, request)]
        if operation in ("CreateEndpoint", "UpdateEndpoint") and request.get("EndpointConfigName"):
            resources.append(self._named("EndpointConfig", request))
        return resources

    def _named(self, kind: str, request: Request) -> str:
        name = str(request[f"{kind}Name"]).rpartition("/")[2]
        return self._arn(f"{_BY_NAME[kind]}/{name.lower() if kind in _LOWER else name}")

    def _packages(self, operation: str, request: Request) -> list[str]:
        """The packages of a request. A new version has no number yet, so its group stands for it."""
        if operation == "CreateModelPackage":
            group = str(request.get("ModelPackageGroupName", "")).rpartition("/")[2]
            return [self._arn(f"model-package-group/{group}"), self._arn(f"model-package/{group}/*")]
        name = str(request.get("ModelPackageArn") or request.get("ModelPackageName") or "*")
        return [name if name.startswith("arn:") or name == "*" else self._arn(f"model-package/{name}")]

    def _volumes(self, operation: str, request: Request) -> Iterator[Permission]:
        """A key for the volumes of instances. AWS asks for the grant when the endpoint is created, one call later.

        Source: Developer Guide, "SageMaker API Permissions: Actions, Permissions, and Resources Reference".
        """
        key = str(request.get("KmsKeyId") or "")
        if operation == "CreateEndpointConfig" and key.startswith("arn:"):
            yield Permission("kms:DescribeKey", key)
            yield Permission("kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "true"})

    def _alarms(self, request: Request) -> Iterator[Permission]:
        """Alarms that roll an endpoint back, of the caller.

        The page "Auto-Rollback Configuration and Monitoring" names the execution role, which is asked besides; that
        SageMaker does not look with the caller's permissions is written nowhere.
        """
        for name in values_at(request, "DeploymentConfig.AutoRollbackConfiguration.Alarms.AlarmName"):
            yield Permission("cloudwatch:DescribeAlarms", self._host.arn("cloudwatch", f"alarm:{name}"))

    def _arn(self, resource: str) -> str:
        return self._host.arn("sagemaker", resource)

    def _tags(self, operation: str, resource: str, request: Request) -> Iterator[Permission]:
        """Tags at creation demand sagemaker:AddTags. A call of AddTags itself has no TaggingAction."""
        if operation.startswith("Create") and request.get("Tags"):
            keys = {**dict(condition_keys("AddTags", request)), "sagemaker:TaggingAction": operation}
            yield Permission("sagemaker:AddTags", resource, keys)


def _kind(operation: str) -> str | None:
    if operation == "UpdateEndpointWeightsAndCapacities":
        return "Endpoint"
    return next((kind for kind in sorted(_BY_NAME, key=len, reverse=True) if operation.endswith(kind)), None)


def _passed(request: Request) -> Iterator[Permission]:
    for member in _ROLES:
        for role in filter(None, values_at(request, member)):
            yield Permission("iam:PassRole", str(role), {"iam:PassedToService": "sagemaker.amazonaws.com"})


def condition_keys(operation: str, request: Request) -> Iterator[tuple[str, Any]]:
    """The condition keys that describe a request. An absent member leaves its key absent."""
    tags = [tag for tag in request.get("Tags", []) if isinstance(tag, dict)]
    yield from ((f"aws:RequestTag/{tag.get('Key')}", tag.get("Value", "")) for tag in tags)
    keys = [tag.get("Key") for tag in tags] + list(request.get("TagKeys", []))
    if keys:
        yield "aws:TagKeys", keys
    if operation == "AddTags":
        return
    for key, paths in _KEYS.items():
        if operation not in _ONLY_OF.get(key, {operation}):
            continue
        places = [*paths, *(f"TrainingJobDefinition.{path}" for path in paths)]
        values = sorted({_shown(value) for path in places for value in values_at(request, path)})
        if values:
            yield key, values if key in _SEVERAL else values[0]


_KEYS = {
    "sagemaker:InstanceTypes": (
        "ResourceConfig.InstanceType",
        "ProcessingResources.ClusterConfig.InstanceType",
        "ProductionVariants.InstanceType",
        "HyperParameterTuningResourceConfig.InstanceType",
        "HyperParameterTuningResourceConfig.InstanceConfigs.InstanceType",
        "TransformResources.InstanceType",
    ),
    "sagemaker:VolumeKmsKey": (
        "ResourceConfig.VolumeKmsKeyId",
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        "TransformResources.VolumeKmsKeyId",
        "HyperParameterTuningResourceConfig.VolumeKmsKeyId",
        "KmsKeyId",
    ),
    "sagemaker:OutputKmsKey": ("OutputDataConfig.KmsKeyId", "ProcessingOutputConfig.KmsKeyId"),
    "sagemaker:VpcSubnets": ("VpcConfig.Subnets", "NetworkConfig.VpcConfig.Subnets"),
    "sagemaker:VpcSecurityGroupIds": ("VpcConfig.SecurityGroupIds", "NetworkConfig.VpcConfig.SecurityGroupIds"),
    "sagemaker:NetworkIsolation": ("EnableNetworkIsolation", "NetworkConfig.EnableNetworkIsolation"),
    "sagemaker:InterContainerTrafficEncryption": (
        "EnableInterContainerTrafficEncryption",
        "NetworkConfig.EnableInterContainerTrafficEncryption",
    ),
    "sagemaker:MaxRuntimeInSeconds": ("StoppingCondition.MaxRuntimeInSeconds",),
    "sagemaker:ModelApprovalStatus": ("ModelApprovalStatus",),
}
_ONLY_OF = {"sagemaker:ModelApprovalStatus": frozenset({"CreateModelPackage", "UpdateModelPackage"})}
"""Keys of some operations only: ListModelPackages filters by a member of the same name."""
_SEVERAL = frozenset({"sagemaker:InstanceTypes", "sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds"})


def _shown(value: Any) -> str:
    """The value as policies write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
