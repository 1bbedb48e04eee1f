"""Exact resume: jobs killed at a random step end like an uninterrupted one, bit for bit."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from declared_models import Found
from model_lab import hyperparameters, prepared
from resume_lab import Subject, Trace, assert_same, resumed, undisturbed

pytestmark = pytest.mark.tensorflow

STEPS = random.Random(20261124)


@pytest.fixture(scope="module")
def subject(declared_model: Found) -> Subject:
    return Subject(declared_model.package, hyperparameters(declared_model), lambda: prepared(declared_model))


@pytest.fixture(scope="module")
def expected(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return undisturbed(subject, tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize("kill", ["SIGTERM", "SIGKILL"])
def test_a_killed_job_is_resumed_exactly(kill: str, subject: Subject, expected: Trace, tmp_path: Path) -> None:
    at = STEPS.randrange(len({step for _, step in expected.seen}) + 1, len(expected.seen) - 1)
    found = resumed(subject, tmp_path, kill, at)
    if kill == "SIGTERM":
        assert found.seen.keys() == expected.seen.keys()
        assert found.started == at + 1
    assert_same(expected, found)
