"""Requests for tuning jobs that AWS refuses, or that the sandbox does not implement."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import DIGEST, IMAGE
from merging import merged
from tuning_lab import TuningLab, integer

CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"
RANGES, LIMITS = f"{CONFIG}.ParameterRanges", f"{CONFIG}.ResourceLimits"
INSTANCES = f"{DEFINITION}.HyperParameterTuningResourceConfig"
ONE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}


@pytest.fixture(scope="module")
def lab(aws: Any) -> TuningLab:
    return TuningLab(aws)


def continuous(low: str, high: str, scale: str = "Auto", name: str = "p") -> dict[str, Any]:
    return {"ContinuousParameterRanges": [{"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scale}]}


REFUSED = [
    ({"HyperParameterTuningJobName": "a" * 33}, "'hyperParameterTuningJobName' failed to satisfy constraint"),
    ({f"{CONFIG}.Strategy": "Hyperband"}, "Strategy as Hyperband (it implements: Bayesian, Random, Grid)"),
    ({f"{CONFIG}.StrategyConfig": {}}, "the sandbox does not implement CreateHyperParameterTuningJob"),
    (
        {"WarmStartConfig": {"ParentHyperParameterTuningJobs": [{}], "WarmStartType": "TransferLearning"}},
        "the sandbox does not implement CreateHyperParameterTuningJob.WarmStartConfig",
    ),
    ({"Autotune": {"Mode": "Enabled"}}, "the sandbox does not implement CreateHyperParameterTuningJob.Autotune"),
    (
        {f"{CONFIG}.TuningJobCompletionCriteria.ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}},
        "CompleteOnConvergence as Enabled (it implements: Disabled)",
    ),
    (
        {f"{DEFINITION}.AlgorithmSpecification.TrainingImage": f"{IMAGE}@{DIGEST}"},
        "is invalid: it has a tag and a digest",
    ),
    ({DEFINITION: None}, "TrainingJobDefinition is required"),
    ({f"{CONFIG}.HyperParameterTuningJobObjective": None}, "HyperParameterTuningJobObjective is required"),
    (
        {f"{CONFIG}.HyperParameterTuningJobObjective.MetricName": "accuracy"},
        "The objective metric 'accuracy' is not among AlgorithmSpecification.MetricDefinitions, so no training job "
        "could report it; they define: loss",
    ),
    ({RANGES: None}, "ParameterRanges names no hyperparameter"),
    ({RANGES: {}}, "ParameterRanges names no hyperparameter"),
    (
        {RANGES: {"IntegerParameterRanges": [integer(f"x{n}", 0, 1) for n in range(30)], **continuous("0", "1")}},
        "ParameterRanges has 31 hyperparameters; at most 30",
    ),
    (
        {RANGES: {"IntegerParameterRanges": [integer("p", 0, 1)], **continuous("0", "1")}},
        "ParameterRanges has more than one range for p",
    ),
    ({RANGES: continuous("0", "1", name="epochs")}, "epochs cannot be in ParameterRanges and in StaticHyperParameters"),
    ({RANGES: continuous("low", "1")}, "MinValue of p must be a number; received 'low'"),
    ({RANGES: continuous("0", "inf")}, "MaxValue of p must be a number; received 'inf'"),
    ({RANGES: continuous("2", "1")}, "MinValue of p must not be above its MaxValue; received 2 to 1"),
    (
        {RANGES: continuous("0", "1", "Logarithmic")},
        "Logarithmic scaling of p needs values above 0; its range is 0 to 1",
    ),
    ({RANGES: continuous("0", "1", "ReverseLogarithmic")}, "p is a continuous range from 0 to 1"),
    (
        {RANGES: {"IntegerParameterRanges": [integer("p", 0, 0, ScalingType="ReverseLogarithmic")]}},
        "p is an integer range from 0 to 0",
    ),
    (
        {RANGES: {"IntegerParameterRanges": [{"Name": "p", "MinValue": "0.5", "MaxValue": "1"}]}},
        "MinValue of p must be a whole number; received '0.5'",
    ),
    (
        {RANGES: {"CategoricalParameterRanges": [{"Name": "p", "Values": ["a", "a"]}]}},
        "The values of p must differ; received a, a",
    ),
    (
        {f"{CONFIG}.Strategy": "Grid"},
        "Grid search takes CategoricalParameterRanges alone, not IntegerParameterRanges: list the values",
    ),
    (
        {
            f"{CONFIG}.Strategy": "Grid",
            RANGES: {"CategoricalParameterRanges": [{"Name": "p", "Values": ["a", "b"]}]},
        },
        "MaxNumberOfTrainingJobs is 3, but the grid has 2 combinations",
    ),
    ({LIMITS: {"MaxParallelTrainingJobs": 1}}, "ResourceLimits needs MaxNumberOfTrainingJobs or MaxRuntimeInSeconds"),
    ({f"{LIMITS}.MaxNumberOfTrainingJobs": 10_001}, "a tuning job of strategy Random launches at most 10000"),
    (
        {f"{CONFIG}.Strategy": "Bayesian", f"{LIMITS}.MaxNumberOfTrainingJobs": 751},
        "a tuning job of strategy Bayesian launches at most 750",
    ),
    ({LIMITS: {"MaxNumberOfTrainingJobs": 200, "MaxParallelTrainingJobs": 101}}, "at most 100 may run at once"),
    ({f"{LIMITS}.MaxParallelTrainingJobs": 4}, "(4) must not be above MaxNumberOfTrainingJobs (3)"),
    (
        {f"{DEFINITION}.ResourceConfig": None},
        "HyperParameterTuningResourceConfig (several instance types, in their order)",
    ),
    ({INSTANCES: ONE}, "received ResourceConfig and HyperParameterTuningResourceConfig"),
    (
        {f"{DEFINITION}.ResourceConfig": None, INSTANCES: {**ONE, "InstanceConfigs": [ONE]}},
        "has InstanceConfigs, and InstanceType, InstanceCount, VolumeSizeInGB beside them",
    ),
    (
        {f"{DEFINITION}.ResourceConfig": None, INSTANCES: {"InstanceConfigs": [ONE, {**ONE, "InstanceCount": 17}]}},
        "the sandbox runs at most 16 instances of a job",
    ),
    (
        {f"{DEFINITION}.StaticHyperParameters.sagemaker_program": None},
        "give the hyperparameters sagemaker_program, such",
    ),
    ({f"{DEFINITION}.AlgorithmSpecification.TrainingImage": "own/image:1"}, "it cannot start 'own/image:1'"),
    ({f"{DEFINITION}.EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
    ({f"{DEFINITION}.CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/tmp"}}, "LocalPath '/tmp' must be"),
    ({f"{DEFINITION}.EnableNetworkIsolation": True}, "EnableNetworkIsolation as True (it implements: False)"),
    ({f"{DEFINITION}.RoleArn": "arn:aws:iam::000000000000:role/nobody"}, "Could not assume role"),
    ({f"{DEFINITION}.OutputDataConfig.KmsKeyId": "alias/nobody"}, "KMS key 'alias/nobody' cannot be used"),
    ({f"{DEFINITION}.OutputDataConfig.S3OutputPath": "https://example.com/x"}, "is not an S3 location"),
    ({f"{DEFINITION}.TuningObjective": {"Type": "Maximize", "MetricName": "loss"}}, "TrainingJobDefinition.TuningObj"),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_refused_tuning_jobs(lab: TuningLab, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError) as raised:
        lab.sagemaker.create_hyper_parameter_tuning_job(**merged(lab.tuning(), changes))
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert sentence in error["Message"]


def test_a_name_is_taken(lab: TuningLab) -> None:
    request = lab.tuning("print('metric loss=1')")
    request[CONFIG]["ResourceLimits"] = {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    with pytest.raises(ClientError, match="a hyperparameter tuning job with this name already exists") as raised:
        lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    assert raised.value.response["Error"]["Code"] == "ResourceInUse"
    lab.tuned(request["HyperParameterTuningJobName"])
