"""Register SageMaker with the AWS around it: its APIs, its resource types, its Step Functions tasks, its tags."""

from __future__ import annotations

from sandbox.corrections.cloudformation import add_resource_type
from sandbox.corrections.iam.requests import authorize_by_headers, authorize_service
from sandbox.corrections.services import add_service, add_service_by_header, add_tags
from sandbox.corrections.stepfunctions import add_task
from sandbox.services.sagemaker.cloudformation.resource_types import resource_types
from sandbox.services.sagemaker.endpoints.runtime import PATHS, SERVICE
from sandbox.services.sagemaker.jobs.cluster import remove_folders
from sandbox.services.sagemaker.jobs.workflow_tasks import Jobs, tasks
from sandbox.services.sagemaker.mlflow_apps import data_plane
from sandbox.services.sagemaker.service import SageMaker


def install(sagemaker: SageMaker) -> None:
    """Make ``sagemaker`` reachable through every door that AWS has for it."""
    remove_folders(sagemaker.host)
    add_service("sagemaker", sagemaker.handle, target_prefix="SageMaker.", path=None)
    add_service(SERVICE, sagemaker.runtime.handle, target_prefix=None, path=PATHS)
    add_service_by_header(data_plane.SERVICE, sagemaker.mlflow_api.handle, data_plane.HEADER)
    authorize_service("sagemaker", "sagemaker", sagemaker.authorization.control)
    authorize_service("sagemaker-runtime", "sagemaker", sagemaker.authorization.runtime)
    authorize_by_headers(data_plane.SERVICE, "sagemaker", data_plane.permission)
    add_tags("sagemaker", sagemaker.tags.everything)
    for type_name, handler in resource_types(sagemaker.api, sagemaker.call_for_role, sagemaker.tags).items():
        add_resource_type(type_name, handler)
    jobs: dict[str, Jobs] = {
        "Training": sagemaker.training_jobs,
        "Processing": sagemaker.processing_jobs,
        "HyperParameterTuning": sagemaker.tuning_jobs,
    }
    for resource_arn, run in tasks(sagemaker.call_for_role, jobs).items():
        add_task(resource_arn, run)
