"""SageMaker's control plane: one object a concept, composed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.faults import ApiThrottled, Faults
from sandbox.frame.errors import AccessDeniedException, ThrottlingException
from sandbox.frame.host import Host
from sandbox.frame.json_protocol import JsonProtocol
from sandbox.frame.messages import Request, Response
from sandbox.frame.operations import Api, service_model
from sandbox.frame.permissions import NotAuthorized, Permission
from sandbox.frame.survivor import Survivor
from sandbox.frame.tags import Tags
from sandbox.frame.validation import well_typed
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
    """The service: `handle` for HTTP; `call_for_task` and `call_for_role` for workflows and stacks in this process.

    Each component gets those that it needs, so they are made in the order of their dependencies.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self._faults = Faults(host.home)
        self.authorization = Authorization(host)
        self.tags = Tags()
        self._versions = Versions(self.tags)
        self._groups = ModelPackageGroups(host, self.tags, self._versions)
        self._packages = ModelPackages(host, self._groups, self._versions)
        self.training_jobs = TrainingJobs(host, self.tags)
        self.processing_jobs = ProcessingJobs(host, self.tags)
        self.tuning_jobs = TuningJobs(host, self.tags, self.training_jobs)
        self._models = Models(host, self.tags, self._packages)
        self._configs = EndpointConfigs(host, self.tags, self._models)
        self._endpoints = Endpoints(host, self.tags, self._models, self._configs)
        self._metrics = InvocationMetrics(host)
        self.runtime = Runtime(host, self._endpoints, self._metrics)
        self._apps = MlflowApps(host, self.tags)
        self.mlflow_api = DataPlane(self._apps)
        self.mlflow_pages = Pages(self._apps, self.mlflow_api)
        jobs = (self.training_jobs, self.processing_jobs, self.tuning_jobs)
        registry = (self._groups, self._packages)
        serving = (self._models, self._configs, self._endpoints)
        components = (TagOperations(self.tags), *registry, *jobs, *serving, self._apps)
        self.api = Api(components, service_model("sagemaker"))
        self._protocol = JsonProtocol(self.api.call, "sagemaker")

    @property
    def survives(self) -> Mapping[str, Survivor]:
        """The saved parts by name, in the order of their restoration."""
        return {
            "tags": self.tags,
            "model package groups": self._groups.store,
            "model packages": self._versions,
            "tuning jobs": self.tuning_jobs,
            "training jobs": self.training_jobs,
            "processing jobs": self.processing_jobs,
            "models": self._models.store,
            "endpoint configurations": self._configs.store,
            "endpoints": self._endpoints,
            "MLflow apps": self._apps.store,
        }

    def call_for_role(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Serve a call ("CreateModel") of the role that this thread acts for: an execution's, or a stack's.

        Raises ApiError: AccessDeniedException if the role may not make it. Without a role it is SageMaker's own call.
        """
        self._demand(self.authorization.control(operation, "", well_typed(self.api.model, operation, parameters)))
        return self.api.call(operation, parameters)

    def call_for_task(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Serve a call of a Step Functions task, which may be throttled.

        Raises ApiError. AWS does not say whether Step Functions repeats a throttled Describe; here it does not.
        """
        if self._faults.find(ApiThrottled, service="sagemaker", action=operation, role=self.host.acting_role()):
            raise ThrottlingException
        self._demand(self.authorization.task(operation, well_typed(self.api.model, operation, parameters)))
        return self.api.call(operation, parameters)

    def _demand(self, permissions: Iterable[Permission]) -> None:
        """Require them of the role that this thread acts for, if any. Raises AccessDeniedException."""
        role = self.host.acting()
        if role is None:
            return
        try:
            self.host.demand(role, *permissions)
        except NotAuthorized as refusal:
            raise AccessDeniedException(str(refusal)) from refusal

    async def handle(self, request: Request) -> Response:
        """Serve one HTTP request of the JSON 1.1 protocol (X-Amz-Target: SageMaker.<Operation>)."""
        return await self._protocol.handle(request)

    def resume(self) -> None:
        """Take up the restored work, once the AWS around answers requests."""
        for component in (self.tuning_jobs, self.training_jobs, self.processing_jobs, self._endpoints):
            component.resume()

    def close(self) -> None:
        """Stop every child process, quickly. Tuning jobs come first: they launch training jobs."""
        jobs = (self.tuning_jobs, self.training_jobs, self.processing_jobs)
        for component in (*jobs, self._metrics, self._endpoints, self._apps):
            component.close()
