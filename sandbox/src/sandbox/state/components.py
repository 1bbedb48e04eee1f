"""Our own services' part of the state, by service and by class of the component.

A component whose attributes are plain data (JSON's types and datetimes) names those that are to survive: `kept`,
guarded by its `_lock`. One that has more to it, such as processes, has `state` and `restore` instead.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

from sandbox.frame.service import Service


@runtime_checkable
class Stateful(Protocol):
    """A component that says itself what it knows."""

    def state(self) -> Any:
        """Plain data, a copy."""
        ...

    def restore(self, state: Any) -> None:
        """Take it back, once, before the first request."""
        ...


def collect(services: Iterable[Service]) -> dict[str, Any]:
    """What all components know."""
    return {name: _state_of(component) for name, component in _surviving(services).items()}


def restore(services: Iterable[Service], states: dict[str, Any]) -> None:
    """Give it back, in the order in which the services compose their components."""
    for name, component in _surviving(services).items():
        if name in states:
            _restore(component, states[name])


def _surviving(services: Iterable[Service]) -> dict[str, Any]:
    return {
        f"{service.title.replace(' ', '')}.{type(component).__name__}": component
        for service in services
        for component in service.components
        if isinstance(component, Stateful) or hasattr(component, "kept")
    }


def _state_of(component: Any) -> Any:
    if isinstance(component, Stateful):
        return component.state()
    with component._lock:
        return pickle.loads(pickle.dumps({name: getattr(component, name) for name in component.kept}, protocol=5))


def _restore(component: Any, state: Any) -> None:
    if isinstance(component, Stateful):
        component.restore(state)
        return
    for name, value in state.items():
        setattr(component, name, value)
