"""The end of a release, held against what serves: a success is a version in service."""

from __future__ import annotations

from operations.aws.connection import Connection
from operations.deployed.registry import PackageVersion
from operations.environment.situations import situation
from operations.environment.state import look
from operations.errors import Failed
from operations.workflows.executions import Execution
from specs import ModelSpec


def require_in_service(connection: Connection, model: ModelSpec, package: PackageVersion, release: Execution) -> None:
    """Require that a release succeeded, and that its version serves. Raises ``Failed`` with the situation.

    An execution may succeed and release nothing: overtaken by another one, or no longer approved.
    """
    state = look(connection, model)
    if release.succeeded and state.serves == package.version:
        return
    if release.succeeded:
        happened = f"The release changed nothing: version {package.version} does not serve."
    else:
        happened = f"The release of version {package.version} ended as {release.status}: {release.reason}"
    raise Failed(f"{happened}\n{situation(state).text()}")
