"""The changes that UpdateEndpointWeightsAndCapacities asks of variants in service."""

from __future__ import annotations

import dataclasses
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.variants import Variant


def changed(endpoint: Endpoint, wanted: list[dict[str, Any]]) -> tuple[Variant, ...]:
    """The endpoint's variants with their new desires. Raises ValidationException for an unknown variant."""
    by_name = {item["VariantName"]: item for item in wanted}
    unknown = sorted(by_name.keys() - {variant.name for variant in endpoint.variants})
    if unknown:
        known = ", ".join(variant.name for variant in endpoint.variants)
        raise ValidationException(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration '
            f'"{endpoint.config}": it has {known}.'
        )
    return tuple(_changed(variant, by_name.get(variant.name, {})) for variant in endpoint.variants)


def _changed(variant: Variant, wanted: dict[str, Any]) -> Variant:
    count = wanted.get("DesiredInstanceCount", variant.desired_count)
    if count < 1:
        raise ValidationException(
            f"DesiredInstanceCount of variant {variant.name} is {count}: a variant without inference components has at "
            "least one instance."
        )
    weight = wanted.get("DesiredWeight", variant.desired_weight)
    return dataclasses.replace(variant, desired_count=count, desired_weight=weight)
