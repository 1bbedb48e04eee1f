"""The safeguard of `empty`: neither the file nor a deployed template may retain the data."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.environment import leftovers
from operations.environment.leftovers import Leftovers
from operations.errors import BadInput
from specs import EnvironmentSpec, load

ROOT = Path(__file__).resolve().parents[3]


def environment(data: str) -> EnvironmentSpec:
    dev = load(ROOT).environment("dev")
    return dev.model_copy(update={"retention": dev.retention.model_copy(update={"data": data})})


def left(*retaining: str) -> Leftovers:
    return Leftovers("dev", (), {"bucket": 3}, {}, (), (), (), retaining)


@pytest.mark.parametrize(
    ("data", "retaining", "how"),
    [
        ("retain", (), "environments/dev.toml declares"),
        ("destroy", ("slipway-dev-foundation",), "environments/dev.toml was deployed to slipway-dev-foundation with"),
    ],
)
def test_retained_data_is_not_removed(data: str, retaining: tuple[str, ...], how: str) -> None:
    connection: Any = SimpleNamespace(environment=environment(data))  # no client: nothing may be called
    with pytest.raises(BadInput, match=rf"Nothing was removed: {how} \[retention\] data = .retain."):
        leftovers.remove(connection, left(*retaining), print)
