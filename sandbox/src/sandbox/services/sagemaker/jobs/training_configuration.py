"""The files under /opt/ml/input/config of a training job.

Source: AWS, "How Amazon SageMaker AI Provides Training Information".
"""

from __future__ import annotations

from typing import Any

from sandbox.services.sagemaker.jobs.cluster import Cluster

HOMOGENEOUS = "homogeneousCluster"
INTERFACE = "lo"


def write_configuration(cluster: Cluster, description: dict[str, Any]) -> None:
    """Write hyperparameters.json (all values are strings), inputdataconfig.json and resourceconfig.json."""
    channels = {channel["ChannelName"]: _channel(channel) for channel in description.get("InputDataConfig", [])}
    for instance in cluster.instances:
        contents = {
            "hyperparameters.json": description.get("HyperParameters", {}),
            "inputdataconfig.json": channels,
            "resourceconfig.json": _resources(instance.name, cluster.names, description["ResourceConfig"]),
        }
        for name, content in contents.items():
            instance.container.write_json(content, "input", "config", name)


def _channel(channel: dict[str, Any]) -> dict[str, str]:
    return {
        "TrainingInputMode": "File",
        "S3DistributionType": channel["DataSource"]["S3DataSource"]["S3DataDistributionType"],
        "RecordWrapperType": channel["RecordWrapperType"],
        **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
    }


def _resources(name: str, names: list[str], resources: dict[str, Any]) -> dict[str, Any]:
    instance_type = resources["InstanceType"]
    return {
        "current_host": name,
        "current_instance_type": instance_type,
        "current_group_name": HOMOGENEOUS,
        "hosts": names,
        "instance_groups": [{"instance_group_name": HOMOGENEOUS, "instance_type": instance_type, "hosts": names}],
        "network_interface_name": INTERFACE,
    }
