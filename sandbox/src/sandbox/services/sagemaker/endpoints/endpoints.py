"""Endpoints: a configuration in service, behind a name.

Sources: AWS, "Endpoints and endpoint configurations", "Update a model in production", "Deployment guardrails".
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from sandbox.frame.errors import ApiError, ValidationException
from sandbox.frame.host import Host
from sandbox.frame.listing import ALL_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.base.execution_roles import alarms, logs, metrics, require_permissions
from sandbox.services.sagemaker.endpoints import deployment_config, scaled_variants
from sandbox.services.sagemaker.endpoints.deployment_config import Plan, plan_of
from sandbox.services.sagemaker.endpoints.endpoint import Endpoint
from sandbox.services.sagemaker.endpoints.endpoint_configs import EndpointConfigs
from sandbox.services.sagemaker.endpoints.endpoint_description import describe
from sandbox.services.sagemaker.endpoints.endpoint_work import EndpointWork
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.fleet_utilization import FleetUtilization
from sandbox.services.sagemaker.endpoints.model_instance import log_group
from sandbox.services.sagemaker.endpoints.models import Models
from sandbox.services.sagemaker.endpoints.restart import RESTARTING, restored, saved
from sandbox.services.sagemaker.endpoints.rollback_alarms import RollbackAlarms
from sandbox.services.sagemaker.endpoints.served import Served
from sandbox.services.sagemaker.endpoints.served_container import ServedContainer, require_readable
from sandbox.services.sagemaker.endpoints.variants import declared, require_same_names, retained
from sandbox.services.sagemaker.endpoints.weights_and_capacities import changed

_SUMMARY = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
_LISTING = Listing("Endpoints", "EndpointName", "EndpointStatus", "Descending", _SUMMARY)
_CAPACITIES = ("VariantName", "DesiredWeight", "DesiredInstanceCount")


class Endpoints:
    """Endpoints by name in lower case."""

    def __init__(self, host: Host, tags: Tags, models: Models, configs: EndpointConfigs) -> None:
        self._host, self._models, self._configs = host, models, configs
        self._arn = host.arn("sagemaker", "endpoint/{key}")
        missing = refusal(f'Could not find endpoint "{self._arn}".')
        taken = refusal(f'Cannot create already existing endpoint "{self._arn}".')
        self._store = Store[str, Endpoint](tags, attrgetter("arn"), missing, taken)
        self._work = EndpointWork(host, tags)
        self._utilization = FleetUtilization(host, self._fleets)
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
        plan = self._checked_plan(deployment)
        variants = tuple(map(declared, self._new_fleets(name, config, plan.alarms)))
        self._store.require_new(name.lower())
        self._work.require_quota(variants)
        endpoint = Endpoint(name, self._arn.format(key=name.lower()), config, last_deployment=deployment)
        self._store.add(name.lower(), endpoint, request.get("Tags", []))
        self._work.tell(endpoint)
        self._work.create(endpoint, variants)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName"})
    def describe_endpoint(self, request: Request) -> Response:
        return describe(self.find(request["EndpointName"]))

    @operation(accepts={*ALL_FILTERS, "StatusEquals"})
    def list_endpoints(self, request: Request) -> Response:
        return _LISTING.page(map(describe, self._store.all()), request)

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
        plan = self._checked_plan(deployment)
        green = retained(self._new_fleets(endpoint.name, config, plan.alarms), endpoint.variants, request)
        if deployment:
            require_same_names(endpoint.variants, green)
            plan.require_fit({variant.name: variant.desired_count for variant in green})
        scaled_variants.refuse_other_types(self._host, endpoint, green)
        self._work.require_quota(green)
        endpoint.enter("Updating", {"InService"}, last_deployment=deployment or endpoint.last_deployment)
        self._work.tell(endpoint)
        self._work.update(endpoint, config, green, plan)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName", *(f"DesiredWeightsAndCapacities.{name}" for name in _CAPACITIES)})
    def update_endpoint_weights_and_capacities(self, request: Request) -> Response:
        endpoint = self.find(request["EndpointName"])
        variants = changed(endpoint, request["DesiredWeightsAndCapacities"])
        self._work.require_quota(variants)
        endpoint.enter("Updating", {"InService"}, variants=variants)
        self._work.tell(endpoint)
        self._work.resize(endpoint)
        return {"EndpointArn": endpoint.arn}

    @operation(accepts={"EndpointName"})
    def delete_endpoint(self, request: Request) -> Response:
        endpoint = self.find(request["EndpointName"])
        endpoint.enter("Deleting", {"InService", "Failed"})
        self._work.tell(endpoint)
        scaled_variants.deregister(self._host, endpoint)
        self._work.remove(endpoint, lambda: self._store.remove(endpoint.name.lower()))
        return {}

    def find(self, name: str) -> Endpoint:
        """Raises ValidationException."""
        return self._store.find(name.lower())

    def serving(self, name: str) -> Served | None:
        """The routes of an endpoint that answers requests now. The case of its name counts ("CreateEndpoint")."""
        endpoint = self._store.get(name.lower())
        return endpoint.served if endpoint is not None and endpoint.name == name else None

    def state(self) -> dict[str, dict[str, Any]]:
        """Every endpoint that is not being deleted, as plain data for the saved state."""
        return {key: saved(each) for key, each in self._store.state().items() if each.status != "Deleting"}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        """Take the endpoints of an earlier run, before the first request."""
        self._store.restore({key: restored(self._host, each) for key, each in state.items()})

    def resume(self) -> None:
        """Start the model servers of endpoints in service, and continue creations."""
        for endpoint in self._store.all():
            if endpoint.status == RESTARTING:
                self._work.restart(endpoint)
            elif endpoint.status == "Creating":
                self._create_again(endpoint)

    def is_restarting(self, name: str) -> bool:
        """Tell whether the endpoint was in service when the sandbox ended, and will be again."""
        endpoint = self._store.get(name.lower())
        return endpoint is not None and endpoint.name == name and endpoint.status == RESTARTING

    def close(self) -> None:
        """Stop every model server at once."""
        self._utilization.close()
        self._work.close()

    def _new_fleets(self, endpoint: str, config: str, watched: tuple[str, ...] = ()) -> list[Fleet]:
        """Empty fleets of a configuration's variants. Their roles may read the alarms in `watched`.

        Raises ValidationException and ResourceLimitExceeded.
        """
        variants = self._configs.variants_of(config)
        for instance_type in (variant["InstanceType"] for variant in variants):
            Demand(instance_type, "endpoint").require_quota(self._host.home)
        return [
            Fleet(self._host, endpoint, config, variant, self._container(endpoint, variant["ModelName"], watched))
            for variant in variants
        ]

    def _container(self, endpoint: str, model: str, watched: tuple[str, ...]) -> ServedContainer:
        """The model's container. Raises ValidationException unless its role may write and read what AWS demands."""
        container = self._models.container_of(model)
        credentials = require_readable(self._host, container)
        stream = logs(self._host, log_group(endpoint), "AllTraffic")
        written = metrics("/aws/sagemaker/Endpoints")
        require_permissions(self._host, credentials, stream, written, alarms(self._host, watched))
        return container

    def _fleets(self) -> list[Fleet]:
        """The fleets that serve."""
        served = [endpoint.served for endpoint in self._store.all()]
        return [fleet for found in served if found is not None for fleet, _ in found.routes]

    def _checked_plan(self, config: dict[str, Any] | None) -> Plan:
        plan = plan_of(config)
        RollbackAlarms(self._host, plan.alarms).require()
        return plan

    def _create_again(self, endpoint: Endpoint) -> None:
        try:
            variants = tuple(map(declared, self._new_fleets(endpoint.name, endpoint.config)))
        except ApiError as error:
            endpoint.change(status="Failed", failure_reason=error.message)
            self._work.tell(endpoint)
            return
        self._work.create(endpoint, variants)


def _deployment_config(endpoint: Endpoint, request: Request) -> dict[str, Any] | None:
    given = request.get("DeploymentConfig")
    if not request.get("RetainDeploymentConfig"):
        return given
    if given is not None:
        raise ValidationException("RetainDeploymentConfig and DeploymentConfig exclude one another: give one of them.")
    return endpoint.last_deployment
