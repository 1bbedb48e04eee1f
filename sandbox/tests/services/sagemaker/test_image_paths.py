"""Paths of images in Amazon ECR: by tag or by digest."""

from __future__ import annotations

import pytest
from job_lab import DIGEST, IMAGE, REPOSITORY
from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.base.execution_roles import image
from sandbox.services.sagemaker.base.image_paths import require_image_path, resolved

BY_DIGEST = f"{REPOSITORY}@{DIGEST}"
A_DIGEST = "a digest is sha256: and 64 hexadecimal digits in lower case"


@pytest.mark.parametrize("path", [IMAGE, REPOSITORY, BY_DIGEST, "own/image:1", "000000000000.dkr.ecr.x/a@b"])
def test_paths_that_are_accepted(path: str) -> None:
    require_image_path(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{REPOSITORY}@{DIGEST[:-1]}", A_DIGEST),
        (f"{BY_DIGEST}0", A_DIGEST),
        (f"{REPOSITORY}@sha256:{'A' * 64}", A_DIGEST),
        (f"{REPOSITORY}@sha512:{'a' * 64}", A_DIGEST),
        (f"{REPOSITORY}@{'a' * 64}", A_DIGEST),
        (f"{REPOSITORY}@", A_DIGEST),
        (f"{REPOSITORY}@2.21", A_DIGEST),
        (f"{IMAGE}@{DIGEST}", "it has a tag and a digest"),
        (f"{REPOSITORY}:{DIGEST}", "a tag has letters, digits"),
        (f"{REPOSITORY}:", "a tag has letters, digits"),
        (f"{REPOSITORY}:.hidden", "a tag has letters, digits"),
    ],
)
def test_paths_that_are_refused(path: str, reason: str) -> None:
    with pytest.raises(ValidationException) as raised:
        require_image_path(path)
    assert str(raised.value).startswith(f'ECR image "{path}" is invalid: {reason}')


def test_permissions_are_those_of_the_repository() -> None:
    assert list(image(BY_DIGEST)) == list(image(IMAGE))
    assert {permission.resource for permission in image(BY_DIGEST)} == {
        "*",
        "arn:aws:ecr:us-east-1:763104351884:repository/tensorflow-training",
    }


def test_a_digest_is_resolved_and_a_tag_is_not() -> None:
    """The image behind a tag is AWS's to know: DescribeEndpoint does not name it."""
    assert (resolved(BY_DIGEST), resolved(IMAGE)) == ({"ResolvedImage": BY_DIGEST}, {})
