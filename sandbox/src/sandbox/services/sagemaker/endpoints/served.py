"""An endpoint's routing table: immutable, and replaced as a whole."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.services.sagemaker.endpoints.fleet import Fleet


@dataclass(frozen=True)
class Served:
    """Fleets with their shares of the requests. The data plane reads it without a lock.

    While an update shifts traffic, two fleets bear the same variant's name. A weight of zero takes no requests except
    those that name the variant ("Invoke a specific variant").
    """

    endpoint: str
    routes: tuple[tuple[Fleet, float], ...]

    @property
    def variants(self) -> list[str]:
        return sorted({fleet.name for fleet, _ in self.routes})

    def choose(self, target_variant: str | None = None) -> Fleet | None:
        """A fleet at random by weight, or one of the target variant's. None without a fleet."""
        routes = self.routes
        if target_variant is not None:
            routes = tuple(route for route in routes if route[0].name == target_variant)
        if len(routes) == 1:
            return routes[0][0]
        total = sum(weight for _, weight in routes)
        point = random.random() * total
        for fleet, weight in routes:
            point -= weight
            if point < 0:
                return fleet
        return routes[0][0] if routes else None
