"""MLflow Apps: created, described, listed, updated, deleted, and opened in a browser.

An app is there at once; on AWS it is Creating for some minutes first. Its server starts when it is first asked.
Sources: SageMaker API Reference, "CreateMlflowApp"; Developer Guide, "Set up IAM permissions for MLflow Apps".
"""

from __future__ import annotations

import secrets
import string
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.listing import Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.errors import ResourceNotFound
from sandbox.services.sagemaker.execution_roles import require_permissions
from sandbox.services.sagemaker.mlflow_apps import artifact_store
from sandbox.services.sagemaker.mlflow_apps.mlflow_server import MlflowServer
from sandbox.services.sagemaker.mlflow_apps.sign_in import SignIn
from sandbox.services.sagemaker.preconditions import assume_role

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_LISTING = Listing("Summaries", "Name", "Status", "Descending")
_SUMMARY = ("Arn", "Name", "Status", "CreationTime", "LastModifiedTime", "MlflowVersion")
_NO_REGISTRATION = {"ModelRegistrationMode": ("AutoModelRegistrationDisabled",)}
_URL_SECONDS, _SESSION_SECONDS = 300, 43200


class MlflowApps:
    """Apps by ARN; an app's own records are its server's, in a database of their own."""

    kept = ("_apps",)

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self.sign_in = SignIn(service.host.url)
        self._lock = threading.Lock()
        self._apps: dict[str, dict[str, Any]] = {}
        self._servers: dict[str, MlflowServer] = {}

    def server(self, arn: str) -> MlflowServer:
        """The server of an app, which may have to start yet. Raises ResourceNotFound."""
        with self._lock:
            app = self._found(arn)
            if arn not in self._servers:
                self._servers[arn] = MlflowServer(self.service.host, arn, app["RoleArn"], app["ArtifactStoreUri"])
            return self._servers[arn]

    @operation(
        accepts={
            "Name",
            "ArtifactStoreUri",
            "RoleArn",
            "ModelRegistrationMode",
            "WeeklyMaintenanceWindowStart",
            "Tags",
        },
        only=_NO_REGISTRATION,
        reduced={"WeeklyMaintenanceWindowStart": "kept and described; nothing is maintained here"},
    )
    def create_mlflow_app(self, request: Request) -> Response:
        tags = request.pop("Tags", [])
        letters = string.ascii_uppercase + string.digits
        arn = self.service.arn("mlflow-app/app-" + "".join(secrets.choice(letters) for _ in range(12)))
        self._check(request, arn)
        moment = now()
        app = {
            "ModelRegistrationMode": "AutoModelRegistrationDisabled",
            "AccountDefaultStatus": "DISABLED",
            **request,
            "Arn": arn,
            "MlflowVersion": version("mlflow"),
            "Status": "Created",
            "CreationTime": moment,
            "LastModifiedTime": moment,
        }
        with self._lock:
            self._apps[arn] = app
        self.service.tags.set(arn, tags)
        return {"Arn": arn}

    @operation(accepts={"Arn"})
    def describe_mlflow_app(self, request: Request) -> Response:
        with self._lock:
            return {**self._found(request["Arn"])}

    @operation(
        accepts={
            *("CreatedAfter", "CreatedBefore", "Status", "MlflowVersion", "SortBy", "SortOrder"),
            *("NextToken", "MaxResults"),
        }
    )
    def list_mlflow_apps(self, request: Request) -> Response:
        with self._lock:
            apps = [{name: app[name] for name in _SUMMARY} for app in self._apps.values()]
        for name in ("Status", "MlflowVersion"):
            if name in request:
                apps = [app for app in apps if app[name] == request[name]]
        filters = {"CreatedAfter": "CreationTimeAfter", "CreatedBefore": "CreationTimeBefore"}
        return _LISTING.page(apps, {filters.get(name, name): value for name, value in request.items()})

    @operation(
        accepts={"Arn", "Name", "ArtifactStoreUri", "ModelRegistrationMode", "WeeklyMaintenanceWindowStart"},
        only=_NO_REGISTRATION,
    )
    def update_mlflow_app(self, request: Request) -> Response:
        """Change what the request names. A new artifact store is for experiments made from then on."""
        arn = request.pop("Arn")
        with self._lock:
            app = {**self._found(arn), **request, "Status": "Updated", "LastModifiedTime": now()}
        self._check(app, arn)
        with self._lock:
            self._found(arn)
            self._apps[arn] = app
            former = self._servers.pop(arn, None)
        if former:
            former.stop()
        return {"Arn": arn}

    @operation(accepts={"Arn"})
    def delete_mlflow_app(self, request: Request) -> Response:
        """Delete an app with all that it has recorded; the files in its artifact store stay."""
        arn = request["Arn"]
        server = self.server(arn)
        with self._lock:
            del self._apps[arn]
            self._servers.pop(arn, None)
        server.stop()
        server.forget()
        self.service.tags.drop(arn)
        return {"Arn": arn}

    @operation(accepts={"Arn", "ExpiresInSeconds", "SessionExpirationDurationInSeconds"})
    def create_presigned_mlflow_app_url(self, request: Request) -> Response:
        with self._lock:
            self._found(request["Arn"])
        expires = request.get("ExpiresInSeconds", _URL_SECONDS)
        session = request.get("SessionExpirationDurationInSeconds", _SESSION_SECONDS)
        return {"AuthorizedUrl": self.sign_in.url(request["Arn"], expires, session)}

    def close(self) -> None:
        """End the servers; what they recorded is on disk."""
        with self._lock:
            servers = list(self._servers.values())
        for server in servers:
            server.stop()

    def _found(self, arn: str) -> dict[str, Any]:
        if arn not in self._apps:
            raise ResourceNotFound(f"MlflowApp {arn} does not exist.")
        return self._apps[arn]

    def _check(self, app: Request, arn: str) -> None:
        host = self.service.host
        credentials = assume_role(host, app["RoleArn"], "mlflow-app", arn)
        store = artifact_store.existing(host, app["ArtifactStoreUri"])
        require_permissions(host, credentials, artifact_store.permissions(store))
