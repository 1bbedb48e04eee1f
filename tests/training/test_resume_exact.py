"""Exact resume: jobs killed at a random step end like an uninterrupted one, bit for bit."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import reviews_lab
from digits_lab import prepared
from resume_lab import Subject, Trace, assert_same, resumed, undisturbed

pytestmark = pytest.mark.tensorflow

SUBJECTS = {
    # A checkpoint only after each epoch, so that SIGKILL loses steps.
    "digits_cnn": Subject(
        "digits_cnn",
        {"epochs": "2.5", "batch_size": "100", "precision": "float32", "checkpoint_seconds": "3600"},
        prepared,
    ),
    "digits_gan": Subject("digits_gan", {"epochs": "2.3", "batch_size": "400", "checkpoint_seconds": "3600"}, prepared),
    "reviews_lstm": Subject(
        "reviews_lstm",
        {"epochs": "2.5", "batch_size": "32", "embedding": "8", "units": "8", "checkpoint_seconds": "3600"},
        reviews_lab.prepared,
    ),
}
STEPS = random.Random(20261124)


@pytest.fixture(scope="module", params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]


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
