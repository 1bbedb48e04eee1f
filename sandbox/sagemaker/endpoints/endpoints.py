"""Endpoints: a configuration in service, behind a name.

A create or an update goes on in a thread of its own; an update starts the new instance first, hands over once it
answers its health check, and leaves the old one in service if it does not.
Sources: AWS, "Endpoints and endpoint configurations", "Update a model in production".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.sagemaker.api.capacity import Demand
from sandbox.sagemaker.api.clock import now
from sandbox.sagemaker.api.errors import ValidationException
from sandbox.sagemaker.api.listing import ALL_FILTERS, Listing
from sandbox.sagemaker.api.operations import Request, Response, operation
from sandbox.sagemaker.endpoints.endpoint_description import describe, state_change
from sandbox.sagemaker.endpoints.invocation_metrics import InvocationMetrics
from sandbox.sagemaker.endpoints.model_instance import ModelInstance, Placement, StartFailed

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

_EVENT = "SageMaker Endpoint State Change"
_LISTING = Listing("Endpoints", "EndpointName", "EndpointStatus", "Descending")
_NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using "
    "a different ML instance type or after some time."
)
_DEFAULT_STARTUP_SECONDS = 240


@dataclass
class Endpoint:
    """What is known of one endpoint. `instance` is the one in service; it survives a failed update."""

    name: str
    arn: str
    config: str
    variant: dict[str, Any]
    status: str = "Creating"
    failure_reason: str | None = None
    created: Any = field(default_factory=now)
    modified: Any = field(default_factory=now)
    instance: ModelInstance | None = None


@dataclass(frozen=True)
class Served:
    """Who answers an endpoint's requests at a moment."""

    endpoint: str
    variant: str
    instance: ModelInstance


