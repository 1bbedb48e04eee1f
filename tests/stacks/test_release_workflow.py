"""The release workflow, walked through everything that may happen to a release."""

from __future__ import annotations

from typing import Any

import pytest
from state_machines import definition
from walker import Ended, TaskError, Walker

GROUP = "arn:aws:sagemaker:us-east-1:000000000000:model-package/slipway-local-digits-cnn"
TAGGED = "arn:aws:sagemaker:us-east-1:000000000000:"
BUCKET = "${slipway-local-foundation:ExportsOutputRefArtifacts82DD59A14F4A635A}"
CLOUDFORMATION = "CloudFormation.CloudFormationException"


def package(version: int) -> str:
    return f"{GROUP}/{version}"


class Aws:
    """A registry, a serving stack and an endpoint. A test overrides `released`, or scripts `refusals` by API."""

    def __init__(self, serving: int | None = None, **scripted: list[Any]) -> None:
        self.parameter = package(serving) if serving else ""
        self.approvals: dict[str, str] = {}
        self.status, self.config = "UPDATE_COMPLETE", "config-old" if serving else ""
        self.endpoint = self.config
        self.existing = ["model/model-old", "endpoint-config/config-old"] if serving else []
        self.scripted = scripted
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.becomes = ("UPDATE_COMPLETE", "config-new")
        self.archive = f"s3://{BUCKET}/registry/digits-cnn/0123456789abcdef/model.tar.gz"
        self.beside: list[dict[str, str]] = []
        self.properties = {"accuracy": "0.99", "archiveChecksumSHA256": "of the archive"}
        self.checksum = "of the archive"
        self.others: list[str] = []

    def __call__(self, _: str, resource: str, arguments: dict[str, Any]) -> Any:
        api = resource.rsplit(":", maxsplit=1)[-1]
        self.calls.append((api, arguments))
        script = self.scripted.get(api)
        if script and isinstance(step := script.pop(0), Exception):
            raise step
        return getattr(self, api)(arguments)

    def describeModelPackage(self, arguments: dict) -> dict:
        container = {"Image": "tensorflow-inference", "ModelDataUrl": self.archive}
        return {
            "ModelApprovalStatus": self.approvals.get(arguments["ModelPackageName"], "Approved"),
            "InferenceSpecification": {"Containers": [container, *self.beside]},
            "CustomerMetadataProperties": self.properties,
        }

    def headObject(self, _: dict) -> dict:
        return {"ChecksumSHA256": self.checksum, "ChecksumType": "FULL_OBJECT"}

    def describeStacks(self, _: dict) -> dict:
        outputs = [("ReleasedModelPackage", self.parameter), ("EndpointConfigName", self.config)]
        stack: dict[str, Any] = {
            "StackStatus": self.status,
            "Parameters": [
                {"ParameterKey": "ReleasedModelPackage", "ParameterValue": self.parameter},
                *({"ParameterKey": name, "ParameterValue": "kept"} for name in self.others),
            ],
        }
        if self.parameter:
            stack["Outputs"] = [{"OutputKey": key, "OutputValue": value} for key, value in outputs]
        if self.status == "UPDATE_IN_PROGRESS":
            self.status = self.becomes[0]
        return {"Stacks": [stack]}

    def getResources(self, _: dict) -> dict:
        return {"ResourceTagMappingList": [{"ResourceARN": TAGGED + name, "Tags": []} for name in self.existing]}

    def updateStack(self, arguments: dict) -> dict:
        self.status = "UPDATE_IN_PROGRESS"
        if self.becomes[0] == "UPDATE_COMPLETE":
            parameter = arguments["Parameters"][0]
            self.parameter, self.config = parameter["ParameterValue"], self.becomes[1]
            self.endpoint = self.config
        return {"StackId": "stack"}

    def describeStackEvents(self, _: dict) -> dict:
        def failed(name: str, reason: str, at: str) -> dict:
            return {
                "LogicalResourceId": name,
                "ResourceStatus": "UPDATE_FAILED",
                "ResourceStatusReason": reason,
                "Timestamp": at,
            }

        return {
            "StackEvents": [
                failed("LiveModel", "Resource update cancelled", "2999-01-01T00:00:03Z"),
                failed("LiveEndpoint", "the container\nnever answered /ping", "2999-01-01T00:00:02Z"),
                failed("LiveEndpoint", "of another update", "2001-01-01T00:00:00Z"),
            ]
        }

    def describeEndpoint(self, _: dict) -> dict:
        return {"EndpointConfigName": self.endpoint}

    def describeEndpointConfig(self, arguments: dict) -> dict:
        name = arguments["EndpointConfigName"]
        return {"ProductionVariants": [{"ModelName": name.replace("config", "model")}]}

    def updateModelPackage(self, arguments: dict) -> dict:
        self.approvals[arguments["ModelPackageArn"]] = arguments["ModelApprovalStatus"]
        return {}

    def deleteModel(self, _: dict) -> dict:
        return {}

    deleteEndpointConfig = deleteModel

    def called(self, api: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == api]


