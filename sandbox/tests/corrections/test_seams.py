"""The private names of ministack: all exist, and a missing one is named."""

from __future__ import annotations

from ministack import app
from sandbox.corrections import private_names


def test_every_seam_is_there() -> None:
    assert private_names.check() == []


def test_a_lost_seam_is_named(monkeypatch) -> None:
    monkeypatch.delattr(app, "detect_service")
    assert private_names.check() == ["ministack.app.detect_service is gone"]


def test_another_version_is_named(monkeypatch) -> None:
    monkeypatch.setattr(private_names, "SUPPORTED_VERSION", "0.0.0")
    assert any("the sandbox is written for 0.0.0" in fault for fault in private_names.check())
