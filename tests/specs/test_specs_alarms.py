"""The limits of alarms: of the model, of the environment, and of the model there."""

from __future__ import annotations

from declared import Root

from specs import AlarmLimits, resolve

MODEL, DEV = "models/digits-cnn.toml", "environments/dev.toml"
LATENCY = ("serving", "alarms", "latency_ms")


def limits(root: Root, environment: str = "dev") -> AlarmLimits:
    specs = root.load()
    return resolve(specs.models[0], specs.environment(environment)).alarm_limits


def test_the_first_of_four_places_that_gives_a_key_decides(root: Root) -> None:
    assert limits(root) == AlarmLimits()
    assert limits(root.put(MODEL, LATENCY, 400)).latency_ms == 400
    assert limits(root.put(DEV, LATENCY, 300)).latency_ms == 300
    assert limits(root.put(MODEL, ("environment", "dev", *LATENCY), 200)).latency_ms == 200
    assert limits(root, "prod").latency_ms == 400


def test_places_are_merged_key_by_key(root: Root) -> None:
    root.put(MODEL, ("serving", "alarms", "error_percent"), 0.5)
    root.put(DEV, LATENCY, 300)
    root.put(MODEL, ("environment", "dev", "serving", "alarms", "least_requests"), 5)
    assert limits(root) == AlarmLimits(error_percent=0.5, latency_ms=300, least_requests=5)
