"""The facts of a job in execution.json, as JSONata over a Describe answer.

Times are ISO 8601 texts in SDK integrations.
"""

from __future__ import annotations

import json
from typing import Any

from constructs import Construct

from specs import Candidate
from specs.costs.list_prices import usd_per_hour
from stacks.constructs.containers.images import training_image
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.task import Task

_SECONDS = Jsonata("$exists($started) and $exists($ended) ? ($toMillis($ended) - $toMillis($started)) / 1000 : 0")


def training_facts(settings: JobSettings, candidate: Candidate) -> Jsonata:
    """One entry of `jobs` for a training job, from its description."""
    known = _known(settings, "training", candidate.instance_type, candidate.instance_count, candidate.purchase)
    billable = first_of("$job_.BillableTimeInSeconds", "$seconds")
    interrupted = "$count($job_.SecondaryStatusTransitions[Status = 'Interrupted'])"
    return _facts("Training", known, f"{{'billable_seconds': {billable}, 'interruptions': {interrupted}}}")


def processing_facts(settings: JobSettings) -> Jsonata:
    """One entry of `jobs` for a processing job, from its description. All of its time is billed."""
    known = _known(settings, "processing", settings.environment.processing.instance_type, 1, "on-demand")
    return _facts("Processing", known, "{'billable_seconds': $seconds, 'interruptions': 0}")


def refused_facts(settings: JobSettings, candidate: Candidate, reason: Jsonata) -> Jsonata:
    """One entry of `jobs` for a candidate that AWS refused: there is no job."""
    known = _known(settings, "training", candidate.instance_type, candidate.instance_count, candidate.purchase)
    nothing = "'name': '', 'status': 'Refused', 'started': null, 'ended': null"
    return Jsonata(
        f"$merge([{json.dumps(known)}, {{{nothing}, 'seconds': 0, 'billable_seconds': 0, 'interruptions': 0,"
        f" 'reason': {reason}}}])"
    )


def tuning_facts(settings: JobSettings, candidates: tuple[Candidate, ...]) -> Jsonata:
    """Entries of `jobs` for a tuning job, one for each instance type of its trials.

    From the variables ``$tuning`` and ``$costs``; seconds are the sums of the trials'.
    """
    known = {
        each.instance_type: _known(settings, "tuning", each.instance_type, each.instance_count, each.purchase)
        for each in candidates
    }
    sums = ", ".join(f"'{name}': $sum($own.{name})" for name in ("seconds", "billable_seconds", "interruptions"))
    return Jsonata(
        f"($known := {json.dumps(known)}; $map($distinct($costs.instance_type), function($type_) {{"
        " ($own := $costs[instance_type = $type_]; $merge([$lookup($known, $type_), {'name': $tuning.name,"
        " 'status': $tuning.status, 'started': $tuning.started, 'ended': $tuning.ended,"
        f" {sums}, 'reason': null}}])) }}))"
    )


class ProcessingFacts(Task):
    """Add the facts of a processing job to `$jobs`."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, step: str) -> None:
        jobs = settings.job_arn("processing-job")
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeProcessingJob",
            arguments={"ProcessingJobName": settings.job_name(step)},
            statements=[allow(["sagemaker:DescribeProcessingJob"], [jobs])],
            assign={"jobs": Jsonata(f"$append($jobs, [{processing_facts(settings)}])")},
        )


def _known(settings: JobSettings, kind: str, instance_type: str, count: int, purchase: str) -> dict[str, Any]:
    region = settings.foundation.region
    return {
        "kind": kind,
        "instance_type": instance_type,
        "instance_count": count,
        "purchase": purchase,
        "image": training_image(settings.environment, instance_type).uri,
        "usd_per_hour": usd_per_hour(region, "Processing" if kind == "processing" else "Training", instance_type),
    }


def _facts(kind: str, known: dict[str, Any], more: str) -> Jsonata:
    """Times that a job never reached are null; an absent one would drop its key."""
    return Jsonata(
        f"($job_ := {RESULT}; $started := $job_.{kind}StartTime; $ended := $job_.{kind}EndTime;"
        f" $seconds := {_SECONDS};"
        f" $merge([{json.dumps(known)}, {{'name': $job_.{kind}JobName, 'status': $job_.{kind}JobStatus,"
        " 'started': $exists($started) ? $started : null, 'ended': $exists($ended) ? $ended : null,"
        " 'seconds': $seconds, 'reason': $exists($job_.FailureReason) ? $job_.FailureReason : null},"
        f" {more}]))"
    )
