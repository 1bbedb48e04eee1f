"""AWS's TensorFlow containers: the only place that knows their accounts and tags."""

from __future__ import annotations

from dataclasses import dataclass

from stacks.constructs.catalog.instance_types import has_gpu

TRAINING_TAGS = {
    "cpu": "2.21-cpu-py312-amzn2023-sagemaker-v1",
    "gpu": "2.21-gpu-py312-cu129-amzn2023-sagemaker-v1",
}
"""Patched until July 2027 (aws/deep-learning-containers, "Release notes")."""

INFERENCE_TAGS = {
    "cpu": "2.20-cpu-py312-amzn2023-sagemaker-v1",
    "gpu": "2.20-gpu-py312-cu129-amzn2023-sagemaker-v1",
}
"""Patched until August 2027; there is no 2.21 (docs/decisions)."""

ACCOUNTS = {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-east-2": "975050140332",
    "ap-northeast-3": "364406365360",
    "ap-south-2": "772153158452",
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ap-southeast-5": "550225433462",
    "ap-southeast-6": "633930458069",
    "ap-southeast-7": "590183813437",
    "ca-west-1": "204538143572",
    "eu-central-2": "380420809688",
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
    "mx-central-1": "637423239942",
}
"""Regions that do not use the common account; a test compares them with `sagemaker.core.image_uris`."""

COMMON_ACCOUNT = "763104351884"


@dataclass(frozen=True)
class Image:
    """One container image in one of AWS's registries."""

    account: str
    region: str
    repository: str
    tag: str

    @property
    def uri(self) -> str:
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/{self.repository}:{self.tag}"

    @property
    def repository_arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.repository}"


def training_image(region: str, instance_type: str) -> Image:
    """The image for jobs. A CPU and a GPU candidate of one ladder need different ones."""
    return _image(region, "tensorflow-training", TRAINING_TAGS, instance_type)


def inference_image(region: str, instance_type: str) -> Image:
    return _image(region, "tensorflow-inference", INFERENCE_TAGS, instance_type)


def _image(region: str, repository: str, tags: dict[str, str], instance_type: str) -> Image:
    tag = tags["gpu" if has_gpu(instance_type) else "cpu"]
    return Image(ACCOUNTS.get(region, COMMON_ACCOUNT), region, repository, tag)
