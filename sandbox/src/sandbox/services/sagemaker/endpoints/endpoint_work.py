"""The work behind an endpoint's status: instances start, traffic shifts, instances stop. One thread a change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.capacity import require_serving_quota
from sandbox.services.sagemaker.base.identity import EVENTS
from sandbox.services.sagemaker.endpoints.deployment import Deployment
from sandbox.services.sagemaker.endpoints.deployment_config import Plan
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.endpoint_description import (
    DEPLOYMENT_CHANGE,
    STATE_CHANGE,
    describe,
    state_change,
)
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.variants import Variant, served


class EndpointWork:
    """Starts and stops fleets. An endpoint's status and events follow."""

    def __init__(self, host: Host, tags: Tags) -> None:
        self._host, self._tags = host, tags
        self._lock = threading.Lock()
        self._wanted: dict[Fleet, int] = {}
        self._closed = threading.Event()

    def create(self, endpoint: Endpoint, variants: tuple[Variant, ...]) -> None:
        """Bring a new endpoint into service, or leave it Failed."""

        def work() -> None:
            for variant in variants:
                variant.fleet.resize(variant.desired_count)
            endpoint.change(variants=variants, served=served(endpoint.name, variants), status="InService")

        def give_up(reason: str) -> None:
            self._retire(variants)
            endpoint.change(status="Failed", failure_reason=reason)

        self._begin(endpoint, variants, work, give_up)

    def restart(self, endpoint: Endpoint) -> None:
        """Bring an endpoint back into service after the sandbox's end, or leave it Failed."""

        def work() -> None:
            for variant in endpoint.variants:
                variant.fleet.resize(variant.desired_count)
            endpoint.change(served=served(endpoint.name, endpoint.variants), status="InService")

        def give_up(reason: str) -> None:
            self._retire(endpoint.variants)
            endpoint.change(variants=(), status="Failed", failure_reason=reason)

        self._begin(endpoint, endpoint.variants, work, give_up)

    def update(self, endpoint: Endpoint, config: str, green: tuple[Variant, ...], plan: Plan) -> None:
        """Put another configuration into service, or leave the former one there."""
        blue = endpoint.variants
        deployment = Deployment(
            self._host,
            endpoint.name,
            config=config,
            blue=blue,
            green=green,
            plan=plan,
            show=lambda summary: self._show(endpoint, summary),
            route=lambda routes: endpoint.change(served=routes),
            closed=self._closed,
        )

        def work() -> None:
            deployment.run()
            endpoint.change(served=served(endpoint.name, green))
            deployment.show_deletion()
            self._retire(blue)
            endpoint.change(variants=green, config=config, pending=None, failure_reason=None, status="InService")

        def roll_back(reason: str) -> None:
            endpoint.change(served=served(endpoint.name, blue), status="RollingBack")
            self._emit(endpoint)
            self._retire(green)
            endpoint.change(pending=None, failure_reason=reason, status="InService")

        self._begin(endpoint, green, work, roll_back)

    def require_quota(self, variants: tuple[Variant, ...]) -> None:
        """Raise ResourceLimitExceeded if the variants, new or of another size, need too many instances."""
        with self._lock:
            in_use = sum(self._wanted.values())
            more = sum(variant.desired_count - self._wanted.get(variant.fleet, 0) for variant in variants)
        require_serving_quota(in_use, more)

    def resize(self, endpoint: Endpoint) -> None:
        """Bring every variant to its desired count and weight. A failed variant keeps its instances."""

        def work() -> None:
            for variant in endpoint.variants:
                variant.fleet.resize(variant.desired_count)
            settle(None)

        def settle(reason: str | None) -> None:
            variants = tuple(variant.arrived() for variant in endpoint.variants)
            if reason:  # do not wait for instances that failed: a caller that still wants them asks again
                variants = tuple(variant.with_count(len(variant.fleet)) for variant in variants)
            self._want(variants)
            routes = served(endpoint.name, variants)
            endpoint.change(variants=variants, served=routes, failure_reason=reason, status="InService")

        self._begin(endpoint, endpoint.variants, work, settle)

    def remove(self, endpoint: Endpoint, forget: Callable[[], object]) -> None:
        """Stop what serves, then call `forget`."""
        variants = endpoint.variants

        def work() -> None:
            endpoint.change(served=None)
            self._retire(variants)
            forget()

        threading.Thread(target=work, name=f"endpoint {endpoint.name}", daemon=True).start()

    def tell(self, endpoint: Endpoint) -> None:
        """Emit the event of the endpoint's status."""
        self._emit(endpoint)

    def close(self) -> None:
        """Stop every model server at once."""
        self._closed.set()
        with self._lock:
            fleets = list(self._wanted)
        for fleet in fleets:
            fleet.close()

    def _begin(
        self,
        endpoint: Endpoint,
        variants: tuple[Variant, ...],
        work: Callable[[], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Do `work` in a thread; if it raises, `otherwise` with the sentence. `variants` are those it brings up."""
        self._want(variants)

        def run() -> None:
            try:
                work()
            except Exception as error:
                if self._closed.is_set():
                    return
                otherwise(str(error) or type(error).__name__)
            self._emit(endpoint)

        threading.Thread(target=run, name=f"endpoint {endpoint.name}", daemon=True).start()

    def _want(self, variants: tuple[Variant, ...]) -> None:
        """Count the instances of variants against the quota."""
        with self._lock:
            self._wanted |= {variant.fleet: variant.desired_count for variant in variants}

    def _retire(self, variants: tuple[Variant, ...]) -> None:
        for variant in variants:
            variant.fleet.retire()
        with self._lock:
            for variant in variants:
                self._wanted.pop(variant.fleet, None)

    def _show(self, endpoint: Endpoint, summary: dict[str, Any]) -> None:
        endpoint.change(pending=summary)
        self._emit(endpoint, DEPLOYMENT_CHANGE)

    def _emit(self, endpoint: Endpoint, kind: str = STATE_CHANGE) -> None:
        detail = state_change(describe(endpoint), self._tags.of(endpoint.arn))
        self._host.emit(EVENTS, kind, detail, [endpoint.arn])
