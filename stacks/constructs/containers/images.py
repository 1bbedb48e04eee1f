"""Container images as templates name them: by tag, or by digest where the environment has one."""

from __future__ import annotations

from dataclasses import dataclass

from specs import EnvironmentSpec, images


@dataclass(frozen=True)
class Image:
    """One container image in one of AWS's registries; `version` is :tag or @digest.

    Source: Amazon SageMaker API Reference, "ContainerDefinition", Image.
    """

    account: str
    region: str
    repository: str
    version: str

    @property
    def uri(self) -> str:
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/{self.repository}{self.version}"

    @property
    def repository_arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.repository}"


def training_image(environment: EnvironmentSpec, instance_type: str) -> Image:
    """The image for jobs on an instance type."""
    return _image(environment, images.training(instance_type))


def inference_image(environment: EnvironmentSpec, instance_type: str) -> Image:
    """The image for endpoints on an instance type."""
    return _image(environment, images.inference(instance_type))


def _image(environment: EnvironmentSpec, name: str) -> Image:
    repository, tag = name.split(":")
    digest = (environment.images or {}).get(name)
    version = f"@{digest}" if digest else f":{tag}"
    return Image(images.account(environment.region), environment.region, repository, version)
