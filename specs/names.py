"""The names by which stacks, commands and people find a deployed system.

CloudFormation generates all others.
Every function takes the names of an environment and of a model: `endpoint("dev", "digits-cnn")`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

PRODUCTION_VARIANT = "AllTraffic"
"""Never changes: autoscaling is attached to it, and guardrails demand the same variant before and after an update."""
SCALED_TYPE = "ScaledInstanceType"
"""The serving stack's parameter: the instance type that automatic scaling is on for, or empty."""
STACK_TAG = "slipway:stack"
"""Marks what a serving stack made: the release workflow prunes by it, `operations empty` finds by it."""
MODEL_TAG = "slipway:model"
"""Marks what belongs to a model: its resources, and its jobs."""
ENVIRONMENT_TAG = "slipway:environment"
"""Marks everything in an environment, for cost reports."""
DATA_SET_CONTEXT = "slipway:data-set"
"""The entry of a KMS encryption context that names the data set; the key's policy statements test it."""
FILE_CONTEXT = "slipway:file"
"""The entry that names the file; jobs, which import nothing of ours, have their own copy."""

PREPARED, MODELS, CHECKPOINTS, TUNING = "prepared", "models", "checkpoints", "tuning"
EVALUATIONS = "evaluation"
"""The kinds of files that jobs write: the first folder of a key in the artifacts bucket, before model and execution.

So a role's statement is a prefix of one model without a wildcard in its middle, and a lifecycle rule is one of all.
"""
RECORDS, REGISTRY = "records", "registry"
"""The kinds that no job can write: the files of an evaluated execution, and the archives of registered versions."""
EVALUATION, REPORT, EXECUTION = "evaluation.json", "report.html", "execution.json"
OUTPUT = "output.tar.gz"
"""An execution's records: its metrics, its report, its facts, and the output data of its training job."""
ARCHIVE = "model.tar.gz"
"""The trained model, as a training job writes it and as an endpoint reads it."""
ARCHIVE_CHECKSUM = "archiveChecksumSHA256"
"""The property of a model package with its archive's checksum, in S3's form: SHA-256 in Base64."""
JOB_DIGITS = 12
"""The digits of an execution in its jobs' names: the first of the 16 in the keys of its files."""

FINGERPRINT, JUDGE = "dataFingerprint", "judge"
"""The properties with what a version was measured by: its prepared data, and the archive of its judge."""


def prefix(environment: str) -> str:
    """The start of every name in an environment: `slipway-dev-`."""
    return f"slipway-{environment}-"


def belongs(name: str, environment: str, environments: Iterable[str]) -> bool:
    """Tell whether a name belongs to `dev`, for instance, and not to `dev-eu`."""
    longer = [prefix(other) for other in environments if other.startswith(f"{environment}-")]
    return name.startswith(prefix(environment)) and not name.startswith(tuple(longer))


def network_stack(environment: str) -> str:
    return f"{prefix(environment)}network"


def foundation_stack(environment: str) -> str:
    return f"{prefix(environment)}foundation"


def training_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-training"


def release_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-release"


def serving_stack(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}-serving"


def model_stacks(environment: str, model: str) -> tuple[str, ...]:
    """The stacks of one model, in the order in which they are deployed."""
    return tuple(stack(environment, model) for stack in (training_stack, release_stack, serving_stack))


def model_of(stack: str, environment: str) -> str | None:
    """The model of a stack; None for the stacks that all models share."""
    model, _, kind = stack.removeprefix(prefix(environment)).rpartition("-")
    return model if model and kind in {"training", "release", "serving"} else None


def endpoint(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}"


def model_package_group(environment: str, model: str) -> str:
    return f"{prefix(environment)}{model}"


def mark(environment: str, model: str) -> str:
    """Six characters for an environment's model, in names that are too short for both."""
    digest = hashlib.sha256(f"{environment}/{model}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:6]


def job_prefix(environment: str, model: str) -> str:
    """The start of the names of a model's jobs alone: `digits-cnn--lgv67f-`.

    No model has two hyphens in a row in its name, and no two have one mark in an account (specs/rules.py). So a
    permission for these names is for no other model's, nor for another environment's.
    """
    return f"{model}--{mark(environment, model)}-"


def tuning_prefix(environment: str, model: str) -> str:
    """The start of the names of its tuning jobs, which have 32 characters: `digits-c--lgv67f-`."""
    return f"{model[:8].rstrip('-')}--{mark(environment, model)}-"


def workflow_logs(stack: str) -> str:
    """The log group of a stack's workflow.

    All names that begin so share one entry of the account's resource policy, which holds 5,120 characters (AWS Step
    Functions Developer Guide, "Avoiding Amazon CloudWatch Logs resource policy size restrictions").
    """
    return f"/aws/vendedlogs/states/{stack}"


def endpoint_logs(endpoint_name: str) -> str:
    """The log group of an endpoint; SageMaker gives the name."""
    return f"/aws/sagemaker/Endpoints/{endpoint_name}"


def tracking_app(environment: str) -> str:
    """The MLflow App of an environment."""
    return f"slipway-{environment}"


def key_alias(environment: str) -> str:
    """The alias of the key that encrypts everything at rest."""
    return f"alias/slipway-{environment}"


def raw_data(dataset: str) -> str:
    """The prefix of a data set's files in the data bucket."""
    return f"datasets/{dataset}/raw/"


def artifacts(kind: str, model: str) -> str:
    """The prefix of one kind of a model's files in the artifacts bucket: `models/digits-cnn/`."""
    return f"{kind}/{model}/"


def prepared_data(model: str) -> str:
    """The prefix of a model's prepared data in the artifacts bucket; its executions share them."""
    return artifacts(PREPARED, model)


def record(model: str, run: str, file: str) -> str:
    """The key of one of an execution's records."""
    return f"{artifacts(RECORDS, model)}{run}/{file}"
