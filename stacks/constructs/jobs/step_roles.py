"""The roles of a model's jobs: one a step, each with the prefixes that its step reads and writes.

A role serves all executions of its model: SageMaker assumes it without a session policy or tags, and IAM has no
variable for a job. So a step of one execution can write the same step's files of another: what counts is sealed, where
no job can write (docs/decisions/0024).
"""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct

from specs import names
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.jobs.job_role import JobRole
from stacks.constructs.security.bucket_access import grant_read, grant_synchronize, grant_write
from stacks.constructs.security.private_data import decrypt_data_set
from stacks.model_settings import ModelSettings


class PrepareRole(JobRole):
    """Reads the data set, which its owner may have encrypted; writes the prepared data."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings, code: CodeArchive) -> None:
        types = [settings.environment.processing.instance_type]
        super().__init__(scope, id_, settings=settings, code=code, kind="Processing", instance_types=types)
        data, foundation = settings.model.data, settings.foundation
        grant_read(self, foundation.data, names.raw_data(data.dataset))
        grant_write(self, foundation.artifacts, names.prepared_data(settings.model.name))
        if data.encryption == "client-side":
            self.add_to_policy(decrypt_data_set(data.dataset, foundation.key.key_arn))


class TrainRole(JobRole):
    """Reads the prepared training and validation data; writes models and checkpoints, also those of trials.

    SageMaker deletes in S3, with this role, the checkpoints that the job deletes. Source: AWS, "Checkpoints in Amazon
    SageMaker AI".
    """

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings, code: CodeArchive) -> None:
        types = [each.instance_type for each in settings.environment.training.candidates]
        super().__init__(scope, id_, settings=settings, code=code, kind="Training", instance_types=types)
        model, artifacts = settings.model, settings.foundation.artifacts
        for split in ("train", "validation"):
            grant_read(self, artifacts, f"{names.prepared_data(model.name)}*/{split}/")
        grant_write(self, artifacts, names.artifacts(names.MODELS, model.name))
        if model.training.checkpoints:
            grant_synchronize(self, artifacts, names.artifacts(names.CHECKPOINTS, model.name))
        if model.training.tuning:
            grant_write(self, artifacts, names.artifacts(names.TUNING, model.name))


class EvaluateRole(JobRole):
    """Reads model, facts, test data, champion and judge; writes the evaluation."""

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings, code: CodeArchive) -> None:
        types = [settings.environment.processing.instance_type]
        super().__init__(scope, id_, settings=settings, code=code, kind="Processing", instance_types=types)
        model, artifacts = settings.model, settings.foundation.artifacts
        prepared = names.prepared_data(model.name)
        for prefix in (
            f"{prepared}*/test/",
            f"{prepared}*/manifest.json",
            names.artifacts(names.MODELS, model.name),
            names.artifacts(names.RECORDS, model.name),
            names.artifacts(names.REGISTRY, model.name),
        ):
            grant_read(self, artifacts, prefix)
        if model.evaluation.judge:
            grant_read(self, artifacts, names.artifacts(names.REGISTRY, model.evaluation.judge))
        grant_write(self, artifacts, names.artifacts(names.EVALUATIONS, model.name))


@dataclass(frozen=True)
class StepRoles:
    """The role of each step."""

    prepare: PrepareRole
    train: TrainRole
    evaluate: EvaluateRole


def step_roles(scope: Construct, settings: ModelSettings, code: CodeArchive) -> StepRoles:
    """Create the three roles."""
    return StepRoles(
        PrepareRole(scope, "PrepareRole", settings=settings, code=code),
        TrainRole(scope, "TrainRole", settings=settings, code=code),
        EvaluateRole(scope, "EvaluateRole", settings=settings, code=code),
    )
