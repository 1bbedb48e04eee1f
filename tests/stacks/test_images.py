"""The images that jobs and endpoints run in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from specs import Specs
from specs.aws import regions
from specs.images import INFERENCE, NAMES, account
from stacks.constructs.containers.images import inference_image, training_image


def test_accounts_are_those_of_the_sagemaker_sdk() -> None:
    from sagemaker.core import image_uris

    known = image_uris.config_for_framework("tensorflow")["inference"]["versions"]["2.20.0"]["registries"]
    ours = {region: account(region) for region in regions() if region in known}
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
def test_instance_types_with_gpus_get_the_gpu_image(specs: Specs, instance_type: str, processor: str) -> None:
    dev = specs.environment("dev")
    for image in (training_image(dev, instance_type), inference_image(dev, instance_type)):
        assert f"-{processor}-py312" in image.uri


ONE = {name: f"sha256:{character * 64}" for name, character in zip(NAMES, "abcd", strict=True)}
ANOTHER = {name: f"sha256:{character * 64}" for name, character in zip(NAMES, "ef01", strict=True)}
SPECIFIED = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/([a-z-]+)([:@][A-Za-z0-9_.:-]+)")


def pinned(specs: Specs, synthesize: Callable[..., dict[str, dict]], digests: dict[str, str] | None) -> str:
    environment = specs.environment("dev").model_copy(update={"images": digests})
    return json.dumps(synthesize(environment, specs.models[:1]))


def test_an_environment_with_digests_names_no_tag(specs: Specs, synthesize: Callable[..., dict[str, dict]]) -> None:
    templates = pinned(specs, synthesize, ONE)
    assert {f"{repository}{version}" for repository, version in SPECIFIED.findall(templates)} == {
        f"{name.partition(':')[0]}@{digest}" for name, digest in ONE.items() if name != INFERENCE["gpu"]
    }
    assert not any(name.partition(":")[2] in templates for name in NAMES)


def test_another_digest_changes_nothing_else(specs: Specs, synthesize: Callable[..., dict[str, dict]]) -> None:
    """Permissions are by repository: a pull request that moves a digest shows those lines alone."""
    by_tag = SPECIFIED.sub(r"\1", pinned(specs, synthesize, None))
    for digests in (ONE, ANOTHER):
        assert SPECIFIED.sub(r"\1", pinned(specs, synthesize, digests)) == by_tag
