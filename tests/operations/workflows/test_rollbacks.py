"""The plan of a rollback: what it refuses before anything changes."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from operations.deployed import endpoint, registry
from operations.deployed.registry import PackageVersion
from operations.errors import Failed
from operations.workflows import releases, rollbacks

VERSIONS = tuple(PackageVersion(number, f"arn:{number}", "Approved", datetime.now(UTC)) for number in (2, 1))


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Version 2 serves; `properties` are those of each version."""
    monkeypatch.setattr(releases, "state_machine", lambda *_: "arn:workflow")
    monkeypatch.setattr(endpoint, "in_service", lambda *_: SimpleNamespace(version=2))
    monkeypatch.setattr(registry, "versions", lambda *_: VERSIONS)
    properties = {"archiveChecksumSHA256": "of the archive"}
    client = SimpleNamespace(describe_model_package=lambda **_: {"CustomerMetadataProperties": properties})
    return SimpleNamespace(environment=SimpleNamespace(name="local"), client=lambda _: client, properties=properties)


def test_a_rollback_goes_to_the_version_before(connection: Any) -> None:
    chosen = rollbacks.plan(connection, "digits-cnn", None)
    assert (chosen.out.version, chosen.into.version) == (2, 1)


def test_a_version_that_no_release_takes_is_refused_before_anything_is_rejected(connection: Any) -> None:
    connection.properties.clear()
    with pytest.raises(Failed, match="Version 1 of slipway-local-digits-cnn was registered by hand, or before"):
        rollbacks.plan(connection, "digits-cnn", None)
