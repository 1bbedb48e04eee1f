"""SageMaker, as the sandbox offers it: its control plane, its runtime, and MLflow's API of its apps."""

from __future__ import annotations

from sandbox.frame.host import Host
from sandbox.frame.service import HeaderRoute, Route, Service
from sandbox.services.sagemaker.cloudformation.resource_types import resource_types
from sandbox.services.sagemaker.endpoints import runtime
from sandbox.services.sagemaker.endpoints.fast_path import InvocationPath
from sandbox.services.sagemaker.jobs.workflow_tasks import Jobs, tasks
from sandbox.services.sagemaker.mlflow_apps import data_plane
from sandbox.services.sagemaker.service import SageMaker

_NAME = "sagemaker"


def declare(host: Host) -> Service:
    """The service, ready to be offered."""
    service = SageMaker(host)
    permissions = service.authorization
    jobs: dict[str, Jobs] = {
        "Training": service.training_jobs,
        "Processing": service.processing_jobs,
        "HyperParameterTuning": service.tuning_jobs,
    }
    return Service(
        name=_NAME,
        title="SageMaker",
        api=service.api,
        routes=(
            Route(_NAME, _NAME, permissions.control, service.handle, target_prefix="SageMaker."),
            Route(runtime.SERVICE, _NAME, permissions.runtime, service.runtime.handle, path=runtime.PATHS),
            HeaderRoute(data_plane.SERVICE, _NAME, service.mlflow_api.handle, data_plane.permission, data_plane.HEADER),
        ),
        resource_types=resource_types(service.api, service.call_for_role, service.tags),
        tasks=tasks(service.call_for_task, jobs),
        tags=service.tags.everything,
        survives=service.survives,
        resume=service.resume,
        close=service.close,
        guard=service.mlflow_pages.guard,
        fast_path=InvocationPath(host, service.runtime),
    )
