"""A stand-in for the few calls that `report` and `compare` make: objects, executions, versions, in dictionaries."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from operations.workflows.jobs import digest
from specs import names

MODEL, ENVIRONMENT = "digits-cnn", "local"
WORKFLOW = "arn:aws:states:us-east-1:000000000000:stateMachine:slipway-local-digits-cnn"
EXAMPLES = 10_000
BEGAN = datetime(2026, 11, 24, 9, tzinfo=UTC)


def arn(name: str) -> str:
    """The ARN of the workflow's execution of that name."""
    return f"{WORKFLOW.replace(':stateMachine:', ':execution:')}:{name}"


@dataclass
class FakeAws:
    """A connection; `executions` are (name, status, cause), the oldest first."""

    executions: list[tuple[str, str, str]] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    versions: dict[int, str] = field(default_factory=dict)
    environment: Any = field(default_factory=lambda: SimpleNamespace(name=ENVIRONMENT))

    def client(self, service: str) -> Any:
        return self

    def put(self, name: str, path: str, content: Any) -> None:
        """Keep a record of an execution: bytes, or something to write as JSON."""
        kept = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.objects[names.record(MODEL, digest(arn(name)), path)] = kept

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        outputs = {"ArtifactsBucketName": "artifacts", "StateMachineArn": WORKFLOW}
        listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        return {"Stacks": [{"StackName": StackName, "Outputs": listed}]}

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **arguments: iter([getattr(self, operation)(**arguments)]))

    def list_executions(self, stateMachineArn: str, maxResults: int = 100) -> dict[str, Any]:
        return {"executions": [{"executionArn": arn(name)} for name, _, _ in reversed(self.executions)][:maxResults]}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        for number, (name, status, cause) in enumerate(self.executions):
            if arn(name) == executionArn:
                failed = {"error": "TrainingFailed", "cause": cause} if cause else {}
                return {"status": status, "startDate": BEGAN + timedelta(hours=number), **failed}
        raise ClientError({"Error": {"Code": "ExecutionDoesNotExist", "Message": executionArn}}, "DescribeExecution")

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"ContentLength": len(self.objects[Key])}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no such key"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}

    def list_model_packages(self, ModelPackageGroupName: str) -> dict[str, Any]:
        return {"ModelPackageSummaryList": list(self._summaries(ModelPackageGroupName))}

    def _summaries(self, group: str) -> Iterator[dict[str, Any]]:
        for number in self.versions:
            package = f"arn:{group}/{number}"
            approved = {"ModelApprovalStatus": "Approved", "CreationTime": BEGAN + timedelta(days=number)}
            yield {"ModelPackageVersion": number, "ModelPackageArn": package} | approved

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:
        name = self.versions[int(ModelPackageName.rpartition("/")[2])]
        return {"CustomerMetadataProperties": {"execution": arn(name)} if name else {}}


def output_archive(history: dict[str, list[list[float]]]) -> bytes:
    """A training job's output.tar.gz."""
    content, archive = json.dumps(history).encode(), io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        entry = tarfile.TarInfo("./history.json")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def job(kind: str, purchase: str, seconds: float, billed: float, **more: Any) -> dict[str, Any]:
    """A job of execution.json."""
    machine = {"instance_type": "ml.m5.xlarge", "instance_count": 1, "usd_per_hour": 0.36}
    times = {"seconds": seconds, "billable_seconds": billed, "interruptions": 0, "reason": None}
    return {
        "name": f"job-{kind}",
        "kind": kind,
        "purchase": purchase,
        "status": "Completed",
        **machine,
        **times,
        **more,
    }


def evaluated(
    aws: FakeAws,
    name: str,
    accuracy: float,
    dropout: str,
    curve: list[list[float]],
    *,
    goal: str = "maximize",
    hyperparameters: Mapping[str, str] | None = None,
    fingerprint: str = "of-all",
) -> None:
    """An execution that succeeded, with everything that it leaves."""
    aws.executions.append((name, "SUCCEEDED", ""))
    metrics = {"accuracy": accuracy, "f1": 0.5}
    aws.put(name, "evaluation.json", {"metrics": metrics, "shares": {"accuracy": EXAMPLES}})
    aws.put(name, "report.html", f"<title>{name}</title>".encode())
    facts = {
        "commit": "8fb6bb2c0e14d5f67a90b12c34d56e78f901a2b3",
        "code": {"s3_uri": "s3://assets/5c1d.gz"},
        "data": {"dataset": "mnist", "fingerprint": fingerprint},
        "hyperparameters": {"seed": "0", "dropout": dropout, **(hyperparameters or {})},
        "gate": {"metric": "accuracy", "goal": goal, "threshold": 0.9},
        "jobs": [job("processing", "on-demand", 100, 100), job("training", "spot", 400, 100, interruptions=1)],
    }
    aws.put(name, "execution.json", facts)
    aws.put(name, "output.tar.gz", output_archive({"train:loss": curve}))
