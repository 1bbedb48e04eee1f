"""[images]: digests for all images that an environment runs, each of the tag that it runs."""

from __future__ import annotations

from typing import Any

import pytest
from declared import Root

from specs import Problem, images, resolve

MODEL, DEV = "models/digits-cnn.toml", "environments/dev.toml"
TRAINING_CPU, TRAINING_GPU = images.TRAINING["cpu"], images.TRAINING["gpu"]
SERVING_CPU, SERVING_GPU = images.INFERENCE["cpu"], images.INFERENCE["gpu"]
DIGESTS = {name: f"sha256:{character * 64}" for name, character in zip(images.NAMES, "abcd", strict=True)}
RUN = {name: digest for name, digest in DIGESTS.items() if name != SERVING_GPU}
"""Those that dev runs: it trains on both, and serves on instances without a GPU."""


def problem(root: Root, declared: Any) -> Problem:
    (found,) = root.put(DEV, ("images",), declared).problems()
    assert found.line
    return found


def test_all_images_of_the_environment_are_pinned(root: Root) -> None:
    specs = root.put(DEV, ("images",), RUN).load()
    assert specs.environment("dev").images == RUN
    assert resolve(specs.models[0], specs.environment("dev")).environment.images == RUN
    assert specs.environment("prod").images is None


@pytest.mark.parametrize("name", sorted(RUN))
def test_an_image_without_a_digest(root: Root, name: str) -> None:
    found = problem(root, {other: digest for other, digest in RUN.items() if other != name})
    assert (found.file, found.key, found.received) == (DEV, f'images."{name}"', "nothing")
    assert "runs this image by its tag" in found.message
    repository, tag = name.split(":")
    assert f"--registry-id 763104351884 --repository-name {repository} --image-ids imageTag={tag} " in found.write
    assert "aws ecr batch-get-image --region eu-west-1" in found.write


def test_an_empty_table_says_how_to_fill_it(root: Root) -> None:
    found = root.put(DEV, ("images",), {}).problems()
    assert sorted(each.key for each in found) == sorted(f'images."{name}"' for name in RUN)


def test_an_image_that_nothing_runs(root: Root) -> None:
    found = problem(root, DIGESTS)
    assert (found.file, found.key) == (DEV, f'images."{SERVING_GPU}"')
    assert found.message.startswith("no instance type of this environment")
    assert found.write == f'nothing: remove "{SERVING_GPU}"'


def test_a_model_s_own_instance_type_runs_another_image(root: Root) -> None:
    root.put(MODEL, ("environment", "dev", "serving", "instance_type"), "ml.g5.xlarge")
    found = problem(root, RUN)
    assert (found.file, found.key) == (DEV, f'images."{SERVING_GPU}"')
    assert found.message.startswith("ml.g5.xlarge (models/digits-cnn.toml, line ")
    assert root.put(DEV, ("images",), DIGESTS).load()


def test_a_digest_that_is_another_image_s(root: Root) -> None:
    found = problem(root, RUN | {TRAINING_GPU: RUN[TRAINING_CPU]})
    assert found.key == f'images."{TRAINING_GPU}"'
    assert found.message == f'"{TRAINING_CPU}" has the same digest'


def test_a_digest_of_a_former_tag(root: Root) -> None:
    """When the platform moves to new tags, no digest of an old one stays."""
    former = SERVING_CPU.replace("2.20", "2.19")
    declared = {name: digest for name, digest in RUN.items() if name != SERVING_CPU} | {former: RUN[SERVING_CPU]}
    found = root.put(DEV, ("images",), declared).problems()
    assert [(each.key, each.write) for each in found if "name and tag" in each.message] == [
        (f'images."{former}"', f'"{SERVING_CPU}"')
    ]


def test_a_wrong_instance_type_brings_no_problem_of_images(root: Root) -> None:
    root.put(DEV, ("serving", "instance_type"), "ml.none")
    assert problem(root, RUN).key == "serving.instance_type"
