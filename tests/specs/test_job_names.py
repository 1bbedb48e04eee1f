"""The names of jobs: legal, and IAM tells those of one environment's model from all others."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import botocore.session
from hypothesis import assume, example, given
from hypothesis import strategies as st

from specs import names
from specs.fields import _NAME, LONGEST_ENVIRONMENT_NAME, LONGEST_MODEL_NAME

Owner = tuple[str, str]


def legal(longest: int) -> st.SearchStrategy[str]:
    """Names of models or environments; often of few letters, so that they resemble each other."""
    few = st.from_regex(r"[ab]{1,3}(-[ab]{1,3}){0,3}", fullmatch=True)
    return (few | st.from_regex(_NAME, fullmatch=True)).filter(lambda name: len(name) <= longest)


OWNERS = st.tuples(legal(LONGEST_ENVIRONMENT_NAME), legal(LONGEST_MODEL_NAME))
RUNS = st.text("0123456789abcdef", min_size=names.JOB_DIGITS, max_size=names.JOB_DIGITS)
STEPS = st.sampled_from(["prepare", "evaluate", "train-0", "train-19"])


def jobs(owner: Owner, run: str, step: str) -> list[str]:
    """A job, a tuning job and a trial of it, as AWS names it."""
    tuning = f"{names.tuning_prefix(*owner)}{run}-0"
    return [f"{names.job_prefix(*owner)}{run}-{step}-0", tuning, f"{tuning}-001-0a1b2c3d"]


def patterns(owner: Owner) -> list[str]:
    """The names for which the owner's workflow has permissions."""
    return [f"{names.job_prefix(*owner)}*", f"{names.tuning_prefix(*owner)}*"]


@example(("dev", "digits-cnn"), ("dev", "digits-cnn-v2"), "0" * 12, "prepare")
@example(("dev", "digits-cnn"), ("prod", "digits-cnn"), "0" * 12, "train-0")
@example(("dev", "digits-cnn"), ("dev", "digits-ctrl"), "0" * 12, "train-0")
@given(OWNERS, OWNERS, RUNS, STEPS)
def test_no_permission_for_one_matches_a_job_of_another(mine: Owner, other: Owner, run: str, step: str) -> None:
    assume(names.mark(*mine) != names.mark(*other))  # specs/rules.py refuses the rest
    assert all(fnmatchcase(job, patterns(mine)[job != jobs(mine, run, step)[0]]) for job in jobs(mine, run, step))
    assert not [
        (pattern, job) for pattern in patterns(mine) for job in jobs(other, run, step) if fnmatchcase(job, pattern)
    ]


def test_the_longest_names_are_legal() -> None:
    """Names of 99 redrives, and of a model with a hyphen at the cut."""
    service = botocore.session.get_session().get_service_model("sagemaker")
    step_jobs = {"TrainingJobName": ("train-19",), "ProcessingJobName": ("prepare", "evaluate")}
    for model in ("m" * LONGEST_MODEL_NAME, "letters-cnn", "a"):
        owner = ("e" * LONGEST_ENVIRONMENT_NAME, model)
        for shape, steps in step_jobs.items():
            for step in steps:
                name = f"{names.job_prefix(*owner)}{'f' * names.JOB_DIGITS}-{step}-99"
                assert is_legal(service.shape_for(shape).metadata, name), name
        tuning = f"{names.tuning_prefix(*owner)}{'f' * names.JOB_DIGITS}-99"
        assert is_legal(service.shape_for("HyperParameterTuningJobName").metadata, tuning), tuning


def is_legal(metadata: dict, name: str) -> bool:
    return len(name) <= metadata["max"] and re.fullmatch(metadata["pattern"], name) is not None
