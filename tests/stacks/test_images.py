"""Our table of image accounts against the SageMaker SDK's, for every region that an environment may name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from specs import aws
from stacks.constructs.images import Image, inference_image, training_image

CPU, GPU = "ml.m5.large", "ml.g5.xlarge"


@pytest.mark.parametrize(
    ("scope", "version", "image"), [("training", "2.21", training_image), ("inference", "2.20", inference_image)]
)
def test_accounts_are_those_of_the_sdk(scope: str, version: str, image: Callable[[str, str], Image]) -> None:
    from sagemaker.core import image_uris

    regions = aws.regions()
    assert len(regions) > 30
    ours = {region: image(region, CPU).uri.split(":")[0] for region in regions}
    sdk = {
        region: image_uris.retrieve("tensorflow", region, version=version, instance_type=CPU, image_scope=scope).split(
            ":"
        )[0]
        for region in regions
    }
    assert ours == sdk


@pytest.mark.parametrize("image", [training_image, inference_image])
def test_candidates_with_a_gpu_get_another_image(image: Callable[[str, str], Image]) -> None:
    assert "-cpu-" in image("eu-west-1", CPU).tag
    assert "-gpu-" in image("eu-west-1", GPU).tag
