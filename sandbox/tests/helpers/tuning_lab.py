"""The tools for tuning jobs in tests: a request with plain scripts in script mode, and waits."""

from __future__ import annotations

import io
import tarfile
from typing import Any

from job_lab import IMAGE, Lab, await_status, channel, unique

SQUARE = """
import sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
x = float(given["-x"])
print(f"metric loss={(x - 3) ** 2:.6f} step=1", flush=True)
"""
"""The best x is 3; the toolkit gives names of one letter one hyphen."""


def integer(name: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    return {"Name": name, "MinValue": str(low), "MaxValue": str(high), **more}


def source(script: str) -> bytes:
    """A tar.gz with the script as train.py."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as tar:
        entry = tarfile.TarInfo("train.py")
        entry.size = len(script.encode())
        tar.addfile(entry, io.BytesIO(script.encode()))
    return written.getvalue()


class TuningLab(Lab):
    """A lab of tuning jobs that search x of a script printing `metric loss=...`."""

    def tuning(self, script: str = SQUARE, *, config: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        """A request; `config` replaces members of HyperParameterTuningJobConfig, `members` of TrainingJobDefinition."""
        name = unique("tune")
        return {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "RandomSeed": 1,
                "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": {"IntegerParameterRanges": [integer("x", 0, 10)]},
            }
            | (config or {}),
            "TrainingJobDefinition": {
                "StaticHyperParameters": {
                    "epochs": "2",
                    "model_dir": "/opt/ml/model",
                    "sagemaker_program": "train.py",
                    "sagemaker_submit_directory": "/opt/ml/input/data/code/source.tar.gz",
                },
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "loss", "Regex": "metric loss=([0-9.e+-]+)"}],
                },
                "RoleArn": self.role,
                "InputDataConfig": [channel("code", self.put(f"code/{name}/source.tar.gz", source(script)))],
                "OutputDataConfig": {"S3OutputPath": self.uri("models")},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
                "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            }
            | members,
        }

    def tune(self, *arguments: Any, **members: Any) -> dict[str, Any]:
        """Run a tuning job to its end and describe it."""
        request = self.tuning(*arguments, **members)
        self.sagemaker.create_hyper_parameter_tuning_job(**request)
        return self.tuned(request["HyperParameterTuningJobName"])

    def described(self, name: str) -> dict[str, Any]:
        return self.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)

    def tuned(self, name: str, *statuses: str) -> dict[str, Any]:
        """Wait for one of the statuses, by default any final one; return the job's description."""
        return await_status(lambda: self.described(name), "HyperParameterTuningJobStatus", statuses)

    def trials(self, name: str, **options: Any) -> list[dict[str, Any]]:
        """The training jobs, in the order of their names."""
        return self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, **options
        )["TrainingJobSummaries"]