class Endpoints:
    """Endpoints by name in lower case, one lock around their states."""

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self.metrics = InvocationMetrics(service.host)
        self._lock = threading.Lock()
        self._endpoints: dict[str, Endpoint] = {}
        self._starting: set[ModelInstance] = set()

    @operation(accepts={"EndpointName", "EndpointConfigName", "Tags"})
    def create_endpoint(self, request: Request) -> Response:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        endpoint = Endpoint(name, self._arn(name), config, self._checked_variant(config))
        with self._lock:
            if name.lower() in self._endpoints:
                raise ValidationException(f'Cannot create already existing endpoint "{endpoint.arn}".')
            self._endpoints[name.lower()] = endpoint
        self.service.tags.set(endpoint.arn, request.get("Tags", []))
        self._emit(endpoint)
        self._in_background(self._bring_into_service, endpoint, config, endpoint.variant)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName"})
    def describe_endpoint(self, request: Request) -> Response:
        return describe(self.find(request["EndpointName"]))

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_endpoints(self, request: Request) -> Response:
        with self._lock:
            endpoints = [describe(endpoint) for endpoint in self._endpoints.values()]
        wanted = request.get("StatusEquals")
        keys = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        summaries = [
            {key: endpoint[key] for key in keys}
            for endpoint in endpoints
            if wanted in (None, endpoint["EndpointStatus"])
        ]
        return _LISTING.page(summaries, request)

    @operation(
        accepts={
            "EndpointName",
            "EndpointConfigName",
            # One instance of weight one is all there is: retained or not, the variant looks the same.
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
        }
    )
    def update_endpoint(self, request: Request) -> Response:
        endpoint, config = self.find(request["EndpointName"]), request["EndpointConfigName"]
        variant = self._checked_variant(config)
        self._enter(endpoint, "Updating", from_states={"InService"})
        self._in_background(self._bring_into_service, endpoint, config, variant)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName"})
    def delete_endpoint(self, request: Request) -> Response:
        endpoint = self.find(request["EndpointName"])
        self._enter(endpoint, "Deleting", from_states={"InService", "Failed"})
        self._in_background(self._remove, endpoint)
        return {}

    def find(self, name: str) -> Endpoint:
        """Raises ValidationException."""
        with self._lock:
            if name.lower() not in self._endpoints:
                raise ValidationException(f'Could not find endpoint "{self._arn(name)}".')
            return self._endpoints[name.lower()]

    def serving(self, name: str) -> Served | None:
        """Who answers requests now, if anybody does. Here the case of a name counts ("CreateEndpoint")."""
        with self._lock:
            endpoint = self._endpoints.get(name.lower())
            if endpoint is None or endpoint.name != name or endpoint.instance is None:
                return None
            return Served(name, endpoint.variant["VariantName"], endpoint.instance)

    def close(self) -> None:
        """Stop every model server at once."""
        self.metrics.close()
        with self._lock:
            instances = [*self._starting, *(found.instance for found in self._endpoints.values() if found.instance)]
        for instance in instances:
            instance.stop(grace_seconds=0)

    def _arn(self, name: str) -> str:
        return self.service.arn(f"endpoint/{name.lower()}")

    def _checked_variant(self, config: str) -> dict[str, Any]:
        variant = self.service.endpoint_configs.variant_of(config)
        Demand(variant["InstanceType"], "endpoint").require_quota(self.service.host.home)
        return variant

    def _enter(self, endpoint: Endpoint, status: str, from_states: set[str]) -> None:
        with self._lock:
            if endpoint.status not in from_states:
                raise ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            endpoint.status, endpoint.modified = status, now()
        self._emit(endpoint)

    def _in_background(self, work: Callable[..., None], endpoint: Endpoint, *arguments: Any) -> None:
        threading.Thread(
            target=work, args=(endpoint, *arguments), name=f"endpoint {endpoint.name}", daemon=True
        ).start()

    def _bring_into_service(self, endpoint: Endpoint, config: str, variant: dict[str, Any]) -> None:
        try:
            instance = self._start(endpoint, variant)
        except Exception as error:
            self._settle(endpoint, failure_reason=str(error) or type(error).__name__)
            return
        replaced = endpoint.instance
        with self._lock:
            endpoint.instance, endpoint.config, endpoint.variant = instance, config, variant
        self._settle(endpoint, failure_reason=None)
        if replaced is not None:
            replaced.drain()
            replaced.stop()

    def _start(self, endpoint: Endpoint, variant: dict[str, Any]) -> ModelInstance:
        """A new instance that answers. Raises StartFailed, and ValidationException for a model that is gone."""
        if Demand(variant["InstanceType"], "endpoint").lacks_capacity(self.service.host.home):
            raise StartFailed(_NO_CAPACITY)
        seconds = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _DEFAULT_STARTUP_SECONDS)
        placement = Placement(endpoint.name, variant["VariantName"], seconds)
        instance = ModelInstance(self.service, placement, self.service.models.container_of(variant["ModelName"]))
        with self._lock:
            self._starting.add(instance)
        try:
            instance.start()
        except BaseException:
            instance.stop(grace_seconds=0)
            raise
        finally:
            with self._lock:
                self._starting.discard(instance)
        return instance

    def _settle(self, endpoint: Endpoint, failure_reason: str | None) -> None:
        """InService if anything serves: after a failed update that is what served before."""
        with self._lock:
            endpoint.status = "Failed" if endpoint.instance is None else "InService"
            endpoint.failure_reason, endpoint.modified = failure_reason, now()
        self._emit(endpoint)

    def _remove(self, endpoint: Endpoint) -> None:
        with self._lock:
            instance, endpoint.instance = endpoint.instance, None
        if instance is not None:
            instance.drain()
            instance.stop()
        with self._lock:
            del self._endpoints[endpoint.name.lower()]
        self.service.tags.drop(endpoint.arn)

    def _emit(self, endpoint: Endpoint) -> None:
        tags = {tag["Key"]: tag["Value"] for tag in self.service.tags.of(endpoint.arn)}
        self.service.host.emit(_EVENT, state_change(describe(endpoint), tags), [endpoint.arn])
