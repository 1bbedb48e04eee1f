"""SageMaker's control plane: one object per concept, composed here, behind the JSON 1.1 protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.frame.errors import AccessDenied
from sandbox.frame.host import Credentials, NotAuthorized, Request, Response
from sandbox.frame.json_protocol import JsonProtocol
from sandbox.frame.operations import Api, service_model
from sandbox.services.sagemaker.authorization import Authorization
from sandbox.services.sagemaker.endpoints.endpoint_configs import EndpointConfigs
from sandbox.services.sagemaker.endpoints.endpoints import Endpoints
from sandbox.services.sagemaker.endpoints.models import Models
from sandbox.services.sagemaker.endpoints.runtime import Runtime
from sandbox.services.sagemaker.jobs.processing_jobs import ProcessingJobs
from sandbox.services.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.services.sagemaker.mlflow_apps.data_plane import DataPlane
from sandbox.services.sagemaker.mlflow_apps.mlflow_apps import MlflowApps
from sandbox.services.sagemaker.mlflow_apps.pages import Pages
from sandbox.services.sagemaker.registry.model_package_groups import ModelPackageGroups
from sandbox.services.sagemaker.registry.model_packages import ModelPackages
from sandbox.services.sagemaker.tags import Tags
from sandbox.services.sagemaker.tuning.tuning_jobs import TuningJobs

if TYPE_CHECKING:
    from sandbox.frame.host import Host


class SageMaker:
    """The service: `call` for callers in this process, `handle` for HTTP."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.authorization = Authorization(self.arn)
        self.tags = Tags(self)
        self.model_package_groups = ModelPackageGroups(self)
        self.model_packages = ModelPackages(self)
        self.training_jobs = TrainingJobs(self)
        self.processing_jobs = ProcessingJobs(self)
        self.tuning_jobs = TuningJobs(self)
        self.models = Models(self)
        self.endpoint_configs = EndpointConfigs(self)
        self.endpoints = Endpoints(self)
        self.runtime = Runtime(self)
        self.mlflow_apps = MlflowApps(self)
        self.mlflow_api = DataPlane(self.mlflow_apps)
        self.mlflow_pages = Pages(self.mlflow_apps, self.mlflow_api)
        self.components: tuple[object, ...] = (
            self.tags,
            self.model_package_groups,
            self.model_packages,
            self.tuning_jobs,
            self.training_jobs,
            self.processing_jobs,
            self.models,
            self.endpoint_configs,
            self.endpoints,
            self.mlflow_apps,
        )
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
            raise AccessDenied(str(refusal)) from refusal

    def arn(self, resource: str) -> str:
        """The ARN of a resource of this account: arn("endpoint/x")."""
        return f"arn:aws:sagemaker:{self.host.region}:{self.host.account}:{resource}"

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
