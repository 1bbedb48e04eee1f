"""The choice of a version: to decide on, to release again, to roll back to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from operations.deployed import registry
from operations.deployed.registry import APPROVED, PENDING, REJECTED, PackageVersion
from operations.errors import BadInput, Failed, OperationError

GROUP, PLACE = "slipway-local-digits-cnn", ("local", "digits-cnn")


def package(version: int, approval: str) -> PackageVersion:
    return PackageVersion(version, f"arn:{GROUP}/{version}", approval, datetime(2026, 1, version, tzinfo=UTC))


VERSIONS = tuple(package(*pair) for pair in ((5, PENDING), (4, APPROVED), (3, REJECTED), (2, APPROVED), (1, APPROVED)))


@pytest.mark.parametrize(
    ("in_service", "number", "expected"),
    [(4, None, 2), (2, None, 1), (5, None, 4), (4, 1, 1), (2, 4, 4)],
    ids=["skips rejected", "next older", "older than what serves", "named", "named and newer"],
)
def test_rollback_goes_to(in_service: int, number: int | None, expected: int) -> None:
    assert registry.to_roll_back_to(VERSIONS, in_service, number, PLACE).version == expected


@pytest.mark.parametrize(
    ("in_service", "number", "error", "sentence"),
    [
        (1, None, Failed, "no Approved version older than 1.* Approve an older one first, .*digits-cnn VERSION`"),
        (4, 4, BadInput, "Version 4 of slipway-local-digits-cnn is in service already"),
        (
            4,
            3,
            BadInput,
            "is Rejected: only an Approved version can serve. Approve it first, `.* approve local digits-cnn 3`",
        ),
        (4, 5, BadInput, "is PendingManualApproval"),
        (4, 9, BadInput, "has no version 9; it has 5, 4, 3, 2, 1"),
    ],
)
def test_rollback_refuses(in_service: int, number: int | None, error: type[OperationError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        registry.to_roll_back_to(VERSIONS, in_service, number, PLACE)


@pytest.mark.parametrize(("number", "expected"), [(None, 5), (3, 3)])
def test_a_decision_is_on(number: int | None, expected: int) -> None:
    assert registry.to_decide(VERSIONS, number, GROUP).version == expected


def test_the_newest_of_several_that_wait_is_decided_on() -> None:
    waiting = (package(9, APPROVED), package(8, PENDING), package(7, PENDING))
    assert registry.to_decide(waiting, None, GROUP).version == 8


def test_no_version_waits() -> None:
    with pytest.raises(Failed, match="No version of slipway-local-digits-cnn waits for approval"):
        registry.to_decide(VERSIONS[1:], None, GROUP)


@pytest.mark.parametrize(
    ("approvals", "in_service", "expected"),
    [
        ({2: APPROVED, 1: APPROVED}, 1, 2),
        ({1: APPROVED}, None, 1),
        ({2: APPROVED, 1: APPROVED}, 2, None),
        ({3: REJECTED, 2: APPROVED}, 3, None),
        ({1: REJECTED}, None, None),
    ],
    ids=["cut off", "the first", "serves", "older than what serves", "none is Approved"],
)
def test_a_release_that_did_not_end_is_begun_again(
    approvals: dict[int, str], in_service: int | None, expected: int | None
) -> None:
    found = registry.to_release_again([package(*each) for each in approvals.items()], in_service)
    assert (found.version if found else None) == expected
