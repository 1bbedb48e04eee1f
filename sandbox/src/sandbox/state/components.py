"""Our own services' part of the state: each of their parts that survives, by service and name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.frame.service import Service
from sandbox.frame.survivor import Survivor


def collect(services: Iterable[Service]) -> dict[str, Any]:
    """The state of all parts."""
    return {name: part.state() for name, part in _survivors(services).items()}


def restore(services: Iterable[Service], states: dict[str, Any]) -> None:
    """Give every part its state back."""
    for name, part in _survivors(services).items():
        if name in states:
            part.restore(states[name])


def _survivors(services: Iterable[Service]) -> dict[str, Survivor]:
    return {f"{service.name}.{name}": part for service in services for name, part in service.survives.items()}
