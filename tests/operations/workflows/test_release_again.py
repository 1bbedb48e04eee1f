"""The release of an Approved version that is started again, and its refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fake_aws import FakeAws

from operations.deployed import endpoint
from operations.deployed.endpoint import InService
from operations.deployed.registry import APPROVED, PackageVersion
from operations.errors import BadInput
from operations.workflows.releases import release_again

SERVED = InService("slipway-local-digits-cnn", "InService", "config", ("model",), "ml.m5.large", "arn:package/3", None)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (3, "Version 3 is Approved already, and in service."),
        (2, "version 3 serves: to go back, use `python -m operations rollback local digits-cnn 2`."),
    ],
    ids=["in service", "older"],
)
def test_a_version_that_is_not_newer_is_refused(monkeypatch: pytest.MonkeyPatch, version: int, sentence: str) -> None:
    monkeypatch.setattr(endpoint, "in_service", lambda connection, model: SERVED)
    package = PackageVersion(version, f"arn:package/{version}", APPROVED, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(BadInput) as refused:
        release_again(FakeAws(), "digits-cnn", package)  # type: ignore[arg-type]
    assert sentence in str(refused.value)