@pytest.fixture
def release(variants):
    machine = definition(variants["local"]["release"])

    def run(aws: Aws, version: int, *, event: bool = True) -> Ended:
        named = {"ModelPackageArn": package(version)}
        return Walker(machine, {"detail": named} if event else named, aws).run()

    return run


def test_first_release(release) -> None:
    aws = Aws()
    assert release(aws, 1).path[-1] == "Released"
    assert aws.parameter == package(1)
    assert aws.called("deleteModel") == []


@pytest.mark.parametrize("others", [[], ["ScaledInstanceType"], ["ScaledInstanceType", "Another"]])
def test_every_other_parameter_is_left_as_it_is(release, others) -> None:
    aws = Aws(serving=1)
    aws.others = others
    assert release(aws, 2).path[-1] == "Released"
    (update,) = aws.called("updateStack")
    assert update["Parameters"] == [
        {"ParameterKey": "ReleasedModelPackage", "ParameterValue": package(2)},
        *({"ParameterKey": name, "UsePreviousValue": True} for name in others),
    ]


def test_what_was_replaced_is_deleted_and_what_serves_is_kept(release) -> None:
    aws = Aws(serving=1)
    aws.existing += ["model/model-new", "endpoint-config/config-new"]
    assert release(aws, 2).path[-1] == "Released"
    assert aws.called("deleteModel") == [{"ModelName": "model-old"}]
    assert aws.called("deleteEndpointConfig") == [{"EndpointConfigName": "config-old"}]


@pytest.mark.parametrize(
    ("version", "event", "end"), [(1, True, "Ignored: older than what serves"), (1, False, "Released")]
)
def test_age_counts_for_events_only(release, version, event, end) -> None:
    assert release(Aws(serving=2), version, event=event).path[-1] == end


@pytest.mark.parametrize(("event", "end"), [(True, "Ignored: not approved now"), (False, "Not approved")])
def test_only_what_is_approved_now_is_released(release, event, end) -> None:
    aws = Aws(serving=1)
    aws.approvals[package(2)] = "Rejected"
    assert release(aws, 2, event=event).path[-1] == end
    assert aws.called("updateStack") == []


def test_released_again_is_success(release) -> None:
    aws = Aws(serving=2, updateStack=[TaskError(CLOUDFORMATION, "No updates are to be performed.")])
    assert release(aws, 2).path[-1] == "Released"


def test_busy_stack_is_waited_for(release) -> None:
    busy = TaskError(CLOUDFORMATION, "Stack:s is in UPDATE_IN_PROGRESS state and can not be updated.")
    assert release(Aws(serving=1, updateStack=[busy, busy, None]), 2).path[-1] == "Released"


def test_package_rejected_while_it_waits_is_not_released(release) -> None:
    aws = Aws(serving=1)

    def reject(_: dict) -> dict:
        aws.approvals[package(2)] = "Rejected"
        raise TaskError(CLOUDFORMATION, "is in UPDATE_IN_PROGRESS state")

    aws.updateStack = reject  # type: ignore[method-assign]
    assert release(aws, 2).path[-1] == "Ignored: not approved now"


