"""SageMaker's part of the sandbox's state: what each of its components knows, by the component's name.

A component that is to survive has ``state`` (plain data: JSON's types and datetimes) and ``restore``, which is called
on an empty one before the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

PART = "sagemaker"


@runtime_checkable
class Stateful(Protocol):
    """A component that survives."""

    def state(self) -> Any: ...

    def restore(self, state: Any) -> None: ...


def collect(sagemaker: SageMaker) -> dict[str, Any]:
    """What all components know, by class name."""
    return {name: component.state() for name, component in _components(sagemaker).items()}


def restore(sagemaker: SageMaker, state: dict[str, Any]) -> None:
    """Give it back, in the order in which the service composes its components: endpoints need what comes before."""
    for name, component in _components(sagemaker).items():
        if name in state:
            component.restore(state[name])


def _components(sagemaker: SageMaker) -> dict[str, Stateful]:
    return {type(found).__name__: found for found in sagemaker.components if isinstance(found, Stateful)}
