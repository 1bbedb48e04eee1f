"""execution.json: what an execution used and did, written before its evaluation, for the report to read."""

from __future__ import annotations

import json

from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.training.artifact_access import RUN_REASON, writing
from stacks.constructs.training.execution_input import INPUT
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import jsonata


class Description(Task):
    """Writes {model}/{run}/execution/execution.json from the workflow's variables."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, environment: EnvironmentSpec) -> None:
        bucket, model = settings.foundation.artifacts, settings.model
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="aws-sdk:s3:putObject",
            arguments={
                "Bucket": bucket.bucket_name,
                "Key": jsonata(f"'{names.artifacts(model.name)}' & $run & '/{names.EXECUTION}'"),
                "ContentType": "application/json",
                "Body": jsonata(_body(settings, environment)),
            },
            statements=writing(settings, f"{names.artifacts(model.name)}*/{names.EXECUTION}", RUN_REASON),
        )


def _body(settings: JobSettings, environment: EnvironmentSpec) -> str:
    """One expression: a field that is null by itself counts as undefined, on which a state fails."""
    model = settings.model
    gate = model.evaluation.model_dump(include={"metric", "goal", "threshold", "tolerance"})
    data = {
        "dataset": f"'{model.data.dataset}'",
        "raw": f"'{settings.raw_data()}'",
        "prepared": settings.prepared_uri(""),
        "fingerprint": "$fingerprint",
        "prepared_again": "$prepared_again",
    }
    return _object(
        {
            "execution": "$states.context.Execution.Id",
            "model": f"'{model.name}'",
            "environment": f"'{environment.name}'",
            "region": f"'{environment.region}'",
            "commit": f"$exists({INPUT}.commit) ? {INPUT}.commit : null",
            "code": _object({"s3_uri": f"'{settings.code.s3_object_url}'"}),
            "data": _object(data),
            "hyperparameters": "$hyperparameters",
            "overrides": f"$exists({INPUT}.hyperparameters) ? {INPUT}.hyperparameters : {{}}",
            "gate": json.dumps(gate),
            "jobs": "$append($jobs, [])",
            "search": "$exists($search.job) ? $search : null",
        }
    )


def _object(fields: dict[str, str]) -> str:
    """A JSONata object of expressions."""
    return "{" + ", ".join(f"'{name}': {expression}" for name, expression in fields.items()) + "}"
