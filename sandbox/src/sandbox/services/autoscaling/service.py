"""Application Auto Scaling's API, behind the JSON 1.1 protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.json_protocol import JsonProtocol
from sandbox.frame.messages import Request, Response
from sandbox.frame.operations import Api, service_model
from sandbox.frame.survivor import Survivor
from sandbox.frame.tags import Tags
from sandbox.services.autoscaling.scalable_targets import ScalableTargets
from sandbox.services.autoscaling.scaler import Scaler
from sandbox.services.autoscaling.scaling_activities import ScalingActivities
from sandbox.services.autoscaling.scaling_policies import ScalingPolicies
from sandbox.services.autoscaling.tags import TagOperations


class ApplicationAutoScaling:
    """The service: `call` for callers in this process, `handle` for HTTP."""

    def __init__(self, host: Host) -> None:
        self.tags = Tags()
        self.targets = ScalableTargets(host, self.tags)
        self.policies = ScalingPolicies(host, self.targets)
        self.activities = ScalingActivities()
        self.scaler = Scaler(host, self.targets, self.policies, self.activities)
        self.survives: Mapping[str, Survivor] = {
            "tags": self.tags,
            "scalable targets": self.targets.store,
            "scaling policies": self.policies.store,
            "scaling activities": self.activities,
        }
        components = (TagOperations(self.tags), self.targets, self.policies, self.activities)
        self.api = Api(components, service_model("application-autoscaling"))
        self._protocol = JsonProtocol(self.call, "application-autoscaling")

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Validate and serve a call by its API name ("RegisterScalableTarget"). Raises ApiError."""
        answer = self.api.call(operation, parameters)
        if operation == "RegisterScalableTarget":
            self.scaler.start()
        return answer

    async def handle(self, request: Request) -> Response:
        """Serve one HTTP request."""
        return await self._protocol.handle(request)

    def resume(self) -> None:
        """Scale the restored targets, once the AWS around answers requests."""
        if self.targets.store.all():
            self.scaler.start()

    def close(self) -> None:
        self.scaler.close()
