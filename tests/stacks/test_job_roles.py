"""The role of each step: exactly the prefixes that its job reads and writes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from reference_model import MODEL
from template_tokens import as_text

FILES = {
    "raw": "datasets/mnist/raw/train-images",
    "train": f"prepared/{MODEL}/f1/train/shard-0",
    "validation": f"prepared/{MODEL}/f1/validation/shard-0",
    "test": f"prepared/{MODEL}/f1/test/shard-0",
    "manifest": f"prepared/{MODEL}/f1/manifest.json",
    "model": f"models/{MODEL}/r1/job/output/model.tar.gz",
    "checkpoint": f"checkpoints/{MODEL}/r1/training/step-7/state.index",
    "trial's checkpoint": f"checkpoints/{MODEL}/r1/trials/job/step-7/state.index",
    "trial": f"tuning/{MODEL}/r1/models/job/output/model.tar.gz",
    "facts": f"records/{MODEL}/r1/execution.json",
    "evaluation": f"evaluation/{MODEL}/r1/evaluation.json",
    "sealed": f"registry/{MODEL}/r1/model.tar.gz",
    "another model's": f"models/{MODEL}-2/r1/job/output/model.tar.gz",
}
"""One key of every kind."""
CHECKPOINTS = {"checkpoint", "trial's checkpoint"}
STEPS = {
    "PrepareRole": ({"raw"}, {"train", "validation", "test", "manifest"}),
    "TrainRole": ({"train", "validation", *CHECKPOINTS}, {"model", "trial", *CHECKPOINTS}),
    "EvaluateRole": ({"test", "manifest", "model", "facts", "sealed"}, {"evaluation"}),
}
"""The files that each step reads, and those that it writes."""


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def objects(template: dict[str, Any], role: str, action: str) -> set[str]:
    """The kinds of files on which a role has an action."""
    (policy,) = [
        each["Properties"]["PolicyDocument"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and name.startswith(role)
    ]
    patterns = [
        as_text(resource, {}).partition("/")[2]
        for statement in policy["Statement"]
        if action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]
    return {kind for kind, key in FILES.items() if any(fnmatchcase(key, pattern) for pattern in patterns)}


@pytest.mark.parametrize("role", STEPS)
def test_a_step_reads_and_writes_its_own_files_only(variants: dict[str, Any], role: str) -> None:
    template, (reads, writes) = variants["local"]["training"], STEPS[role]
    assert objects(template, role, "s3:GetObject") == reads
    assert objects(template, role, "s3:PutObject") == writes


def test_only_checkpoints_are_deleted_by_training_alone(variants: dict[str, Any]) -> None:
    """The job keeps its newest two. SageMaker does the same in S3, with the job's role."""
    template = variants["local"]["training"]
    assert {role: objects(template, role, "s3:DeleteObject") for role in STEPS} == {
        "PrepareRole": set(),
        "TrainRole": CHECKPOINTS,
        "EvaluateRole": set(),
    }


def test_the_s3_endpoint_lets_through_what_the_jobs_may_do(variants: dict[str, Any]) -> None:
    (endpoint,) = [
        each["Properties"]
        for each in variants["local"]["network"]["Resources"].values()
        if each["Type"] == "AWS::EC2::VPCEndpoint"
    ]
    allowed = {
        action: listed(statement["Resource"])
        for statement in endpoint["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
    }
    deletable = as_text(allowed.pop("s3:DeleteObject")[0], {}).partition(":::")[2]
    assert {kind for kind, key in FILES.items() if fnmatchcase(f"bucket/{key}", deletable)} == CHECKPOINTS
    needed = {
        action
        for each in variants["local"]["training"]["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        if action.startswith("s3:") and "Object" in action
    }
    assert needed - {"s3:DeleteObject"} <= allowed.keys()


def test_jobs_have_no_other_role(variants: dict[str, Any]) -> None:
    template = variants["local"]["training"]
    roles = {
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Role" and "sagemaker.amazonaws.com" in str(each["Properties"])
    }
    assert {next(step for step in STEPS if name.startswith(step)) for name in roles} == set(STEPS)
    assert len(roles) == len(STEPS)


def test_an_endpoint_reads_the_sealed_archives_of_its_model_and_no_data(variants: dict[str, Any]) -> None:
    template = variants["local"]["release"]
    assert objects(template, "EndpointRole", "s3:GetObject") == {"sealed"}
    assert objects(template, "EndpointRole", "s3:PutObject") == set()


def test_no_job_writes_what_is_judged_released_and_served(variants: dict[str, Any]) -> None:
    """Only the training workflow writes records and sealed archives, and nothing deletes them."""
    template = variants["local"]["training"]
    sealed = {"facts", "sealed"}
    for role in STEPS:
        assert objects(template, role, "s3:PutObject").isdisjoint(sealed)
    assert objects(template, "WorkflowRoleDefaultPolicy", "s3:PutObject") >= sealed
    for role in (*STEPS, "WorkflowRoleDefaultPolicy"):
        assert objects(template, role, "s3:DeleteObject").isdisjoint(sealed)
