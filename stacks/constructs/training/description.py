"""execution.json, the facts of an execution: written before its evaluation, read by the report."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.training.artifact_access import RUN_REASON, writing
from stacks.constructs.workflows.jsonata import EXECUTION_ID, INPUT, Jsonata, first_of, literal
from stacks.constructs.workflows.task import Task


class Description(Task):
    """Write records/{model}/{run}/execution.json from the workflow's variables."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        bucket, model = settings.foundation.artifacts, settings.model
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="aws-sdk:s3:putObject",
            arguments={
                "Bucket": bucket.bucket_name,
                "Key": settings.key(f"{names.RECORDS}/{names.EXECUTION}"),
                "ContentType": "application/json",
                "Body": _body(settings),
            },
            statements=writing(settings, f"{names.artifacts(names.RECORDS, model.name)}*", RUN_REASON),
        )


def _body(settings: JobSettings) -> Jsonata:
    """One expression: a field that is null by itself counts as undefined, on which a state fails."""
    model, environment = settings.model, settings.environment
    gate = model.evaluation.model_dump(exclude={"judge"})
    data: dict[str, str | Jsonata] = {
        "dataset": f"'{model.data.dataset}'",
        "raw": f"'{settings.raw_data()}'",
        "prepared": settings.prepared(""),
        "fingerprint": "$fingerprint",
        "prepared_again": "$prepared_again",
    }
    return _object(
        {
            "execution": EXECUTION_ID,
            "model": f"'{model.name}'",
            "environment": f"'{environment.name}'",
            "region": f"'{environment.region}'",
            "commit": first_of(f"{INPUT}.commit", "null"),
            "code": _object(
                {"s3_uri": f"'{settings.code.s3_object_url}'", "package": f"'training/{model.training.package}'"}
            ),
            "data": _object(data),
            "hyperparameters": "$hyperparameters",
            "overrides": first_of(f"{INPUT}.hyperparameters", "{}"),
            "gate": literal(gate),
            "jobs": "$append($jobs, [])",
            "search": "$exists($search.job) ? $search : null",
            "champion": "$champion.version != '' ? $champion : null",
        }
    )


def _object(fields: Mapping[str, str | Jsonata]) -> Jsonata:
    """A JSONata object of expressions."""
    return Jsonata("{" + ", ".join(f"'{name}': {expression}" for name, expression in fields.items()) + "}")
