"""The sagemaker SDK's own classes for jobs, the model registry and endpoints, against the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archives import export, pack
from job_lab import unique
from serving_lab import IMAGE, ServingLab
from tuning_lab import TuningLab


@pytest.fixture(scope="module")
def lab(aws: Any, tmp_path_factory: pytest.TempPathFactory) -> ServingLab:
    folder: Path = export(tmp_path_factory.mktemp("archive"))
    return ServingLab(aws, pack(folder))


def shaped(request: dict[str, Any]) -> dict[str, Any]:
    """A request of boto3's as the SDK wants it: snake case all the way down."""
    from sagemaker.core.utils.utils import pascal_to_snake

    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return {pascal_to_snake(key): convert(item) for key, item in value.items()}
        return [convert(item) for item in value] if isinstance(value, list) else value

    return convert(request)


def test_a_training_job_runs_and_is_awaited(sdk: Any, lab: ServingLab) -> None:
    request = lab.training("print('done')")
    job = sdk.TrainingJob.create(**shaped(request))
    job.wait(poll=1, logs=False)
    job.refresh()
    assert (job.training_job_status, job.secondary_status) == ("Completed", "Completed")
    assert job.model_artifacts.s3_model_artifacts.endswith(f"/{request['TrainingJobName']}/output/model.tar.gz")
    assert [found.training_job_name for found in sdk.TrainingJob.get_all(name_contains=job.training_job_name)] == [
        job.training_job_name
    ]


def test_a_failed_job_raises_with_its_reason(sdk: Any, lab: ServingLab) -> None:
    from sagemaker.core.utils.exceptions import FailedStatusError

    job = sdk.TrainingJob.create(**shaped(lab.training("raise SystemExit(3)")))
    with pytest.raises(FailedStatusError, match="AlgorithmError"):
        job.wait(poll=1)


def test_a_tuning_job_is_awaited_and_tells_its_best_training_job(sdk: Any, lab: ServingLab) -> None:
    limits = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2}
    request = TuningLab(lab.aws).tuning(config={"ResourceLimits": limits})
    job = sdk.HyperParameterTuningJob.create(**shaped(request))
    job.wait(poll=1)
    job.refresh()
    assert job.hyper_parameter_tuning_job_status == "Completed"
    trials = list(job.get_all_training_jobs())
    assert job.best_training_job.training_job_name in [trial.training_job_name for trial in trials]
    assert sdk.TrainingJob.get(job.best_training_job.training_job_name).tuning_job_arn == (
        job.hyper_parameter_tuning_job_arn
    )


def test_a_processing_job_is_stopped(sdk: Any, lab: ServingLab) -> None:
    job = sdk.ProcessingJob.create(**shaped(lab.processing("import time; time.sleep(600)")))
    job.stop()
    job.wait(poll=1)
    assert job.processing_job_status == "Stopped"


def test_a_version_is_registered_and_approved(sdk: Any, lab: ServingLab) -> None:
    group = sdk.ModelPackageGroup.create(model_package_group_name=unique("group"))
    group.wait_for_status("Completed", poll=1)
    specification = {
        "containers": [{"image": IMAGE, "model_data_url": lab.archive_uri}],
        "supported_content_types": ["application/json"],
        "supported_response_mime_types": ["application/json"],
    }
    name = group.model_package_group_name
    with pytest.raises(KeyError, match="ModelPackageName"):  # the SDK's own fault: the response has only an ARN
        sdk.ModelPackage.create(model_package_group_name=name, inference_specification=specification)
    (listed,) = sdk.ModelPackage.get_all(model_package_group_name=name)
    version = sdk.ModelPackage.get(model_package_name=listed.model_package_arn)
    version.wait_for_status("Completed", poll=1)
    assert version.model_approval_status == "PendingManualApproval"
    version.update(model_approval_status="Approved")
    version.refresh()
    assert version.model_approval_status == "Approved"
    # Its delete() asks for a ModelPackageName, which a version in a group does not have.
    lab.sagemaker.delete_model_package(ModelPackageName=version.model_package_arn)
    group.delete()
    assert list(sdk.ModelPackageGroup.get_all(name_contains=name)) == []


def test_an_endpoint_answers_and_goes(sdk: Any, lab: ServingLab) -> None:
    name = unique("endpoint")
    container = {"image": IMAGE, "model_data_url": lab.archive_uri}
    model = sdk.Model.create(model_name=name, execution_role_arn=lab.role, primary_container=container)
    variant = {"variant_name": "A", "model_name": name, "initial_instance_count": 1, "instance_type": "ml.m5.large"}
    config = sdk.EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
    endpoint = sdk.Endpoint.create(endpoint_name=name, endpoint_config_name=name)
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(body=json.dumps({"instances": [[1, 2]]}), content_type="application/json")
    assert json.load(answer.body) == {"predictions": [[2.0, 4.0]]}
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    config.delete()
    model.delete()
