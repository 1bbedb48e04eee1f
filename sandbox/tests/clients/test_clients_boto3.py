"""boto3's own waiters and paginators against the sandbox."""

from __future__ import annotations

import pytest
from botocore.exceptions import WaiterError
from job_lab import Lab, unique
from sandbox.frame.operations import service_model
from serving_lab import IMAGE
from waiting import WAITER

SLEEP = "import time; time.sleep(600)"
LISTS = {
    "list_training_jobs": "TrainingJobSummaries",
    "list_processing_jobs": "ProcessingJobSummaries",
    "list_models": "Models",
    "list_model_package_groups": "ModelPackageGroupSummaryList",
    "list_endpoint_configs": "EndpointConfigs",
}


def test_the_waiters_see_jobs_complete_and_stop(lab: Lab) -> None:
    done, slow = lab.training("print('done')"), lab.training(SLEEP)
    processed = lab.processing("print('done')")
    lab.sagemaker.create_training_job(**done)
    lab.sagemaker.create_processing_job(**processed)
    lab.sagemaker.create_training_job(**slow)
    lab.sagemaker.stop_training_job(TrainingJobName=slow["TrainingJobName"])
    for job in (done, slow):
        waiter = lab.sagemaker.get_waiter("training_job_completed_or_stopped")
        waiter.wait(TrainingJobName=job["TrainingJobName"], WaiterConfig=WAITER)
    waiter = lab.sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName=processed["ProcessingJobName"], WaiterConfig=WAITER)
    statuses = [
        lab.sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])["TrainingJobStatus"]
        for job in (done, slow)
    ]
    assert statuses == ["Completed", "Stopped"]


def test_the_waiter_raises_for_a_failed_job(lab: Lab) -> None:
    request = lab.training("raise SystemExit(3)")
    lab.sagemaker.create_training_job(**request)
    waiter = lab.sagemaker.get_waiter("training_job_completed_or_stopped")
    with pytest.raises(WaiterError, match="terminal failure state"):
        waiter.wait(TrainingJobName=request["TrainingJobName"], WaiterConfig=WAITER)


def test_the_waiters_raise_for_what_does_not_exist(lab: Lab) -> None:
    with pytest.raises(WaiterError, match="ValidationException"):
        lab.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=unique("none"), WaiterConfig=WAITER)
    lab.sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=unique("none"), WaiterConfig=WAITER)


@pytest.fixture(scope="module")
def five_of_each(lab: Lab) -> str:
    """A prefix by which the five resources of each kind are found."""
    prefix, archive = unique("paged"), lab.put("model.tar.gz", b"")
    for number in range(5):
        name = f"{prefix}-{number}"
        lab.sagemaker.create_training_job(**lab.training("", TrainingJobName=name))
        lab.sagemaker.create_processing_job(**lab.processing("", ProcessingJobName=name))
        lab.sagemaker.create_model_package_group(ModelPackageGroupName=name)
        container = {"Image": IMAGE, "ModelDataUrl": archive}
        lab.sagemaker.create_model(ModelName=name, ExecutionRoleArn=lab.role, PrimaryContainer=container)
        variant = {"VariantName": "A", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        lab.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    return prefix


@pytest.mark.parametrize(("operation", "member"), LISTS.items(), ids=LISTS)
def test_the_paginators_see_everything_once(lab: Lab, five_of_each: str, operation: str, member: str) -> None:
    pages = list(
        lab.sagemaker.get_paginator(operation).paginate(NameContains=five_of_each, PaginationConfig={"PageSize": 2})
    )
    (key,) = [key for key in pages[0][member][0] if key.endswith("Name")]
    assert [len(page[member]) for page in pages] == [2, 2, 1]
    assert sorted(item[key] for page in pages for item in page[member]) == [f"{five_of_each}-{n}" for n in range(5)]


def test_the_versions_of_a_group_are_paged(lab: Lab) -> None:
    group = unique("group")
    lab.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": lab.put("model.tar.gz", b"")}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    for _ in range(3):
        lab.sagemaker.create_model_package(ModelPackageGroupName=group, InferenceSpecification=specification)
    paginator = lab.sagemaker.get_paginator("list_model_packages")
    found = paginator.paginate(ModelPackageGroupName=group, PaginationConfig={"PageSize": 2}).build_full_result()
    assert sorted(item["ModelPackageVersion"] for item in found["ModelPackageSummaryList"]) == [1, 2, 3]


def test_tags_are_paged(lab: Lab) -> None:
    group = unique("group")
    tags = [{"Key": f"key-{number}", "Value": str(number)} for number in range(50)]
    arn = lab.sagemaker.create_model_package_group(ModelPackageGroupName=group, Tags=tags)["ModelPackageGroupArn"]
    found = lab.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn, PaginationConfig={"PageSize": 50})
    assert found.build_full_result()["Tags"] == tags


def test_the_service_model_is_that_of_the_client(lab: Lab) -> None:
    assert lab.sagemaker.meta.service_model.api_version == service_model("sagemaker").api_version
