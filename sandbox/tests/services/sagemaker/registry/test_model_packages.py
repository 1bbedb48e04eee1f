"""Model package groups and their versions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import IMAGE, let_events_send, unique
from waiting import until


@pytest.fixture(scope="module")
def sagemaker(aws: Any) -> Any:
    return aws("sagemaker")


@pytest.fixture(scope="module")
def model_data(aws: Any) -> str:
    bucket = unique("models")
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=b"")
    return f"s3://{bucket}/model.tar.gz"


@pytest.fixture
def group(sagemaker: Any) -> str:
    name = unique("group")
    sagemaker.create_model_package_group(ModelPackageGroupName=name, ModelPackageGroupDescription="Digits")
    return name


def package(group: str, model_data: str, **members: Any) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": group,
        "InferenceSpecification": {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": model_data}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    } | members


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**request)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_group_is_described_and_listed(sagemaker: Any, group: str) -> None:
    described = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert described["ModelPackageGroupArn"] == f"arn:aws:sagemaker:us-east-1:000000000000:model-package-group/{group}"
    assert described["ModelPackageGroupDescription"] == "Digits"
    assert described["ModelPackageGroupStatus"] == "Completed"
    (listed,) = sagemaker.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"]
    assert listed["ModelPackageGroupArn"] == described["ModelPackageGroupArn"]


def test_a_groups_name_is_taken_once(sagemaker: Any, group: str) -> None:
    code, message = refusal(sagemaker.create_model_package_group, ModelPackageGroupName=group)
    assert code == "ValidationException"
    assert message.startswith("Model Package Group already exists: arn:aws:sagemaker:")


def test_versions_count_up_and_are_never_used_again(sagemaker: Any, group: str, model_data: str) -> None:
    arns = [sagemaker.create_model_package(**package(group, model_data))["ModelPackageArn"] for _ in range(2)]
    assert arns == [f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{group}/{version}" for version in (1, 2)]
    sagemaker.delete_model_package(ModelPackageName=arns[1])
    assert sagemaker.create_model_package(**package(group, model_data))["ModelPackageArn"].endswith("/3")


def test_a_request_that_is_sent_again_makes_no_second_version(sagemaker: Any, group: str, model_data: str) -> None:
    """ClientToken: "a unique token that guarantees that the call to this API is idempotent" (CreateModelPackage)."""
    request = package(group, model_data, ClientToken=unique("token"))
    arns = {sagemaker.create_model_package(**request)["ModelPackageArn"] for _ in range(2)}
    assert len(arns) == 1
    (listed,) = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    assert listed["ModelPackageArn"] in arns


def test_a_version_is_described_as_it_was_given(sagemaker: Any, group: str, model_data: str) -> None:
    request = package(
        group,
        model_data,
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={"accuracy": "0.99"},
        ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": model_data}}},
    )
    arn = sagemaker.create_model_package(**request)["ModelPackageArn"]
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert {key: described[key] for key in request} == request
    assert described["ModelPackageVersion"] == 1
    assert described["ModelPackageStatus"] == "Completed"
    assert described["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}


def test_updates(sagemaker: Any, group: str, model_data: str) -> None:
    request = package(group, model_data, CustomerMetadataProperties={"accuracy": "0.99", "old": "1"})
    arn = sagemaker.create_model_package(**request)["ModelPackageArn"]
    assert sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Rejected",
        ApprovalDescription="too slow",
        CustomerMetadataProperties={"accuracy": "0.98"},
        CustomerMetadataPropertiesToRemove=["old"],
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Rejected"
    assert described["ApprovalDescription"] == "too slow"
    assert described["CustomerMetadataProperties"] == {"accuracy": "0.98"}
    assert described["LastModifiedTime"] >= described["CreationTime"]


def test_lists_are_oldest_first_in_pages(sagemaker: Any, group: str, model_data: str) -> None:
    for _ in range(5):
        sagemaker.create_model_package(**package(group, model_data))
    pages = list(
        sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["ModelPackageSummaryList"]) for page in pages] == [2, 2, 1]
    versions = [found["ModelPackageVersion"] for page in pages for found in page["ModelPackageSummaryList"]]
    assert versions == [1, 2, 3, 4, 5]
    (newest,) = sagemaker.list_model_packages(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["ModelPackageSummaryList"]
    assert newest["ModelPackageVersion"] == 5


def test_lists_can_be_narrowed(sagemaker: Any, group: str, model_data: str) -> None:
    statuses = ["Approved", "Rejected", "Approved"]
    arns = [
        sagemaker.create_model_package(**package(group, model_data, ModelApprovalStatus=status))["ModelPackageArn"]
        for status in statuses
    ]
    approved = sagemaker.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")
    assert [found["ModelPackageArn"] for found in approved["ModelPackageSummaryList"]] == [arns[0], arns[2]]
    created = sagemaker.describe_model_package(ModelPackageName=arns[2])["CreationTime"]
    later = sagemaker.list_model_packages(ModelPackageGroupName=group, CreationTimeAfter=created)
    assert later["ModelPackageSummaryList"] == []


def test_a_group_with_versions_is_not_deleted(sagemaker: Any, group: str, model_data: str) -> None:
    arn = sagemaker.create_model_package(**package(group, model_data))["ModelPackageArn"]
    code, message = refusal(sagemaker.delete_model_package_group, ModelPackageGroupName=group)
    assert code == "ConflictException"
    assert f"Model Package Group {group} cannot be deleted as it still contains Model Packages" in message
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    code, message = refusal(sagemaker.describe_model_package_group, ModelPackageGroupName=group)
    assert (code, message.endswith("does not exist.")) == ("ValidationException", True)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"ModelPackageGroupName": "nobody"}, "model-package-group/nobody does not exist."),
        (
            {"ModelApprovalStatus": "Maybe"},
            "Member must satisfy enum value set: [Approved, Rejected, PendingManualApproval]",
        ),
        ({"SkipModelValidation": "All"}, "the sandbox does not implement CreateModelPackage.SkipModelValidation"),
        ({"ModelPackageName": "alone"}, "the sandbox does not implement CreateModelPackage.ModelPackageName"),
        (
            {
                "InferenceSpecification": {
                    "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://nowhere-at-all/model.tar.gz"}]
                }
            },
            "Could not find model data at s3://nowhere-at-all/model.tar.gz.",
        ),
        (
            {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "https://example.com/model"}]}},
            "'https://example.com/model' is not an S3 location: write s3://bucket/prefix",
        ),
    ],
)
def test_refused_packages(sagemaker: Any, group: str, model_data: str, members: dict[str, Any], sentence: str) -> None:
    code, message = refusal(sagemaker.create_model_package, **package(group, model_data, **members))
    assert code == "ValidationException"
    assert sentence in message
    assert sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"] == []


@pytest.mark.parametrize("call", ["describe_model_package", "delete_model_package"])
def test_a_missing_version(sagemaker: Any, group: str, call: str) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{group}/7"
    code, message = refusal(getattr(sagemaker, call), ModelPackageName=arn)
    assert (code, message) == ("ValidationException", f"ModelPackage {arn} does not exist.")


def test_a_bad_token_is_refused(sagemaker: Any, group: str) -> None:
    code, message = refusal(sagemaker.list_model_packages, ModelPackageGroupName=group, NextToken="again")
    assert (code, message.startswith("Invalid NextToken 'again'")) == ("ValidationException", True)


def test_creation_and_every_change_of_approval_is_an_event(
    aws: Any, sagemaker: Any, group: str, model_data: str
) -> None:
    inbox = Inbox(
        aws, {"detail-type": ["SageMaker Model Package State Change"], "detail": {"ModelPackageGroupName": [group]}}
    )
    arn = sagemaker.create_model_package(**package(group, model_data))["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sagemaker.update_model_package(ModelPackageArn=arn, ApprovalDescription="no change of status")
    events = inbox.take(2)
    assert [event["detail"]["ModelApprovalStatus"] for event in events] == ["PendingManualApproval", "Approved"]
    assert events[1]["source"] == "aws.sagemaker"
    assert events[1]["resources"] == [arn]
    assert events[1]["detail"]["ModelPackageArn"] == arn
    assert events[1]["detail"]["ModelPackageVersion"] == 1
    assert events[1]["detail"]["ModelPackageStatus"] == "Completed"
    assert events[1]["detail"]["CreationTime"].endswith("Z")
    assert inbox.take(0) == []


class Inbox:
    """A queue behind a rule."""

    def __init__(self, aws: Any, pattern: dict[str, Any]) -> None:
        self.sqs, name = aws("sqs"), unique("inbox")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        let_events_send(self.sqs, self.url, arn)
        aws("events").put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.sagemaker"], **pattern}))
        aws("events").put_targets(Rule=name, Targets=[{"Id": "inbox", "Arn": arn}])

    def take(self, number: int) -> list[dict[str, Any]]:
        """The next events, in the order of their arrival; with 0, whatever is there."""
        events: list[dict[str, Any]] = []

        def enough() -> bool:
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
            events.extend(json.loads(message["Body"]) for message in messages)
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return len(events) >= number

        until(enough)
        return events