def test_rolled_back_update_rejects_the_package_with_the_reason(release) -> None:
    aws = Aws(serving=1)
    aws.becomes = ("UPDATE_ROLLBACK_COMPLETE", "")
    ended = release(aws, 2)
    assert ended.error == "ReleaseFailed"
    *_, rejection = aws.called("updateModelPackage")
    assert rejection["ModelApprovalStatus"] == "Rejected"
    assert rejection["ApprovalDescription"].endswith("LiveEndpoint: the container never answered /ping")
    assert aws.called("deleteModel") == []


def test_more_events_than_fit_an_execution_reject_the_package_all_the_same(release) -> None:
    """A page of CloudFormation's may have 1 MB. More than 256 KiB end an execution, and nothing can catch it."""
    aws = Aws(serving=1)
    aws.becomes = ("UPDATE_ROLLBACK_COMPLETE", "")
    event = {"ResourceStatus": "UPDATE_COMPLETE", "ResourceProperties": "x" * 10_000}
    aws.describeStackEvents = lambda _: {"StackEvents": [event] * 100}  # type: ignore[method-assign]
    assert release(aws, 2).error == "States.DataLimitExceeded"
    (rejection,) = aws.called("updateModelPackage")
    assert rejection["ModelApprovalStatus"] == "Rejected"
    assert rejection["ApprovalDescription"].endswith("the serving stack ended UPDATE_ROLLBACK_COMPLETE")


def test_failed_release_that_a_person_asked_for_leaves_the_approval_alone(release) -> None:
    """A rollback brings a proven version back: if it fails, the next attempt needs that version Approved."""
    aws = Aws(serving=2)
    aws.becomes = ("UPDATE_ROLLBACK_COMPLETE", "")
    ended = release(aws, 1, event=False)
    assert ended.error == "ReleaseFailed"
    assert "LiveEndpoint: the container\nnever answered /ping" in (ended.cause or "")
    assert aws.called("updateModelPackage") == []


def test_rejection_holds_no_line_break_and_fits(release) -> None:
    """SageMaker refuses a description of more than one line, or of more than 1,024 characters."""
    aws = Aws(serving=1, updateStack=[TaskError(CLOUDFORMATION, "first line\nsecond line " + "x" * 2000)])
    assert release(aws, 2).error == "ReleaseFailed"
    (rejection,) = aws.called("updateModelPackage")
    assert "first line second line" in rejection["ApprovalDescription"]
    assert len(rejection["ApprovalDescription"]) <= 1024


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_broken_stack_is_not_the_package_s_fault(release, status) -> None:
    aws = Aws(serving=1)
    aws.status = status
    ended = release(aws, 2)
    assert ended.error == "StackNotUpdatable"
    assert status in (ended.cause or "")
    assert aws.called("updateModelPackage") == []


def test_missing_stack_is_not_the_package_s_fault(release) -> None:
    aws = Aws(describeStacks=[TaskError(CLOUDFORMATION, "Stack with id slipway does not exist")] * 10)
    ended = release(aws, 1)
    assert ended.error == "NoServingStack"
    assert "slipway-local-digits-cnn-serving" in (ended.cause or "")
    assert aws.called("updateModelPackage") == []


def test_endpoint_that_serves_another_configuration_rejects_the_package_and_deletes_nothing(release) -> None:
    """CloudFormation may report this as success (terraform-provider-aws #48997)."""
    aws = Aws(serving=1)
    aws.describeEndpoint = lambda _: {"EndpointConfigName": "config-old"}  # type: ignore[method-assign]
    ended = release(aws, 2)
    assert ended.error == "ReleaseFailed"
    assert "config-old" in (ended.cause or "")
    assert aws.approvals[package(2)] == "Rejected"
    assert aws.called("deleteModel") == aws.called("deleteEndpointConfig") == []


def test_difference_that_does_not_last_is_another_release_in_progress(release) -> None:
    aws = Aws(serving=1)
    seen = iter(["config-newer", "config-new"])
    aws.describeEndpoint = lambda _: {"EndpointConfigName": next(seen)}  # type: ignore[method-assign]
    assert release(aws, 2).path[-1] == "Released"


def test_overtaken_release_is_no_failure(release) -> None:
    aws = Aws(serving=1)

    def overtaken(_: dict) -> dict:
        aws.parameter, aws.config = package(3), "config-newest"
        return {}

    aws.updateStack = overtaken  # type: ignore[method-assign]
    assert release(aws, 2).path[-1] == "Overtaken by another release"
    assert aws.approvals == {}


