"""Models: an archive and the image that serves it, by name, or a model package that holds both.

Only archives for AWS's TensorFlow inference image can be served here, and CreateModel says so at once.
"""

from __future__ import annotations

import pathlib
from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.machines.model_server import settings
from sandbox.services.sagemaker.base.execution_roles import image, network, require_permissions
from sandbox.services.sagemaker.base.image_paths import DIGESTS, require_image_path
from sandbox.services.sagemaker.base.preconditions import require_vpc
from sandbox.services.sagemaker.endpoints.served_container import ServedContainer, require_readable
from sandbox.services.sagemaker.endpoints.stand_ins import stand_in
from sandbox.services.sagemaker.registry.model_packages import ModelPackages

SERVED_IMAGE = "tensorflow-inference"
_CONTAINER = "PrimaryContainer"
_ACCEPTED = {
    "ModelName",
    *(f"{_CONTAINER}.{name}" for name in ("Image", "ModelDataUrl", "ModelPackageName", "Environment", "Mode")),
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "Tags",
}
_ONLY: dict[str, tuple[Any, ...]] = {"PrimaryContainer.Mode": ("SingleModel",)}
_IMAGES = (
    "AWS's `tensorflow-inference`, and images for which `images.json` in the sandbox's folder names a command that "
    "keeps to the container's contract; handlers find the packages that AWS's image holds, in the versions of "
    f"IMAGES.md; {DIGESTS}"
)
_ISOLATION = (
    "the container's process has no credentials and a network namespace of its own; where the kernel permits none, its "
    "own Python refuses connections, and programs that it starts do not. Not for commands of `images.json`"
)
_ENVIRONMENT = (
    f"of the container's settings, {', '.join(f'`{name}={only}`' for name, only in settings.ONLY.items())} only; "
    f"without effect: {', '.join(f'`{name}` ({why})' for name, why in settings.WITHOUT_EFFECT.items())}. Commands of "
    "`images.json` take all"
)
_REDUCED = {
    "PrimaryContainer.Image": _IMAGES,
    "PrimaryContainer.Environment": _ENVIRONMENT,
    "EnableNetworkIsolation": _ISOLATION,
}
_SUMMARY = ("ModelName", "ModelArn", "CreationTime")
_LISTING = Listing("Models", "ModelName", "CreationTime", "Descending", _SUMMARY)


class Models:
    """Descriptions by name.

    A model that an endpoint serves may be deleted, as on AWS.
    """

    def __init__(self, host: Host, tags: Tags, packages: ModelPackages) -> None:
        self._host, self._packages = host, packages
        self._arn = host.arn("sagemaker", "model/{key}")
        missing = refusal(f'Could not find model "{self._arn}".')
        taken = refusal(f'Cannot create already existing model "{self._arn}".')
        self.store = Store[str, dict[str, Any]](tags, itemgetter("ModelArn"), missing, taken)

    @operation(accepts=_ACCEPTED, only=_ONLY, reduced=_REDUCED)
    def create_model(self, request: Request) -> Response:
        for member in ("ExecutionRoleArn", _CONTAINER):
            if member not in request:
                raise ValidationException(f"the sandbox implements models with one container only: give {member}")
        name, vpc = request["ModelName"], request.get("VpcConfig")
        self.store.require_new(name)
        container = self._container(request)
        _require_isolable(self._host.home, container)
        _require_settings(self._host.home, container)
        require_vpc(self._host, vpc)
        credentials = require_readable(self._host, container)
        require_permissions(self._host, credentials, image(container.image), network(self._host, vpc))
        tags = request.pop("Tags", [])
        arn = self._arn.format(key=name)
        model = {"EnableNetworkIsolation": False, **request, "ModelArn": arn, "CreationTime": now()}
        self.store.add(name, model, tags)
        return {"ModelArn": arn}

    @operation(accepts={"ModelName"})
    def describe_model(self, request: Request) -> Response:
        return self.store.find(request["ModelName"])

    @operation(accepts=CREATION_FILTERS)
    def list_models(self, request: Request) -> Response:
        return _LISTING.page(self.store.all(), request)

    @operation(accepts={"ModelName"})
    def delete_model(self, request: Request) -> Response:
        self.store.remove(request["ModelName"])
        return {}

    def container_of(self, name: str) -> ServedContainer:
        """The container that the model serves, or its package's. Raises ValidationException."""
        return self._container(self.store.find(name))

    def _container(self, model: dict[str, Any]) -> ServedContainer:
        declared = model[_CONTAINER]
        found = self._packaged(declared) if "ModelPackageName" in declared else declared
        missing = [member for member in ("Image", "ModelDataUrl") if not found.get(member)]
        if missing:
            raise ValidationException(f"the container of model {model['ModelName']} has no {' and no '.join(missing)}")
        require_served_image(self._host.home, found["Image"])
        environment = {**found.get("Environment", {}), **declared.get("Environment", {})}
        location = S3Location.parse(found["ModelDataUrl"])
        subnets = tuple(model.get("VpcConfig", {}).get("Subnets", ()))
        return ServedContainer(
            model["ModelName"],
            found["Image"],
            location,
            model["ExecutionRoleArn"],
            environment,
            subnets,
            isolated=model.get("EnableNetworkIsolation", False),
        )

    def _packaged(self, declared: dict[str, Any]) -> dict[str, Any]:
        """The container of an approved model package ("Deploy a Model from the Registry")."""
        if "Image" in declared or "ModelDataUrl" in declared:
            raise ValidationException("PrimaryContainer takes ModelPackageName, or Image and ModelDataUrl, not both")
        package = self._packages.find(declared["ModelPackageName"])
        if package["ModelApprovalStatus"] != "Approved":
            raise ValidationException(
                f"Cannot create a model from model package {package['ModelPackageArn']}: its ModelApprovalStatus is "
                f"{package['ModelApprovalStatus']}, expected Approved."
            )
        containers = package.get("InferenceSpecification", {}).get("Containers", [])
        if len(containers) != 1:
            raise ValidationException(
                f"model package {package['ModelPackageArn']} holds {len(containers)} containers, expected 1"
            )
        return containers[0]


def _require_isolable(home: pathlib.Path, container: ServedContainer) -> None:
    """Raise ValidationException for an isolated container that binds a port of its own network."""
    if container.isolated and stand_in(home, container.image) is not None:
        raise ValidationException(
            f"the sandbox cannot isolate '{container.image}' from the network: the command in {home / 'images.json'} "
            "that stands in for it could not be reached. Leave EnableNetworkIsolation out"
        )


def _require_settings(home: pathlib.Path, container: ServedContainer) -> None:
    """Raise ValidationException for settings of AWS's container that the model server does not have."""
    faults = settings.unimplemented(container.environment)
    if faults and stand_in(home, container.image) is None:
        raise ValidationException(f"the container's Environment cannot be honoured: {'; '.join(faults)}")


def require_served_image(home: pathlib.Path, image: str) -> None:
    """Raise ValidationException for an image that the sandbox can neither serve nor replace."""
    require_image_path(image)
    repository = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    if repository != SERVED_IMAGE and stand_in(home, image) is None:
        raise ValidationException(
            f"the sandbox runs no container images: it serves what AWS's {SERVED_IMAGE} image serves, and '{image}' is "
            f"another one, without a command that stands in for it in {home / 'images.json'}"
        )
