"""Paths of container images in Amazon ECR, by tag or by digest.

Sources: Amazon SageMaker API Reference, "ContainerDefinition" (Image) and "AlgorithmSpecification" (TrainingImage):
registry/repository[:tag] and registry/repository[@digest]; Open Container Initiative, "Distribution Specification"
(tags) and "Image Specification" (digests).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.frame.errors import ValidationException

DIGESTS = "a digest of the right form is accepted: which images AWS has by a digest or a tag is not known here"
_PATH = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
    r"(:(?P<tag>[^@]*))?(@(?P<digest>.*))?"
)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Repository:
    """A repository of a private registry."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.name}"


def repository(path: str) -> Repository | None:
    """The private repository that an image is in, or None for another registry."""
    found = _PATH.match(path)
    return Repository(found["account"], found["region"], found["name"]) if found else None


def resolved(path: str) -> dict[str, str]:
    """The part of a DeployedImage that only a path by digest can fill: AWS resolves a tag to one."""
    return {"ResolvedImage": path} if "@" in path else {}


def require_image_path(path: str) -> None:
    """Raise ValidationException for a path in ECR that can name no image."""
    found = _PATH.fullmatch(path)
    tag, digest = (found["tag"], found["digest"]) if found else (None, None)
    if digest is not None and _DIGEST.fullmatch(digest) is None:
        _refuse(path, "a digest is sha256: and 64 hexadecimal digits in lower case")
    if digest is not None and tag is not None:
        _refuse(path, "it has a tag and a digest. Give registry/repository:tag or registry/repository@digest")
    if tag is not None and _TAG.fullmatch(tag) is None:
        _refuse(path, "a tag has letters, digits and _ . -, at most 128")


def _refuse(path: str, reason: str) -> None:
    raise ValidationException(f'ECR image "{path}" is invalid: {reason}.')
