"""One update of an endpoint as blue/green: the new fleet comes up, takes traffic in steps, is watched, and stays.

The old fleet serves until the end, and takes all traffic back at once if an alarm rings. One that rings when the update
begins ends it before it creates an instance; AWS says no more than that an alarm ends the deployment.
Source: AWS, "Blue/Green Deployments", "Auto-Rollback Configuration and Monitoring".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.services.sagemaker.endpoints.deployment_config import Plan
from sandbox.services.sagemaker.endpoints.endpoint_description import pending_summary
from sandbox.services.sagemaker.endpoints.model_instance import StartFailed
from sandbox.services.sagemaker.endpoints.rollback_alarms import RollbackAlarms
from sandbox.services.sagemaker.endpoints.served import Served
from sandbox.services.sagemaker.endpoints.variants import Variant

_POLL = 0.2


class RolledBack(Exception):
    """When an update must be undone; the message is the endpoint's FailureReason."""


class Deployment:
    """`show` is told the PendingDeploymentSummary at each stage, `route` the routing table at each step."""

    def __init__(
        self,
        host: Host,
        endpoint: str,
        *,
        config: str,
        blue: tuple[Variant, ...],
        green: tuple[Variant, ...],
        plan: Plan,
        show: Callable[[dict[str, Any]], None],
        route: Callable[[Served], None],
        closed: threading.Event,
    ) -> None:
        self._host, self._endpoint, self._config = host, endpoint, config
        self._blue, self._green, self._plan = blue, green, plan
        self._show, self._route, self._closed = show, route, closed
        self._alarms = RollbackAlarms(host, plan.alarms)
        self._started = now()

    def run(self) -> None:
        """Shift all traffic to the new fleet, and wait for the bake time.

        Raises StartFailed if the new fleet does not come up, RolledBack if it must go; the caller restores the routes.
        """
        self._look()
        self._stage("Creating")
        self._provision()
        self._look()
        steps = [self._plan.steps(variant.desired_count) for variant in self._green]
        for number in range(max(len(counts) for counts in steps)):
            if number:
                self._bake(self._plan.interval)
            self._stage("ActivatingTraffic")
            self._activate([counts[min(number, len(counts) - 1)] for counts in steps])
        self._bake(self._plan.bake)

    def show_deletion(self) -> None:
        self._stage("Deleting")

    def _provision(self) -> None:
        """Start every instance. The later waits count towards the time that AWS allows."""
        began = time.monotonic()
        for variant in self._green:
            variant.fleet.resize(variant.desired_count)
        steps = max(len(self._plan.steps(variant.desired_count)) for variant in self._green)
        spent = time.monotonic() - began + self._plan.interval * (steps - 1) + self._plan.bake
        if spent > self._plan.timeout:
            raise RolledBack(
                f"The deployment takes {spent:.0f} seconds with its waits, which is more than its "
                f"MaximumExecutionTimeoutInSeconds of {self._plan.timeout}."
            )

    def _activate(self, counts: list[int]) -> None:
        """Send requests to `counts` of the new instances. The old fleet keeps the rest."""
        blue = {variant.name: variant for variant in self._blue}
        routes = []
        for variant, active in zip(self._green, counts, strict=True):
            share = active / variant.desired_count
            variant.fleet.activate(active)
            routes.append((variant.fleet, variant.weight * share))
            if share < 1:
                routes.append((blue[variant.name].fleet, blue[variant.name].weight * (1 - share)))
        self._route(Served(self._endpoint, tuple(routes)))

    def _bake(self, seconds: float) -> None:
        """Wait, scaled, and look at the alarms all the while."""
        self._stage("Baking")
        deadline = time.monotonic() + self._host.scaled(seconds)
        self._look()
        while (left := deadline - time.monotonic()) > 0:
            if self._closed.wait(min(_POLL, left)):
                raise StartFailed("the sandbox stops")
            self._look()

    def _look(self) -> None:
        if ringing := self._alarms.ringing():
            raise RolledBack(
                f"The deployment to endpoint configuration {self._config} was rolled back: in state ALARM: "
                f"{', '.join(ringing)}."
            )

    def _stage(self, status: str) -> None:
        self._show(pending_summary(self._config, self._green, status, now(), self._started))
