"""Requests, validated as on AWS, and the refusal of unimplemented members by name."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.frame.errors import ApiError, InternalFailure
from sandbox.frame.operations import Api, operation, service_model
from sandbox.services.sagemaker.base.errors import ConflictException, ResourceInUse

NAME = "Value '{}' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern"


ARN = "arn:aws:sagemaker:us-east-1:000000000000:training-job/job"


class Jobs:
    """Remembers what reaches it, and answers as it is told."""

    def __init__(self, answer: dict[str, Any] | ApiError | None = None) -> None:
        self.answer = answer or {"TrainingJobArn": ARN}
        self.request: dict[str, Any] = {}

    @operation(
        accepts={"TrainingJobName", "RoleArn", "OutputDataConfig.S3OutputPath", "StoppingCondition", "Tags"}
        | {"InputDataConfig.ChannelName", "InputDataConfig.DataSource.S3DataSource", "HyperParameters"}
    )
    def create_training_job(self, request: dict[str, Any]) -> dict[str, Any]:
        self.request = request
        if isinstance(self.answer, ApiError):
            raise self.answer
        return self.answer


def request(**members: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "job",
        "RoleArn": "arn:aws:iam::000000000000:role/role",
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
    } | members


def call(**members: Any) -> dict[str, Any]:
    """The members that reach the method."""
    jobs = Jobs()
    Api([jobs], service_model("sagemaker")).call("CreateTrainingJob", request(**members))
    return jobs.request


def channel(**members: Any) -> dict[str, Any]:
    return {
        "ChannelName": "train",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/"}},
    } | members


def test_a_valid_request_reaches_its_method() -> None:
    members = {
        "Tags": [{"Key": "team", "Value": "digits"}],
        "InputDataConfig": [channel()],
        "HyperParameters": {"a": "1"},
    }
    assert call(**members) == request(**members)


def test_a_method_owns_its_copy() -> None:
    tags = [{"Key": "team", "Value": "digits"}]
    call(Tags=tags)["Tags"].clear()
    assert tags == [{"Key": "team", "Value": "digits"}]


def test_an_absent_member_may_be_null() -> None:
    assert "Tags" not in call(Tags=None)


@pytest.mark.parametrize(
    ("members", "code", "sentence"),
    [
        ({"TrainingJobName": "a_b"}, "ValidationException", NAME.format("a_b")),
        ({"TrainingJobName": "job\n"}, "ValidationException", NAME.format("job\n")),
        ({"TrainingJobName": "x" * 64}, "ValidationException", "length less than or equal to 63"),
        ({"TrainingJobName": ""}, "ValidationException", "length greater than or equal to 1"),
        ({"TrainingJobName": None}, "ValidationException", "Value null at 'trainingJobName' failed to satisfy"),
        ({"RoleArn": "arn:aws:iam::1:role/x"}, "ValidationException", "Value 'arn:aws:iam::1:role/x' at 'roleArn'"),
        ({"Tags": [{"Key": "a"}]}, "ValidationException", "Value null at 'tags.1.member.value'"),
        ({"Tags": [{"Key": "a", "Value": "<"}]}, "ValidationException", "Value '<' at 'tags.1.member.value'"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "ValidationException", "value greater than or equal to 1"),
        ({"HyperParameters": {"x" * 257: "1"}}, "ValidationException", "at 'hyperParameters.key'"),
        (
            {"HyperParameters": {str(i): "1" for i in range(101)}},
            "ValidationException",
            "length less than or equal to 100",
        ),
        (
            {"InputDataConfig": [channel(DataSource={"S3DataSource": {"S3DataType": "Tape", "S3Uri": "s3://b/"}})]},
            "ValidationException",
            "Value 'Tape' at 'inputDataConfig.1.member.dataSource.s3DataSource.s3DataType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [",
        ),
        ({"Colour": "red"}, "ValidationException", "CreateTrainingJobRequest has no member Colour"),
        (
            {"TrainingJobName": 7},
            "SerializationException",
            "int value at 'trainingJobName' can not be converted to string",
        ),
        ({"HyperParameters": {"a": 1}}, "SerializationException", "at 'hyperParameters.a.member'"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": "60"}}, "SerializationException", "converted to integer"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": True}}, "SerializationException", "bool value at"),
        ({"Tags": {"a": "b"}}, "SerializationException", "dict value at 'tags' can not be converted to list"),
        ({"OutputDataConfig": "s3://b/"}, "SerializationException", "str value at 'outputDataConfig'"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 3}}, "ValidationException", "CreateTrainingJob.RetryStrategy"),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://b/", "KmsKeyId": "k"}},
            "ValidationException",
            "does not implement CreateTrainingJob.OutputDataConfig.KmsKeyId (",
        ),
        (
            {"InputDataConfig": [channel(), channel(ContentType="text/csv")]},
            "ValidationException",
            "does not implement CreateTrainingJob.InputDataConfig.ContentType (",
        ),
    ],
)
def test_refusals(members: dict[str, Any], code: str, sentence: str) -> None:
    with pytest.raises(ApiError) as refusal:
        call(**members)
    assert refusal.value.code == code
    assert sentence in refusal.value.message


def test_all_faults_come_at_once() -> None:
    with pytest.raises(
        ApiError, match=r"^3 validation errors detected: Value 'a_b' at 'trainingJobName'.*; .*; "
    ) as refusal:
        call(TrainingJobName="a_b", RoleArn="x")
    assert refusal.value.message.count("at 'roleArn'") == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"Colour": "red"}, "Value null at 'trainingJobArn'"),
        ({"TrainingJobArn": ARN, "Colour": "red"}, "CreateTrainingJobResponse has no member Colour"),
        (
            {"TrainingJobArn": "job"},
            "Value 'job' at 'trainingJobArn' failed to satisfy constraint: Member must satisfy",
        ),
        ({"TrainingJobArn": 1}, "int value at 'trainingJobArn' can not be converted to string"),
        (ConflictException("busy"), "it never answers ConflictException"),
    ],
)
def test_an_answer_that_aws_could_not_give_is_a_fault_of_the_sandbox(answer: Any, sentence: str) -> None:
    with pytest.raises(InternalFailure, match=f"the sandbox is wrong about CreateTrainingJob: .*{sentence}") as failure:
        Api([Jobs(answer)], service_model("sagemaker")).call("CreateTrainingJob", request())
    assert failure.value.status == 500


def test_a_declared_error_passes() -> None:
    with pytest.raises(ResourceInUse, match="the name is taken"):
        Api([Jobs(ResourceInUse("the name is taken"))], service_model("sagemaker")).call("CreateTrainingJob", request())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "CreateCompilationJob",
            "CreateCompilationJob is not implemented by the sandbox. It implements: CreateTrainingJob.",
        ),
        ("Dance", "Dance is no operation of SageMaker. It implements: CreateTrainingJob."),
    ],
)
def test_unknown_operations(name: str, sentence: str) -> None:
    with pytest.raises(ApiError) as refusal:
        Api([Jobs()], service_model("sagemaker")).call(name, {})
    assert (refusal.value.code, refusal.value.message) == ("UnknownOperationException", sentence)


def test_boto3_raises_the_code_and_the_sentence(aws: Any) -> None:
    sagemaker = aws("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError) as refusal:
        sagemaker.list_training_jobs(NameContains="a b", MaxResults=500)
    error = refusal.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith("2 validation errors detected: ")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_boto3_raises_for_what_is_not_implemented(aws: Any) -> None:
    sagemaker = aws("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="ListCompilationJobs is not implemented by the sandbox"):
        sagemaker.list_compilation_jobs()
