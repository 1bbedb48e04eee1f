"""The surroundings of endpoints in tests: an archive in a bucket, models, configurations, endpoints."""

from __future__ import annotations

import json
import time
from typing import Any

from job_lab import Lab, unique

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.20-cpu-py312-amzn2023-sagemaker-v1"
UNSETTLED = ("Creating", "Updating", "RollingBack")


def variant(model: str, **members: Any) -> dict[str, Any]:
    return {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    } | members


class ServingLab(Lab):
    """Short ways through the three calls that put a model into service."""

    def __init__(self, aws: Any, archive: bytes) -> None:
        super().__init__(aws)
        self.runtime = aws("sagemaker-runtime")
        self.archive_uri = self.put("models/model.tar.gz", archive)

    def model(self, uri: str | None = None, **members: Any) -> str:
        name = unique("model")
        container = {"Image": IMAGE, "ModelDataUrl": uri or self.archive_uri}
        self.sagemaker.create_model(
            **{"ModelName": name, "ExecutionRoleArn": self.role, "PrimaryContainer": container} | members
        )
        return name

    def config(self, model: str, **members: Any) -> str:
        name = unique("config")
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(model, **members)])
        return name

    def endpoint(self, config: str) -> str:
        name = unique("Endpoint")
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return name

    def settled(self, name: str) -> dict[str, Any]:
        """The endpoint's description once no operation is under way."""
        while (found := self.sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] in UNSETTLED:
            time.sleep(0.1)
        return found

    def invoke(self, endpoint: str, body: Any, **members: Any) -> Any:
        """The JSON of an answer to JSON."""
        answer = self.runtime.invoke_endpoint(
            **{"EndpointName": endpoint, "ContentType": "application/json", "Body": json.dumps(body)} | members
        )
        return json.load(answer["Body"])
