"""Endpoints: a configuration in service, behind a name.

Sources: AWS, "Endpoints and endpoint configurations", "Update a model in production", "Deployment guardrails".
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.frame.errors import ApiError, ValidationException
from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.capacity import Demand
from sandbox.services.sagemaker.endpoints import deployment_config, scaled_variants
from sandbox.services.sagemaker.endpoints.deployment_config import Plan, plan_of
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.endpoint_description import describe
from sandbox.services.sagemaker.endpoints.endpoint_work import EndpointWork
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.fleet_utilization import FleetUtilization
from sandbox.services.sagemaker.endpoints.invocation_metrics import InvocationMetrics
from sandbox.services.sagemaker.endpoints.model_instance import log_group
from sandbox.services.sagemaker.endpoints.models import require_readable
from sandbox.services.sagemaker.endpoints.restart import RESTARTING, restored, saved
from sandbox.services.sagemaker.endpoints.rollback_alarms import RollbackAlarms
from sandbox.services.sagemaker.endpoints.served import Served
from sandbox.services.sagemaker.endpoints.variants import declared, require_same_names, retained
from sandbox.services.sagemaker.endpoints.weights_and_capacities import changed
from sandbox.services.sagemaker.execution_roles import logs, metrics, require_permissions

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_LISTING = Listing("Endpoints", "EndpointName", "EndpointStatus", "Descending")
_CAPACITIES = ("VariantName", "DesiredWeight", "DesiredInstanceCount")


class Endpoints:
    """Endpoints by name in lower case."""

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self.metrics = InvocationMetrics(service.host)
        self._work = EndpointWork(service)
        self._lock = threading.Lock()
        self._endpoints: dict[str, Endpoint] = {}
        self._utilization = FleetUtilization(service.host, self._fleets)
        self._utilization.start()

    @operation(
        accepts={"EndpointName", "EndpointConfigName", "Tags", *deployment_config.HONOURED},
        reduced=deployment_config.REDUCED,
    )
    def create_endpoint(self, request: Request) -> Response:
        name, config, deployment = (
            request["EndpointName"],
            request["EndpointConfigName"],
            request.get("DeploymentConfig"),
        )
        variants = tuple(map(declared, self._new_fleets(name, config)))
        self._checked_plan(deployment)
        endpoint = Endpoint(name, self._arn(name), config, last_deployment=deployment)
        with self._lock:
            if name.lower() in self._endpoints:
                raise ValidationException(f'Cannot create already existing endpoint "{endpoint.arn}".')
            self._endpoints[name.lower()] = endpoint
        self.service.tags.set(endpoint.arn, request.get("Tags", []))
        self._work.tell(endpoint)
        self._work.create(endpoint, variants)
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
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
            "RetainDeploymentConfig",
            *deployment_config.HONOURED,
        },
        reduced=deployment_config.REDUCED,
    )
    def update_endpoint(self, request: Request) -> Response:
        endpoint, config = self.find(request["EndpointName"]), request["EndpointConfigName"]
        deployment = _deployment_config(endpoint, request)
        green = retained(self._new_fleets(endpoint.name, config), endpoint.variants, request)
        plan = self._checked_plan(deployment)
        if deployment:
            require_same_names(endpoint.variants, green)
            plan.require_fit({variant.name: variant.desired_count for variant in green})
        scaled_variants.refuse_other_types(self.service.host, endpoint, green)
        endpoint.enter("Updating", {"InService"}, last_deployment=deployment or endpoint.last_deployment)
        self._work.tell(endpoint)
        self._work.update(endpoint, config, green, plan)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName", *(f"DesiredWeightsAndCapacities.{name}" for name in _CAPACITIES)})
    def update_endpoint_weights_and_capacities(self, request: Request) -> Response:
        endpoint = self.find(request["EndpointName"])
        variants = changed(endpoint, request["DesiredWeightsAndCapacities"])
        endpoint.enter("Updating", {"InService"}, variants=variants)
        self._work.tell(endpoint)
        self._work.resize(endpoint)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName"})
    def delete_endpoint(self, request: Request) -> Response:
        endpoint = self.find(request["EndpointName"])
        endpoint.enter("Deleting", {"InService", "Failed"})
        self._work.tell(endpoint)
        scaled_variants.deregister(self.service.host, endpoint)
        self._work.remove(endpoint, lambda: self._forget(endpoint))
        return {}

    def find(self, name: str) -> Endpoint:
        """Raises ValidationException."""
        with self._lock:
            if name.lower() not in self._endpoints:
                raise ValidationException(f'Could not find endpoint "{self._arn(name)}".')
            return self._endpoints[name.lower()]

    def serving(self, name: str) -> Served | None:
        """Who answers requests now, if anybody does. Here the case of a name counts ("CreateEndpoint")."""
        endpoint = self._endpoints.get(name.lower())
        return endpoint.served if endpoint is not None and endpoint.name == name else None

    def state(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            return {key: saved(each) for key, each in self._endpoints.items() if each.status != "Deleting"}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        self._endpoints.update({key: restored(self.service, each) for key, each in state.items()})

    def resume(self) -> None:
        """Start the model servers of what was in service, and go on with what was being created."""
        for endpoint in list(self._endpoints.values()):
            if endpoint.status == RESTARTING:
                self._work.restart(endpoint)
            elif endpoint.status == "Creating":
                self._create_again(endpoint)

    def is_restarting(self, name: str) -> bool:
        """Whether it was in service when the sandbox ended, and will be again."""
        endpoint = self._endpoints.get(name.lower())
        return endpoint is not None and endpoint.name == name and endpoint.status == RESTARTING

    def close(self) -> None:
        """Stop every model server at once."""
        self.metrics.close()
        self._utilization.close()
        self._work.close()

    def _arn(self, name: str) -> str:
        return self.service.arn(f"endpoint/{name.lower()}")

    def _new_fleets(self, endpoint: str, config: str) -> list[Fleet]:
        """Empty fleets of a configuration's variants. Raises ValidationException and ResourceLimitExceeded."""
        variants = self.service.endpoint_configs.variants_of(config)
        for instance_type in (variant["InstanceType"] for variant in variants):
            Demand(instance_type, "endpoint").require_quota(self.service.host.home)
        for variant in variants:
            self._require_permissions(endpoint, variant["ModelName"])
        return [Fleet(self.service, endpoint, config, variant) for variant in variants]

    def _require_permissions(self, endpoint: str, model: str) -> None:
        """Raise ValidationException unless the model's execution role may write the endpoint's log and metrics."""
        host, container = self.service.host, self.service.models.container_of(model)
        credentials = require_readable(self.service, container)
        stream = logs(host, log_group(endpoint), "AllTraffic")
        require_permissions(host, credentials, stream, metrics("/aws/sagemaker/Endpoints"))

    def _fleets(self) -> list[Fleet]:
        """All that serve."""
        with self._lock:
            served = [endpoint.served for endpoint in self._endpoints.values()]
        return [fleet for found in served if found is not None for fleet, _ in found.routes]

    def _checked_plan(self, config: dict[str, Any] | None) -> Plan:
        plan = plan_of(config)
        RollbackAlarms(self.service.host, plan.alarms).require()
        return plan

    def _create_again(self, endpoint: Endpoint) -> None:
        try:
            variants = tuple(map(declared, self._new_fleets(endpoint.name, endpoint.config)))
        except ApiError as error:
            endpoint.change(status="Failed", failure_reason=error.message)
            self._work.tell(endpoint)
            return
        self._work.create(endpoint, variants)

    def _forget(self, endpoint: Endpoint) -> None:
        with self._lock:
            del self._endpoints[endpoint.name.lower()]
        self.service.tags.drop(endpoint.arn)


def _deployment_config(endpoint: Endpoint, request: Request) -> dict[str, Any] | None:
    given = request.get("DeploymentConfig")
    if not request.get("RetainDeploymentConfig"):
        return given
    if given is not None:
        raise ValidationException("RetainDeploymentConfig and DeploymentConfig exclude one another: give one of them.")
    return endpoint.last_deployment
