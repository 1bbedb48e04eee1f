"""Models: an archive and the image that serves it, by name, or a model package that holds both.

Only archives for AWS's TensorFlow inference image can be served here, and CreateModel says so at once.
"""

from __future__ import annotations

import pathlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import CannotAssume, Credentials
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.endpoints.stand_ins import stand_in
from sandbox.services.sagemaker.execution_roles import image, network, require_permissions
from sandbox.services.sagemaker.identity import PRINCIPAL
from sandbox.services.sagemaker.preconditions import require_vpc

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

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
_ONLY: dict[str, tuple[Any, ...]] = {"PrimaryContainer.Mode": ("SingleModel",), "EnableNetworkIsolation": (False,)}
_IMAGES = (
    "AWS's `tensorflow-inference`, and images for which `images.json` in the sandbox's folder names a command that "
    "keeps to the container's contract"
)
_REDUCED = {"PrimaryContainer.Image": _IMAGES}
_LISTING = Listing("Models", "ModelName", "CreationTime", "Descending")


@dataclass(frozen=True)
class ServedContainer:
    """What an endpoint needs of a model, whether it came from a model package or not."""

    model: str
    image: str
    archive: S3Location
    environment: dict[str, str]
    role_arn: str


class Models:
    """Descriptions by name. A model that an endpoint serves may be deleted, as on AWS."""

    kept = ("_models",)

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._models: dict[str, dict[str, Any]] = {}

    @operation(accepts=_ACCEPTED, only=_ONLY, reduced=_REDUCED)
    def create_model(self, request: Request) -> Response:
        for member in ("ExecutionRoleArn", _CONTAINER):
            if member not in request:
                raise ValidationException(f"the sandbox implements models with one container only: give {member}")
        arn = self.service.arn(f"model/{request['ModelName']}")
        self._require_new(request["ModelName"], arn)
        container = self._container(request)
        require_vpc(self.service.host, request.get("VpcConfig"))
        credentials = require_readable(self.service, container)
        interfaces = network(self.service.host, request.get("VpcConfig"))
        require_permissions(self.service.host, credentials, image(container.image), interfaces)
        tags = request.pop("Tags", [])
        with self._lock:
            self._models[request["ModelName"]] = {
                "EnableNetworkIsolation": False,
                **request,
                "ModelArn": arn,
                "CreationTime": now(),
            }
        self.service.tags.set(arn, tags)
        return {"ModelArn": arn}

    @operation(accepts={"ModelName"})
    def describe_model(self, request: Request) -> Response:
        return self._find(request["ModelName"])

    @operation(accepts=CREATION_FILTERS)
    def list_models(self, request: Request) -> Response:
        with self._lock:
            models = [
                {key: model[key] for key in ("ModelName", "ModelArn", "CreationTime")}
                for model in self._models.values()
            ]
        return _LISTING.page(models, request)

    @operation(accepts={"ModelName"})
    def delete_model(self, request: Request) -> Response:
        arn = self._find(request["ModelName"])["ModelArn"]
        with self._lock:
            self._models.pop(request["ModelName"], None)
        self.service.tags.drop(arn)
        return {}

    def require(self, name: str) -> None:
        """Raise ValidationException unless the model exists."""
        self._find(name)

    def container_of(self, name: str) -> ServedContainer:
        """What the model serves, its package's container looked up. Raises ValidationException."""
        return self._container(self._find(name))

    def _require_new(self, name: str, arn: str) -> None:
        with self._lock:
            if name in self._models:
                raise ValidationException(f'Cannot create already existing model "{arn}".')

    def _find(self, name: str) -> dict[str, Any]:
        with self._lock:
            if name not in self._models:
                raise ValidationException(f'Could not find model "{self.service.arn(f"model/{name}")}".')
            return dict(self._models[name])

    def _container(self, model: dict[str, Any]) -> ServedContainer:
        declared = model[_CONTAINER]
        found = self._packaged(declared) if "ModelPackageName" in declared else declared
        missing = [member for member in ("Image", "ModelDataUrl") if not found.get(member)]
        if missing:
            raise ValidationException(f"the container of model {model['ModelName']} has no {' and no '.join(missing)}")
        require_served_image(self.service.host.home, found["Image"])
        environment = {**found.get("Environment", {}), **declared.get("Environment", {})}
        location = S3Location.parse(found["ModelDataUrl"])
        return ServedContainer(model["ModelName"], found["Image"], location, environment, model["ExecutionRoleArn"])

    def _packaged(self, declared: dict[str, Any]) -> dict[str, Any]:
        """The container of a model package, which must be approved ("Deploy a Model from the Registry")."""
        if "Image" in declared or "ModelDataUrl" in declared:
            raise ValidationException("PrimaryContainer takes ModelPackageName, or Image and ModelDataUrl, not both")
        package = self.service.model_packages.describe_model_package({"ModelPackageName": declared["ModelPackageName"]})
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


def require_served_image(home: pathlib.Path, image: str) -> None:
    """Raise ValidationException for an image that is neither AWS's TensorFlow Serving container nor stood in for."""
    repository = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    if repository != SERVED_IMAGE and stand_in(home, image) is None:
        raise ValidationException(
            f"the sandbox runs no container images: it serves what AWS's {SERVED_IMAGE} image serves, and '{image}' is "
            f"another one, without a command that stands in for it in {home / 'images.json'}"
        )


def require_readable(service: SageMaker, container: ServedContainer) -> Credentials:
    """The role's credentials. Raises ValidationException unless the role can be assumed and may read the archive."""
    try:
        credentials = service.host.assume(container.role_arn, "SageMaker", PRINCIPAL, source=service.arn("endpoint/*"))
        s3 = service.host.client("s3", credentials)
        s3.head_object(Bucket=container.archive.bucket, Key=container.archive.key)
    except (CannotAssume, ClientError) as error:
        raise ValidationException(
            f"Could not access model data at {container.archive}. Please ensure that the role "
            f'"{container.role_arn}" exists and that its trust relationship policy allows the action "sts:AssumeRole" '
            'for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" '
            f"permissions and that the object is located in {service.host.region}."
        ) from error
    return credentials
