"""The images that jobs and endpoints run in."""

from __future__ import annotations

import pytest

from specs.aws import regions
from stacks.constructs.containers.images import ACCOUNTS, COMMON_ACCOUNT, inference_image, training_image


def test_accounts_are_those_of_the_sagemaker_sdk() -> None:
    from sagemaker.core import image_uris

    known = image_uris.config_for_framework("tensorflow")["inference"]["versions"]["2.20.0"]["registries"]
    ours = {region: ACCOUNTS.get(region, COMMON_ACCOUNT) for region in regions() if region in known}
    assert len(ours) > 20
    assert ours == {region: known[region] for region in ours}


@pytest.mark.parametrize(
    ("instance_type", "processor"),
    [
        ("ml.m5.large", "cpu"),
        ("ml.c5.2xlarge", "cpu"),
        ("ml.g5.xlarge", "gpu"),
        ("ml.g4dn.xlarge", "gpu"),
        ("ml.p4d.24xlarge", "gpu"),
    ],
)
def test_instance_types_with_gpus_get_the_gpu_image(instance_type: str, processor: str) -> None:
    for image in (training_image("eu-west-1", instance_type), inference_image("eu-west-1", instance_type)):
        assert f"-{processor}-py312" in image.uri
