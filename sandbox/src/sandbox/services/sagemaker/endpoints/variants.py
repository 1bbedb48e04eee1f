"""Production variants in service, and the properties that an update keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.served import Served

Request = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """A fleet, its share of the requests, and the desired ones ("DesiredWeightAndCapacity")."""

    fleet: Fleet
    weight: float
    desired_weight: float
    desired_count: int

    def arrived(self) -> Variant:
        """The same variant, its weight as desired."""
        return dataclasses.replace(self, weight=self.desired_weight)

    def with_count(self, count: int) -> Variant:
        """The same variant with another desired count."""
        return dataclasses.replace(self, desired_count=count)

    @property
    def name(self) -> str:
        return self.fleet.name


def declared(fleet: Fleet) -> Variant:
    """A variant as its configuration declares it."""
    weight = fleet.variant["InitialVariantWeight"]
    return Variant(fleet, weight, weight, fleet.variant["InitialInstanceCount"])


def retained(fleets: Iterable[Fleet], current: Iterable[Variant], request: Request) -> tuple[Variant, ...]:
    """The variants of an UpdateEndpoint: from the new configuration, or with what the request retains of those of the
    same name ("UpdateEndpoint", RetainAllVariantProperties and ExcludeRetainedVariantProperties).
    """
    before = {variant.name: variant for variant in current} if request.get("RetainAllVariantProperties") else {}
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])}
    return tuple(_retained(declared(fleet), before.get(fleet.name), excluded) for fleet in fleets)


def _retained(new: Variant, old: Variant | None, excluded: set[str]) -> Variant:
    if old is None:
        return new
    if "DesiredWeight" not in excluded:
        new = dataclasses.replace(new, weight=old.desired_weight, desired_weight=old.desired_weight)
    if "DesiredInstanceCount" not in excluded:
        new = dataclasses.replace(new, desired_count=old.desired_count)
    return new


def served(endpoint: str, variants: Iterable[Variant]) -> Served:
    """The routing table of an endpoint at rest."""
    return Served(endpoint, tuple((variant.fleet, variant.weight) for variant in variants))


def require_same_names(current: Iterable[Variant], new: Iterable[Variant]) -> None:
    """Raise ValidationException unless a guarded update keeps the variants' names ("Exclusions")."""
    before, after = sorted(variant.name for variant in current), sorted(variant.name for variant in new)
    if before != after:
        raise ValidationException(
            f"An update with a DeploymentConfig needs the same variants before and after: the endpoint has "
            f"{', '.join(before)}, the new endpoint configuration {', '.join(after)}."
        )
