"""The state of our services' components, by service and class name.

A component of plain data (JSON's types and datetimes) names its saved attributes in `kept`, guarded by its `_lock`. One
with more than that, such as processes, has `state` and `restore` instead.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable


class Service(Protocol):
    """One of our services."""

    components: tuple[object, ...]


@runtime_checkable
class Stateful(Protocol):
    """A component that saves and restores its state itself."""

    def state(self) -> Any:
        """A copy of the state as plain data."""
        ...

    def restore(self, state: Any) -> None:
        """Restore the state, once, before the first request."""
        ...


def collect(services: Iterable[Service]) -> dict[str, Any]:
    """The state of all components."""
    return {name: _state_of(component) for name, component in _surviving(services).items()}


def restore(services: Iterable[Service], states: dict[str, Any]) -> None:
    """Restore all components in the order of the services' composition."""
    for name, component in _surviving(services).items():
        if name in states:
            _restore(component, states[name])


def _surviving(services: Iterable[Service]) -> dict[str, Any]:
    return {
        f"{type(service).__name__}.{type(component).__name__}": component
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
