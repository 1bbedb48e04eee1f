"""Endpoint configurations: which model serves as which production variant, on what."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.preconditions import require_keys
from sandbox.services.sagemaker.endpoints.models import Models

_VARIANT = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "ContainerStartupHealthCheckTimeoutInSeconds",
)
_ACCEPTED = {"EndpointConfigName", "KmsKeyId", "Tags", *(f"ProductionVariants.{name}" for name in _VARIANT)}
_REDUCED = {
    "ProductionVariants.InitialInstanceCount": "each instance is a process of this machine, and all endpoints together "
    "have at most 32"
}
_NEEDED = ("ModelName", "InstanceType", "InitialInstanceCount")
_SUMMARY = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
_LISTING = Listing("EndpointConfigs", "EndpointConfigName", "CreationTime", "Descending", _SUMMARY)


class EndpointConfigs:
    """Descriptions by name in lower case, as ARNs have them. One that an endpoint serves may be deleted, as on AWS."""

    def __init__(self, host: Host, tags: Tags, models: Models) -> None:
        self._arn = host.arn("sagemaker", "endpoint-config/{key}")
        missing = refusal(f'Could not find endpoint configuration "{self._arn}".')
        taken = refusal(f'Cannot create already existing endpoint configuration "{self._arn}".')
        self.store = Store[str, dict[str, Any]](tags, itemgetter("EndpointConfigArn"), missing, taken)
        self._host, self._models = host, models

    @operation(accepts=_ACCEPTED, reduced=_REDUCED)
    def create_endpoint_config(self, request: Request) -> Response:
        key = request["EndpointConfigName"].lower()
        self.store.require_new(key)
        self._require_served_variants(request)
        require_keys(self._host, request.get("KmsKeyId"))
        tags = request.pop("Tags", [])
        for variant in request["ProductionVariants"]:
            variant.setdefault("InitialVariantWeight", 1.0)
        arn = self._arn.format(key=key)
        config = {**request, "EndpointConfigArn": arn, "EnableNetworkIsolation": False, "CreationTime": now()}
        self.store.add(key, config, tags)
        return {"EndpointConfigArn": arn}

    @operation(accepts={"EndpointConfigName"})
    def describe_endpoint_config(self, request: Request) -> Response:
        return self.store.find(request["EndpointConfigName"].lower())

    @operation(accepts=CREATION_FILTERS)
    def list_endpoint_configs(self, request: Request) -> Response:
        return _LISTING.page(self.store.all(), request)

    @operation(accepts={"EndpointConfigName"})
    def delete_endpoint_config(self, request: Request) -> Response:
        self.store.remove(request["EndpointConfigName"].lower())
        return {}

    def variants_of(self, name: str) -> list[dict[str, Any]]:
        """The production variants of a configuration. Raises ValidationException."""
        return self.store.find(name.lower())["ProductionVariants"]

    def _require_served_variants(self, request: Request) -> None:
        names = [variant["VariantName"] for variant in request["ProductionVariants"]]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValidationException(f"Duplicate variant names are not allowed: {', '.join(twice)}.")
        for variant in request["ProductionVariants"]:
            for member in _NEEDED:
                if member not in variant:
                    raise ValidationException(
                        f"the sandbox does not implement CreateEndpointConfig.ProductionVariants without {member}: it "
                        "has neither inference components, nor serverless inference, nor instance pools"
                    )
            self._models.store.find(variant["ModelName"])
        if not any(variant.get("InitialVariantWeight", 1) for variant in request["ProductionVariants"]):
            raise ValidationException("At least one variant must have an InitialVariantWeight greater than 0.")
