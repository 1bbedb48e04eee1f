"""AWS's TensorFlow images: their registries, repositories and tags. No other place knows them."""

from __future__ import annotations

import re

TRAINING = {
    "cpu": "tensorflow-training:2.21-cpu-py312-amzn2023-sagemaker-v1",
    "gpu": "tensorflow-training:2.21-gpu-py312-cu129-amzn2023-sagemaker-v1",
}
"""Patched until July 2027 (aws/deep-learning-containers, "Release notes")."""

INFERENCE = {
    "cpu": "tensorflow-inference:2.20-cpu-py312-amzn2023-sagemaker-v1",
    "gpu": "tensorflow-inference:2.20-gpu-py312-cu129-amzn2023-sagemaker-v1",
}
"""Patched until August 2027; there is no 2.21 (docs/decisions)."""

NAMES = (*TRAINING.values(), *INFERENCE.values())

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

_GPU = re.compile(r"ml\.(p|g|gr)\d")


def training(instance_type: str) -> str:
    """The image of jobs. A CPU and a GPU candidate of one ladder need different ones."""
    return TRAINING[_processor(instance_type)]


def inference(instance_type: str) -> str:
    """The image of endpoints."""
    return INFERENCE[_processor(instance_type)]


def account(region: str) -> str:
    """The account of AWS's registry in a region."""
    return ACCOUNTS.get(region, COMMON_ACCOUNT)


def digest_command(name: str, region: str) -> str:
    """The command that prints an image's digest, with the permission that a pull needs.

    Source: Amazon ECR API Reference, "BatchGetImage".
    """
    repository, tag = name.split(":")
    return (
        f"aws ecr batch-get-image --region {region} --registry-id {account(region)} --repository-name {repository}"
        f" --image-ids imageTag={tag} --query 'images[].imageId.imageDigest' --output text"
    )


def _processor(instance_type: str) -> str:
    return "gpu" if _GPU.match(instance_type) else "cpu"
