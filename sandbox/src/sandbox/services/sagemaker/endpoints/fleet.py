"""The instances of one production variant, and the balancer in front of them."""

from __future__ import annotations

import operator
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.endpoints.model_instance import ModelInstance, Placement, StartFailed
from sandbox.services.sagemaker.endpoints.served_container import ServedContainer

NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using "
    "a different ML instance type or after some time."
)
_DEFAULT_STARTUP_SECONDS = 240
_SETTLE = 0.1  # a request that chose its instance before the change counts itself within this time
_rank = operator.attrgetter("rank")


class Fleet:
    """Model servers behind one balancer; `variant` is a ProductionVariant of the configuration `config`.

    `instances` is replaced as a whole, never changed, so a reader needs no lock. `container` is the model's, as it was
    when the fleet was made first.
    """

    def __init__(
        self,
        host: Host,
        endpoint: str,
        config: str,
        variant: dict[str, Any],
        container: ServedContainer,
    ) -> None:
        self.endpoint, self.config, self.variant = endpoint, config, variant
        self.container = container
        self.created = now()
        self.instances: tuple[ModelInstance, ...] = ()
        self._active: int | None = None  # how many take requests; None is all
        self._host = host
        self._changing = threading.RLock()  # one change of size at a time
        self._lock = threading.Lock()
        self._starting: set[ModelInstance] = set()
        self._closed = False

    @property
    def name(self) -> str:
        """The variant's name."""
        return self.variant["VariantName"]

    def __len__(self) -> int:
        return len(self.instances)

    def pick(self) -> ModelInstance:
        """The healthy instance with the fewest requests on their way. Raises ValueError for an empty fleet."""
        return min(self.instances[: self._active], key=_rank)

    def activate(self, count: int) -> None:
        """Let only `count` of the instances take requests, until a change of size."""
        self._active = count

    def resize(self, count: int) -> None:
        """Return when `count` instances serve, and no request is lost. Raises StartFailed, all being as before."""
        with self._changing:
            kept = self.instances[:count]
            surplus = self.instances[count:]
            self.instances, self._active = kept + self._started(count - len(kept)), None
            self._retire(surplus)

    def retire(self) -> None:
        """Return when every request has its answer and no instance is left."""
        self.resize(0)

    def close(self) -> None:
        """Stop everything at once, what starts included; nothing starts afterwards."""
        with self._lock:
            self._closed = True
            instances = [*self._starting, *self.instances]
        _each(instances, lambda instance: instance.stop(grace_seconds=0))

    def _started(self, count: int) -> tuple[ModelInstance, ...]:
        """All of them, or StartFailed and none."""
        if count and Demand(self.variant["InstanceType"], "endpoint").lacks_capacity(self._host.home):
            raise StartFailed(NO_CAPACITY)
        instances = [self._instance() for _ in range(count)]
        try:
            _each(instances, self._start)
        except BaseException:
            _each(instances, lambda instance: instance.stop(grace_seconds=0))
            raise
        return tuple(instances)

    def _instance(self) -> ModelInstance:
        seconds = self.variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _DEFAULT_STARTUP_SECONDS)
        return ModelInstance(self._host, Placement(self.endpoint, self.name, seconds), self.container)

    def _start(self, instance: ModelInstance) -> None:
        with self._lock:
            if self._closed:
                raise StartFailed("the sandbox stops")
            self._starting.add(instance)
        try:
            instance.start()
        finally:
            with self._lock:
                self._starting.discard(instance)

    def _retire(self, instances: tuple[ModelInstance, ...]) -> None:
        if instances:
            time.sleep(_SETTLE)
            _each(instances, _drain_and_stop)


def _drain_and_stop(instance: ModelInstance) -> None:
    instance.drain()
    instance.stop()


def _each(instances: list[ModelInstance] | tuple[ModelInstance, ...], do: Any) -> None:
    """Do it to all at once; the first exception is raised when all are done."""
    if not instances:
        return
    with ThreadPoolExecutor(len(instances), thread_name_prefix="fleet") as threads:
        futures = [threads.submit(do, instance) for instance in instances]
    for future in futures:
        future.result()
