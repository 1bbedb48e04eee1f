"""Requests for jobs that AWS refuses, or that the sandbox does not implement."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import DIGEST, IMAGE, REPOSITORY, Lab, channel, given, output, trust, unique
from merging import merged

OTHER_TRUST = trust("lambda.amazonaws.com")


def refusal(call: Any, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**request)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


SPOT = "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
TRAINING = [
    ({"TrainingJobName": "a_b"}, "Value 'a_b' at 'trainingJobName' failed to satisfy constraint"),
    ({"ResourceConfig.InstanceType": "ml.tiny"}, "Value 'ml.tiny' at 'resourceConfig.instanceType'"),
    ({"ResourceConfig.InstanceCount": 17}, "the sandbox runs at most 16 instances of a job"),
    ({"ResourceConfig.VolumeSizeInGB": None}, "ResourceConfig needs VolumeSizeInGB"),
    ({"ResourceConfig.KeepAlivePeriodInSeconds": 60}, "CreateTrainingJob.ResourceConfig.KeepAlivePeriodInSeconds"),
    (
        {"ResourceConfig.InstanceType": "ml.g5.xlarge", "ResourceConfig.VolumeKmsKeyId": "alias/any"},
        "VolumeKmsKeyId cannot be given for ml.g5.xlarge",
    ),
    ({"ResourceConfig.VolumeKmsKeyId": "alias/nobody"}, "KMS key 'alias/nobody' cannot be used"),
    ({"OutputDataConfig.KmsKeyId": "alias/nobody"}, "KMS key 'alias/nobody' cannot be used"),
    ({"OutputDataConfig.S3OutputPath": "https://example.com/x"}, "'https://example.com/x' is not an S3 location"),
    (
        {"AlgorithmSpecification.ContainerEntrypoint": None},
        "the image's script mode has nothing to run: give the hyperparameters sagemaker_program and "
        "sagemaker_submit_directory",
    ),
    (
        {"AlgorithmSpecification.ContainerEntrypoint": None, "AlgorithmSpecification.TrainingImage": "own/image:1"},
        "it cannot start 'own/image:1': it implements the script mode of AWS's tensorflow-training images; or",
    ),
    ({"AlgorithmSpecification.TrainingImage": None}, "AlgorithmSpecification.TrainingImage is required"),
    (
        {"AlgorithmSpecification.TrainingImage": f"{IMAGE}@{DIGEST}"},
        f'ECR image "{IMAGE}@{DIGEST}" is invalid: it has a tag and a digest.',
    ),
    ({"AlgorithmSpecification.TrainingInputMode": "FastFile"}, "TrainingInputMode as FastFile (it implements: File)"),
    (
        {"AlgorithmSpecification.MetricDefinitions": [{"Name": "loss", "Regex": "loss=(["}]},
        "The Regex 'loss=([' of metric loss is no regular expression",
    ),
    (
        {"AlgorithmSpecification.MetricDefinitions": [{"Name": "loss", "Regex": "loss"}]},
        "The Regex 'loss' of metric loss captures nothing",
    ),
    ({"InputDataConfig.0.InputMode": "Pipe"}, "CreateTrainingJob.InputDataConfig.InputMode as Pipe"),
    ({"InputDataConfig.0.CompressionType": "Gzip"}, "CreateTrainingJob.InputDataConfig.CompressionType as Gzip"),
    (
        {"InputDataConfig.0.DataSource.S3DataSource.S3DataType": "ManifestFile"},
        "S3DataType as ManifestFile (it implements: S3Prefix)",
    ),
    ({"InputDataConfig": [channel("a", "s3://b/x"), channel("a", "s3://b/y")]}, "channels more than once: a"),
    ({"InputDataConfig": [channel("a", "https://example.com/x")]}, "'https://example.com/x' is not an S3 location"),
    (
        {"InputDataConfig": [channel("a", "s3://nowhere-at-all/x")]},
        'No S3 objects found under S3 URL "s3://nowhere-at-all/x"',
    ),
    ({"StoppingCondition": {"MaxRuntimeInSeconds": 28 * 86_400 + 1}}, "It must be at most 2419200 (28 days)"),
    (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}},
        "It is for EnableManagedSpotTraining",
    ),
    ({"EnableManagedSpotTraining": True}, SPOT),
    (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 8},
        },
        SPOT,
    ),
    ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/tmp"}}, "LocalPath '/tmp' must be an absolute path"),
    ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/opt/ml/../x"}}, "must be an absolute path that begins"),
    ({"CheckpointConfig": {"S3Uri": "https://example.com"}}, "'https://example.com' is not an S3 location"),
    ({"EnableNetworkIsolation": True}, "CreateTrainingJob.EnableNetworkIsolation as True (it implements: False)"),
    ({"RetryStrategy": {"MaximumRetryAttempts": 31}}, "'retryStrategy.maximumRetryAttempts' failed to satisfy"),
    ({"VpcConfig": {"Subnets": ["subnet-0"], "SecurityGroupIds": ["sg-0"]}}, "subnet-0"),
]


@pytest.mark.parametrize(("changes", "sentence"), TRAINING)
def test_refused_training_jobs(lab: Lab, changes: dict[str, Any], sentence: str) -> None:
    request = lab.training("")
    code, message = refusal(lab.sagemaker.create_training_job, merged(request, changes))
    assert code == "ValidationException"
    assert sentence in message
    with pytest.raises(ClientError, match=re.escape("Requested resource not found.")):
        lab.sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])


PLACE = "/opt/ml/processing/input/raw"
PROCESSING = [
    ({"ProcessingJobName": "a_b"}, "Value 'a_b' at 'processingJobName' failed to satisfy constraint"),
    ({"AppSpecification.ContainerEntrypoint": None}, "give CreateProcessingJob.AppSpecification.ContainerEntrypoint"),
    (
        {"AppSpecification.ImageUri": f"{REPOSITORY}@{DIGEST[:-1]}"},
        f'ECR image "{REPOSITORY}@{DIGEST[:-1]}" is invalid: a digest is sha256: and 64',
    ),
    ({"ProcessingResources.ClusterConfig.InstanceCount": 17}, "the sandbox runs at most 16 instances of a job"),
    ({"ProcessingResources.ClusterConfig.InstanceType": None}, "ProcessingResources.ClusterConfig needs InstanceType"),
    ({"ProcessingResources.ClusterConfig.VolumeKmsKeyId": "alias/nobody"}, "KMS key 'alias/nobody' cannot be used"),
    ({"StoppingCondition": {"MaxRuntimeInSeconds": 777_601}}, "value less than or equal to 777600"),
    (
        {"ProcessingInputs.0.S3Input.S3InputMode": "Pipe"},
        "CreateProcessingJob.ProcessingInputs.S3Input.S3InputMode as Pipe",
    ),
    ({"ProcessingInputs.0.S3Input.S3CompressionType": "Gzip"}, "S3CompressionType as Gzip (it implements: None)"),
    ({"ProcessingInputs.0.AppManaged": True}, "CreateProcessingJob.ProcessingInputs.AppManaged as True"),
    ({"ProcessingInputs.0.S3Input": None}, "code needs S3Input with S3Uri and LocalPath"),
    (
        {"ProcessingInputs": [given("a", "s3://b/x", "/tmp/x")]},
        "must be an absolute path that begins with /opt/ml/processing/",
    ),
    (
        {"ProcessingInputs": [given("a", "s3://b/x", PLACE), given("a", "s3://b/y", "/opt/ml/processing/y")]},
        "InputName must be",
    ),
    (
        {"ProcessingInputs": [given("a", "s3://b/x", PLACE), given("b", "s3://b/y", PLACE)]},
        "S3Input.LocalPath must be unique",
    ),
    ({"ProcessingInputs": [given("a", "s3://nowhere-at-all/x", PLACE)]}, "No S3 objects found under S3 URL"),
    ({"ProcessingOutputConfig": {"Outputs": [output("a", "s3://b/x", "/tmp/x")]}}, "LocalPath '/tmp/x' must be"),
    ({"ProcessingOutputConfig": {"Outputs": [output("a", "https://example.com/x", PLACE)]}}, "is not an S3 location"),
    ({"ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": "alias/nobody"}}, "KMS key 'alias/nobody' cannot be used"),
    ({"NetworkConfig": {"EnableNetworkIsolation": True}}, "EnableNetworkIsolation as True (it implements: False)"),
    ({"NetworkConfig": {"VpcConfig": {"Subnets": ["subnet-0"], "SecurityGroupIds": ["sg-0"]}}}, "subnet-0"),
    ({"ExperimentConfig": {"RunName": "r"}}, "the sandbox does not implement CreateProcessingJob.ExperimentConfig"),
]


@pytest.mark.parametrize(("changes", "sentence"), PROCESSING)
def test_refused_processing_jobs(lab: Lab, changes: dict[str, Any], sentence: str) -> None:
    request = lab.processing("")
    code, message = refusal(lab.sagemaker.create_processing_job, merged(request, changes))
    assert code == "ValidationException"
    assert sentence in message
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        lab.sagemaker.describe_processing_job(ProcessingJobName=request["ProcessingJobName"])


@pytest.mark.parametrize("kind", ["missing", "untrusting"])
def test_a_role_that_cannot_be_assumed(lab: Lab, kind: str) -> None:
    role = "arn:aws:iam::000000000000:role/nobody" if kind == "missing" else lab.make_role(OTHER_TRUST)
    sentence = (
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )
    answers = [
        refusal(lab.sagemaker.create_training_job, lab.training("", RoleArn=role)),
        refusal(lab.sagemaker.create_processing_job, lab.processing("", RoleArn=role)),
    ]
    assert answers == [("ValidationException", sentence)] * 2


def test_a_name_is_never_free_again(lab: Lab) -> None:
    training, processing = lab.training(""), lab.processing("")
    lab.sagemaker.create_training_job(**training)
    lab.trained(training["TrainingJobName"])
    code, message = refusal(lab.sagemaker.create_training_job, training)
    assert code == "ResourceInUse"
    assert message == (
        "Training job names must be unique within an AWS account and region, and a training job with this name already "
        f"exists (arn:aws:sagemaker:us-east-1:000000000000:training-job/{training['TrainingJobName']})"
    )
    lab.sagemaker.create_processing_job(**processing)
    code, message = refusal(lab.sagemaker.create_processing_job, processing)
    assert code == "ResourceInUse"
    assert message.startswith("Job name must be unique within an AWS account and region, and a job with this name")


def test_an_image_by_digest_is_the_same_container(lab: Lab) -> None:
    image = f"{REPOSITORY}@{DIGEST}"
    request = merged(lab.training("print('ran')"), {"AlgorithmSpecification.TrainingImage": image})
    lab.sagemaker.create_training_job(**request)
    job = lab.trained(request["TrainingJobName"])
    assert (job["TrainingJobStatus"], job["AlgorithmSpecification"]["TrainingImage"]) == ("Completed", image)


def test_a_network_that_exists_is_accepted(lab: Lab) -> None:
    ec2 = lab.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=unique("jobs"), Description="jobs", VpcId=vpc)["GroupId"]
    network = {"Subnets": [subnet], "SecurityGroupIds": [group]}
    assert lab.train("", VpcConfig=network)["VpcConfig"] == network
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    foreign = ec2.create_security_group(GroupName=unique("jobs"), Description="jobs", VpcId=other)["GroupId"]
    request = lab.training("", VpcConfig={"Subnets": [subnet], "SecurityGroupIds": [foreign]})
    code, message = refusal(lab.sagemaker.create_training_job, request)
    assert code == "ValidationException"
    assert message.startswith("Subnets and security groups must be in one VPC")


def test_tags_of_a_job(lab: Lab) -> None:
    job = lab.train("", Tags=[{"Key": "team", "Value": "digits"}])
    assert lab.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == [{"Key": "team", "Value": "digits"}]


def test_a_lack_of_quota(lab: Lab, fault: Any) -> None:
    fault("quota", instance_type="ml.m5.large")
    three = {"InstanceType": "ml.m5.large", "InstanceCount": 3, "VolumeSizeInGB": 10}
    code, message = refusal(lab.sagemaker.create_training_job, lab.training("", ResourceConfig=three))
    assert code == "ResourceLimitExceeded"
    assert message.startswith(
        "The account-level service limit 'ml.m5.large for training job usage' is 0 Instances, with current "
        "utilization of 0 Instances and a request delta of 3 Instances."
    )
    condition = {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}
    spot = lab.training("", EnableManagedSpotTraining=True, StoppingCondition=condition)
    assert "'ml.m5.large for spot training job usage'" in refusal(lab.sagemaker.create_training_job, spot)[1]
    code, message = refusal(lab.sagemaker.create_processing_job, lab.processing(""))
    assert code == "ResourceLimitExceeded"
    assert "'ml.m5.large for processing job usage'" in message


def test_a_lack_of_capacity(lab: Lab, fault: Any) -> None:
    fault("capacity", instance_type="ml.m5.large")
    sentence = (
        "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type."
    )
    job = lab.train("")
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", sentence)
    assert "TrainingStartTime" not in job
    assert lab.process("")["FailureReason"] == sentence


def test_a_lack_of_spot_capacity(lab: Lab, fault: Any) -> None:
    fault("spot", instance_type="ml.m5.large")
    condition = {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}
    job = lab.train("", EnableManagedSpotTraining=True, StoppingCondition=condition)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert lab.train("")["TrainingJobStatus"] == "Completed"


def test_an_unknown_fault(lab: Lab, fault: Any) -> None:
    request = lab.training("")
    fault("rain", instance_type="ml.m5.large")
    code, message = refusal(lab.sagemaker.create_training_job, request)
    assert code == "ValidationException"
    assert "faults[0]: kind 'rain' is unknown; allowed: capacity, quota, spot, " in message
