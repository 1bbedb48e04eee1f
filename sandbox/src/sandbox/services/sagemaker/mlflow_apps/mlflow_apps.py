"""MLflow Apps: created, described, listed, updated, deleted, and opened in a browser.

An app is there at once; on AWS it is Creating for some minutes first. Its server starts when it is first asked.
Sources: SageMaker API Reference, "CreateMlflowApp"; Developer Guide, "Set up IAM permissions for MLflow Apps".
"""

from __future__ import annotations

import secrets
import string
import threading
from importlib.metadata import version
from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.frame.listing import Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.errors import ResourceNotFound
from sandbox.services.sagemaker.base.execution_roles import require_permissions
from sandbox.services.sagemaker.base.preconditions import assume_role
from sandbox.services.sagemaker.mlflow_apps import artifact_store
from sandbox.services.sagemaker.mlflow_apps.mlflow_server import MlflowServer
from sandbox.services.sagemaker.mlflow_apps.sign_in import SignIn

_SUMMARY = ("Arn", "Name", "Status", "CreationTime", "LastModifiedTime", "MlflowVersion")
_LISTING = Listing("Summaries", "Name", "Status", "Descending", _SUMMARY, filters=("Status", "MlflowVersion"))
_NO_REGISTRATION = {"ModelRegistrationMode": ("AutoModelRegistrationDisabled",)}
_URL_SECONDS, _SESSION_SECONDS = 300, 43200


class MlflowApps:
    """Apps by ARN. Each app's server keeps records in a database of their own."""

    def __init__(self, host: Host, tags: Tags) -> None:
        self._host = host
        self.sign_in = SignIn(host.url)
        missing = refusal("MlflowApp {key} does not exist.", ResourceNotFound)
        self.store = Store[str, dict[str, Any]](tags, itemgetter("Arn"), missing)
        self._lock = threading.Lock()
        self._servers: dict[str, MlflowServer] = {}

    def server(self, arn: str) -> MlflowServer:
        """The server of an app, which may have to start yet. Raises ResourceNotFound."""
        with self._lock:
            app = self.store.find(arn)
            if arn not in self._servers:
                self._servers[arn] = MlflowServer(self._host, arn, app["RoleArn"], app["ArtifactStoreUri"])
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
        arn = self._host.arn("sagemaker", "mlflow-app/app-" + "".join(secrets.choice(letters) for _ in range(12)))
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
        self.store.add(arn, app, tags)
        return {"Arn": arn}

    @operation(accepts={"Arn"})
    def describe_mlflow_app(self, request: Request) -> Response:
        return self.store.find(request["Arn"])

    @operation(
        accepts={
            *("CreatedAfter", "CreatedBefore", "Status", "MlflowVersion", "SortBy", "SortOrder"),
            *("NextToken", "MaxResults"),
        }
    )
    def list_mlflow_apps(self, request: Request) -> Response:
        return _LISTING.page(self.store.all(), request)

    @operation(
        accepts={"Arn", "Name", "ArtifactStoreUri", "ModelRegistrationMode", "WeeklyMaintenanceWindowStart"},
        only=_NO_REGISTRATION,
    )
    def update_mlflow_app(self, request: Request) -> Response:
        """Change what the request names. A new artifact store is for experiments made from then on."""
        arn = request.pop("Arn")
        app = {**self.store.find(arn), **request, "Status": "Updated", "LastModifiedTime": now()}
        self._check(app, arn)
        with self._lock:
            self.store.change(arn, lambda _: app)
            former = self._servers.pop(arn, None)
        if former:
            former.stop()
        return {"Arn": arn}

    @operation(accepts={"Arn"})
    def delete_mlflow_app(self, request: Request) -> Response:
        """Delete an app with its records. The files in its artifact store stay."""
        arn = request["Arn"]
        server = self.server(arn)
        with self._lock:
            self.store.remove(arn)
            self._servers.pop(arn, None)
        server.stop()
        server.forget()
        return {"Arn": arn}

    @operation(accepts={"Arn", "ExpiresInSeconds", "SessionExpirationDurationInSeconds"})
    def create_presigned_mlflow_app_url(self, request: Request) -> Response:
        self.store.find(request["Arn"])
        expires = request.get("ExpiresInSeconds", _URL_SECONDS)
        session = request.get("SessionExpirationDurationInSeconds", _SESSION_SECONDS)
        return {"AuthorizedUrl": self.sign_in.url(request["Arn"], expires, session)}

    def close(self) -> None:
        """End the servers; what they recorded is on disk."""
        with self._lock:
            servers = list(self._servers.values())
        for server in servers:
            server.stop()

    def _check(self, app: Request, arn: str) -> None:
        """Raise ValidationException unless the app's role can be assumed and may use the artifact store."""
        credentials = assume_role(self._host, app["RoleArn"], "mlflow-app", arn)
        store = artifact_store.existing(self._host, app["ArtifactStoreUri"])
        require_permissions(self._host, credentials, artifact_store.permissions(store))
