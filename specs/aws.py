"""AWS's own names, enums and ranges, from botocore's service models.

They are read from the botocore package, without a network and without a session, which would also read ~/.aws/config
and ~/.aws/models: a synth has to accept the same on every machine.
"""

from __future__ import annotations

import functools
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

DAY = 86_400
LONGEST_RUN_SECONDS = 28 * DAY  # only in AWS's prose: "StoppingCondition", MaxRuntimeInSeconds
LARGEST_VOLUME_GB = 16_384  # only in AWS's prose for training: "ResourceConfig", VolumeSizeInGB
LARGEST_INTEGER = 2**31 - 1  # the width of `integer` in AWS's JSON protocols

# "PutRetentionPolicy" of CloudWatch Logs, retentionInDays; the service model has them in its prose alone.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)

# "AWS services that integrate with AWS PrivateLink": those that jobs, endpoints and our workflows call.
INTERFACE_ENDPOINTS = (
    "ecr.api",
    "ecr.dkr",
    "events",
    "kms",
    "logs",
    "monitoring",
    "sagemaker.api",
    "sagemaker.runtime",
    "sns",
    "states",
    "sts",
)


@functools.cache
def _loader() -> Loader:
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@functools.cache
def _service() -> ServiceModel:
    return ServiceModel(_loader().load_service_model("sagemaker", "service-2"), "sagemaker")


@functools.cache
def _shape(name: str) -> Any:
    return _service().shape_for(name)


def words(shape: str) -> tuple[str, ...]:
    """List the values of an enum of SageMaker's service model, such as TrainingInstanceType."""
    return tuple(_shape(shape).enum)


def smallest(shape: str) -> int:
    """The least value, or length, that SageMaker's service model allows."""
    return int(_shape(shape).metadata["min"])


def largest(shape: str) -> int:
    """The greatest value, length or count that SageMaker's service model allows."""
    return int(_shape(shape).metadata["max"])


@functools.cache
def regions() -> tuple[str, ...]:
    """The regions of the partition `aws` that have SageMaker (others have other ARNs and images)."""
    partitions = _loader().load_data("endpoints")["partitions"]
    aws = next(partition for partition in partitions if partition["partition"] == "aws")
    return tuple(sorted(aws["services"]["api.sagemaker"]["endpoints"].keys() & aws["regions"].keys()))