def test_what_another_release_deleted_is_no_failure(release) -> None:
    gone = TaskError("SageMaker.SageMakerException", 'Could not find model "model-old".')
    assert release(Aws(serving=1, deleteModel=[gone] * 10), 2).path[-1] == "Released"


def test_what_cannot_be_deleted_is_said(release) -> None:
    denied = TaskError("SageMaker.SageMakerException", "not authorized to perform: sagemaker:DeleteModel")
    aws = Aws(serving=1, deleteModel=[denied] * 10)
    ended = release(aws, 2)
    assert ended.error == "PruningFailed"
    assert "is in service" in (ended.cause or "")
    assert aws.approvals == {}


@pytest.mark.parametrize("given", [{}, {"ModelPackage": "x"}, {"detail": {}}])
def test_input_without_a_package_is_refused(variants, given) -> None:
    machine = definition(variants["local"]["release"])
    assert Walker(machine, given, Aws()).run().error == "InvalidInput"


def test_the_archive_is_compared_before_anything_is_touched(release) -> None:
    aws = Aws()
    release(aws, 1)
    (head,) = aws.called("headObject")
    key = "registry/digits-cnn/0123456789abcdef/model.tar.gz"
    assert head == {"Bucket": BUCKET, "Key": key, "ChecksumMode": "ENABLED"}
    order = [name for name, _ in aws.calls]
    assert order.index("headObject") < order.index("updateStack")


@pytest.mark.parametrize("event", [True, False], ids=["by an approval", "by a person"])
def test_an_archive_that_was_replaced_is_not_released(release, event) -> None:
    aws = Aws(serving=1)
    aws.checksum = "of another one"
    ended = release(aws, 2, event=event)
    assert ended.error == "ReleaseFailed"
    assert "has the SHA-256 of another one, but" in (ended.cause or "")
    assert "was registered with of the archive: it has been replaced" in (ended.cause or "")
    assert aws.called("updateStack") == []
    assert aws.parameter == package(1)


@pytest.mark.parametrize(
    ("archive", "properties"),
    [
        (f"s3://{BUCKET}/digits-cnn/0123456789abcdef/models/job/output/model.tar.gz", {"accuracy": "0.99"}),
        (f"s3://{BUCKET}/models/digits-cnn/r/job/output/model.tar.gz", {"archiveChecksumSHA256": "of the archive"}),
        (f"s3://{BUCKET}/registry/another/r/model.tar.gz", {"archiveChecksumSHA256": "of the archive"}),
        (f"s3://{BUCKET}/registry/digits-cnn/r/model.tar.gz", {"accuracy": "0.99"}),
        (
            f"s3://elsewhere/s3://{BUCKET}/registry/digits-cnn/0123456789abcdef/model.tar.gz",
            {"archiveChecksumSHA256": "of the archive"},
        ),
    ],
    ids=["before sealing", "where jobs write", "of another model", "no checksum", "the prefix inside another URI"],
)
def test_a_version_without_a_sealed_archive_is_not_released(release, archive, properties) -> None:
    aws = Aws()
    aws.archive, aws.properties = archive, properties
    ended = release(aws, 1)
    assert f"has no sealed archive: its ModelDataUrl is {archive}" in (ended.cause or "")
    assert aws.called("updateStack") == []
    assert aws.approvals == {package(1): "Rejected"}


def test_a_version_with_an_archive_beside_the_sealed_one_is_not_released(release) -> None:
    aws = Aws()
    aws.beside = [{"Image": "tensorflow-inference", "ModelDataUrl": "s3://elsewhere/model.tar.gz"}]
    assert "or it has several containers" in (release(aws, 1).cause or "")
    assert aws.called("updateStack") == []


def test_an_archive_that_is_gone_is_not_released(release) -> None:
    aws = Aws(headObject=[TaskError("S3.S3Exception", "null (Service: S3, Status Code: 403)")] * 10)
    ended = release(aws, 1)
    assert "model.tar.gz cannot be read: null (Service: S3, Status Code: 403)" in (ended.cause or "")
