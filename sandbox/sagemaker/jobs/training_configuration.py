"""The files under /opt/ml/input/config of a training job.

Source: AWS, "How Amazon SageMaker AI Provides Training Information".
"""

from __future__ import annotations

from typing import Any

from sandbox.sagemaker.containers.container import HOSTNAME, Container

_GROUP = "homogeneousCluster"


def write_configuration(container: Container, description: dict[str, Any]) -> None:
    """Write hyperparameters.json (all values are strings), inputdataconfig.json and resourceconfig.json."""
    channels = {channel["ChannelName"]: _channel(channel) for channel in description.get("InputDataConfig", [])}
    contents = {
        "hyperparameters.json": description.get("HyperParameters", {}),
        "inputdataconfig.json": channels,
        "resourceconfig.json": _resources(description["ResourceConfig"]["InstanceType"]),
    }
    for name, content in contents.items():
        container.write_json(content, "input", "config", name)


def _channel(channel: dict[str, Any]) -> dict[str, str]:
    return {
        "TrainingInputMode": "File",
        "S3DistributionType": channel["DataSource"]["S3DataSource"]["S3DataDistributionType"],
        "RecordWrapperType": channel["RecordWrapperType"],
        **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
    }


def _resources(instance_type: str) -> dict[str, Any]:
    return {
        "current_host": HOSTNAME,
        "current_instance_type": instance_type,
        "current_group_name": _GROUP,
        "hosts": [HOSTNAME],
        "instance_groups": [
            {"instance_group_name": _GROUP, "instance_type": instance_type, "hosts": [HOSTNAME]},
        ],
        "network_interface_name": "lo",
    }
