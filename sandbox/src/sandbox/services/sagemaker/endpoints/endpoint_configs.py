"""Endpoint configurations: which model serves as which production variant, on what."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.preconditions import require_keys

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_VARIANT = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "ContainerStartupHealthCheckTimeoutInSeconds",
)
_ACCEPTED = {"EndpointConfigName", "KmsKeyId", "Tags", *(f"ProductionVariants.{name}" for name in _VARIANT)}
_NEEDED = ("ModelName", "InstanceType", "InitialInstanceCount")
_LISTING = Listing("EndpointConfigs", "EndpointConfigName", "CreationTime", "Descending")


class EndpointConfigs:
    """Descriptions by name in lower case, as ARNs have them. One that an endpoint serves may be deleted, as on AWS."""

    kept = ("_configs",)

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._configs: dict[str, dict[str, Any]] = {}

    @operation(accepts=_ACCEPTED)
    def create_endpoint_config(self, request: Request) -> Response:
        name = request["EndpointConfigName"]
        arn = self._arn(name)
        self._require_new(name, arn)
        self._require_served_variants(request)
        require_keys(self.service.host, request.get("KmsKeyId"))
        tags = request.pop("Tags", [])
        for variant in request["ProductionVariants"]:
            variant.setdefault("InitialVariantWeight", 1.0)
        with self._lock:
            self._configs[name.lower()] = {
                **request,
                "EndpointConfigArn": arn,
                "EnableNetworkIsolation": False,
                "CreationTime": now(),
            }
        self.service.tags.set(arn, tags)
        return {"EndpointConfigArn": arn}

    @operation(accepts={"EndpointConfigName"})
    def describe_endpoint_config(self, request: Request) -> Response:
        name = request["EndpointConfigName"]
        with self._lock:
            if name.lower() not in self._configs:
                raise ValidationException(f'Could not find endpoint configuration "{self._arn(name)}".')
            return dict(self._configs[name.lower()])

    @operation(accepts=CREATION_FILTERS)
    def list_endpoint_configs(self, request: Request) -> Response:
        with self._lock:
            configs = [
                {key: config[key] for key in ("EndpointConfigName", "EndpointConfigArn", "CreationTime")}
                for config in self._configs.values()
            ]
        return _LISTING.page(configs, request)

    @operation(accepts={"EndpointConfigName"})
    def delete_endpoint_config(self, request: Request) -> Response:
        arn = self.describe_endpoint_config(request)["EndpointConfigArn"]
        with self._lock:
            self._configs.pop(request["EndpointConfigName"].lower(), None)
        self.service.tags.drop(arn)
        return {}

    def variants_of(self, name: str) -> list[dict[str, Any]]:
        """The production variants of a configuration. Raises ValidationException."""
        return [
            dict(variant)
            for variant in self.describe_endpoint_config({"EndpointConfigName": name})["ProductionVariants"]
        ]

    def _arn(self, name: str) -> str:
        return self.service.arn(f"endpoint-config/{name.lower()}")

    def _require_new(self, name: str, arn: str) -> None:
        with self._lock:
            if name.lower() in self._configs:
                raise ValidationException(f'Cannot create already existing endpoint configuration "{arn}".')

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
            self.service.models.require(variant["ModelName"])
        if not any(variant.get("InitialVariantWeight", 1) for variant in request["ProductionVariants"]):
            raise ValidationException("At least one variant must have an InitialVariantWeight greater than 0.")
