"""SageMaker's control plane: one object per concept, composed here, behind the JSON 1.1 protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.frame.errors import AccessDeniedException
from sandbox.frame.host import Host
from sandbox.frame.json_protocol import JsonProtocol
from sandbox.frame.messages import Request, Response
from sandbox.frame.operations import Api, service_model
from sandbox.frame.permissions import Credentials, NotAuthorized
from sandbox.frame.survivor import Survivor
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.authorization import Authorization
from sandbox.services.sagemaker.endpoints.endpoint_configs import EndpointConfigs
from sandbox.services.sagemaker.endpoints.endpoints import Endpoints
from sandbox.services.sagemaker.endpoints.invocation_metrics import InvocationMetrics
from sandbox.services.sagemaker.endpoints.models import Models
from sandbox.services.sagemaker.endpoints.runtime import Runtime
from sandbox.services.sagemaker.jobs.processing_jobs import ProcessingJobs
from sandbox.services.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.services.sagemaker.mlflow_apps.data_plane import DataPlane
from sandbox.services.sagemaker.mlflow_apps.mlflow_apps import MlflowApps
from sandbox.services.sagemaker.mlflow_apps.pages import Pages
from sandbox.services.sagemaker.registry.model_package_groups import ModelPackageGroups
from sandbox.services.sagemaker.registry.model_packages import ModelPackages
from sandbox.services.sagemaker.registry.versions import Versions
from sandbox.services.sagemaker.tags import TagOperations
from sandbox.services.sagemaker.tuning.tuning_jobs import TuningJobs


class SageMaker:
    """The service: `call` for callers in this process, `handle` for HTTP.

    Each component gets those that it needs, so they are made in the order of their dependencies.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.authorization = Authorization(host)
        self.tags = Tags()
        versions = Versions(self.tags)
        groups = ModelPackageGroups(host, self.tags, versions)
        packages = ModelPackages(host, groups, versions)
        self.training_jobs = TrainingJobs(host, self.tags)
        self.processing_jobs = ProcessingJobs(host, self.tags)
        self.tuning_jobs = TuningJobs(host, self.tags, self.training_jobs)
        models = Models(host, self.tags, packages)
        configs = EndpointConfigs(host, self.tags, models)
        endpoints = Endpoints(host, self.tags, models, configs)
        metrics = InvocationMetrics(host)
        self.runtime = Runtime(host, endpoints, metrics)
        apps = MlflowApps(host, self.tags)
        self.mlflow_api = DataPlane(apps)
        self.mlflow_pages = Pages(apps, self.mlflow_api)
        self.components: tuple[object, ...] = (
            TagOperations(self.tags),
            groups,
            packages,
            self.tuning_jobs,
            self.training_jobs,
            self.processing_jobs,
            models,
            configs,
            metrics,
            endpoints,
            apps,
        )
        self.survives: Mapping[str, Survivor] = {
            "tags": self.tags,
            "model package groups": groups.store,
            "model packages": versions,
            "tuning jobs": self.tuning_jobs,
            "training jobs": self.training_jobs,
            "processing jobs": self.processing_jobs,
            "models": models.store,
            "endpoint configurations": configs.store,
            "endpoints": endpoints,
            "MLflow apps": apps.store,
        }
        self.api = Api(self.components, service_model("sagemaker"))
        self._protocol = JsonProtocol(self.call, "sagemaker")

    def call(
        self, operation: str, parameters: dict[str, Any], credentials: Credentials | None = None
    ) -> dict[str, Any]:
        """Validate and serve a call by its API name ("CreateModel"). Raises ApiError.

        The role behind the credentials must be allowed to make it; without credentials it is SageMaker's own, or one
        that has been authorized already.
        """
        if credentials is not None:
            self._authorize(operation, parameters, credentials)
        return self.api.call(operation, parameters)

    def _authorize(self, operation: str, parameters: dict[str, Any], credentials: Credentials) -> None:
        try:
            self.host.demand(credentials, *self.authorization.control(operation, "", parameters))
        except NotAuthorized as refusal:
            raise AccessDeniedException(str(refusal)) from refusal

    def call_for_role(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Serve a call of the role that this thread acts for: an execution's, or a stack's. Raises ApiError."""
        return self.call(operation, parameters, self.host.acting())

    async def handle(self, request: Request) -> Response:
        """Serve one HTTP request of the JSON 1.1 protocol (X-Amz-Target: SageMaker.<Operation>)."""
        return await self._protocol.handle(request)

    def resume(self) -> None:
        """Take up what was restored, once the AWS around answers requests."""
        for component in self.components:
            resume = getattr(component, "resume", None)
            if resume is not None:
                resume()

    def close(self) -> None:
        """Stop every child process, quickly."""
        for component in self.components:
            close = getattr(component, "close", None)
            if close is not None:
                close()
