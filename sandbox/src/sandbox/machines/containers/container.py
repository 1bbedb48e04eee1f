"""A job's container: a folder in place of /opt/ml, a command, an environment.

Without Docker, the job's own folder is mounted at /opt/ml for its processes alone. A machine that permits no such mount
gets the next best: /opt/ml is rewritten to the folder wherever the request names it, and SAGEMAKER_BASE_DIR names the
folder to the code. The image itself is not used: `python3` is the sandbox's interpreter, or the one in
SANDBOX_JOB_PYTHON, with the packages that the image holds (own_packages.py).
Source: AWS, "How Amazon SageMaker AI Provides Training Information" and "How Amazon SageMaker Processing Configures
Input and Output For Your Processing Container".
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.machines.containers import script_mode
from sandbox.machines.containers.own_packages import make_environment, search_path
from sandbox.machines.containers.private_mounts import can_mount_over

ROOT = "/opt/ml"
_NEEDS_QUOTES = re.compile(r"[^\w./+@%,:-]", re.ASCII)
_ROOT_IN_TEXT = re.compile(r"(?<![\w./-])/opt/ml(?![\w.-])")
_SCRIPTS_OF_THE_SDK = re.compile(r"/opt/ml/(input/data/sm_drivers|processing/input/entrypoint)/")
"""The shell scripts of the SageMaker Python SDK's ModelTrainer and FrameworkProcessor, which name /opt/ml themselves
(sagemaker.train.constants, sagemaker.core.processing)."""


@dataclass(frozen=True)
class Container:
    """The folder of one job, in the place of /opt/ml."""

    base: pathlib.Path

    def path(self, *parts: str) -> pathlib.Path:
        """A path below the base, its folder created: path("input", "config")."""
        folder = self.base.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def _python(self) -> pathlib.Path:
        return self.base.with_name(f"{self.base.name}-python")

    def make_python(self, image: str) -> None:
        """Make the Python that is the container's alone, with the packages of its image."""
        make_environment(self._python, image)

    @property
    def interpreter(self) -> pathlib.Path:
        """The Python that is the container's alone."""
        return self._python / "bin" / "python3"

    def remove(self) -> None:
        """Remove the folder and the Python."""
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.rmtree(self._python, ignore_errors=True)

    @property
    def mounts(self) -> dict[str, pathlib.Path]:
        """The folder, by its place for its processes; empty where the machine permits none."""
        return {ROOT: self.base} if can_mount_over(ROOT) else {}

    @property
    def root(self) -> str:
        """The path by which its processes know the folder: /opt/ml, where the machine permits that."""
        return ROOT if can_mount_over(ROOT) else str(self.base)

    def rewrite(self, text: str) -> str:
        """Replace /opt/ml by the root, wherever a path in a text starts with it."""
        return _ROOT_IN_TEXT.sub(lambda _: self.root, text)

    def local(self, path: str) -> pathlib.Path:
        """The folder on this machine for a LocalPath of the request, created."""
        return self.path(*pathlib.PurePosixPath(path).relative_to(ROOT).parts)

    def command(self, specification: Mapping[str, Any]) -> list[str]:
        """The entry point and its arguments; the image's own if the specification has none."""
        if "ContainerEntrypoint" not in specification:
            return script_mode.COMMAND
        words = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
        return [self.rewrite(word) for word in words]

    def environment(self, host: Host, credentials: Credentials, extra: Mapping[str, str]) -> dict[str, str]:
        """The complete environment of the process; it inherits nothing from the sandbox."""
        return {
            **self.isolated_environment(host, extra),
            "AWS_ENDPOINT_URL": host.url,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            **({"AWS_SESSION_TOKEN": credentials.session_token} if credentials.session_token else {}),
            **{name: self.rewrite(value) for name, value in extra.items()},
        }

    def isolated_environment(self, host: Host, extra: Mapping[str, str]) -> dict[str, str]:
        """The environment without credentials, and without an AWS to use them on."""
        return {
            "PATH": search_path(self._python),
            "HOME": str(self.base),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "SAGEMAKER_BASE_DIR": self.root,
            "AWS_REGION": host.region,
            "AWS_DEFAULT_REGION": host.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **{name: self.rewrite(value) for name, value in extra.items()},
        }

    def write_json(self, content: Any, *parts: str) -> None:
        """Write a configuration file: write_json({...}, "input", "config", "hyperparameters.json")."""
        folder = self.path(*parts[:-1])
        (folder / parts[-1]).write_text(json.dumps(content, default=str))


def shell_safe(folder: pathlib.Path) -> pathlib.Path:
    """The folder by a path that needs no quotes, for entry points in shell.

    For a checkout below "My Documents" this is a link in /tmp.
    """
    if not _NEEDS_QUOTES.search(str(folder)):
        return folder
    link = pathlib.Path("/tmp") / f"sandbox-{os.getuid()}-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    if not (link.is_symlink() and link.readlink() == folder):
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    return link


def require_entry_point(operation: str, member: str, specification: Mapping[str, Any]) -> None:
    """Raise ValidationException for a job without an entry point of its own."""
    if not specification.get("ContainerEntrypoint"):
        raise ValidationException(
            f"the sandbox runs no container images, so it needs an entry point: give {operation}.{member}."
            "ContainerEntrypoint, such as ['python3', '/opt/ml/processing/input/code/main.py']"
        )


def require_runnable(specification: Mapping[str, Any]) -> None:
    """Raise ValidationException for a script that needs /opt/ml on a machine without mounts."""
    words = [*specification.get("ContainerEntrypoint", []), *specification.get("ContainerArguments", [])]
    script = next((word for word in words if _SCRIPTS_OF_THE_SDK.search(word)), None)
    if script is not None and not can_mount_over(ROOT):
        raise ValidationException(
            f"the sandbox cannot run '{script}': the SageMaker SDK's script names {ROOT}, and this machine permits no "
            f"mount namespace, in which the job could have a {ROOT} of its own. Permit unprivileged user namespaces "
            "(Linux: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; in Docker, run with --privileged), or "
            "give an entry point that reads the folder from SAGEMAKER_BASE_DIR"
        )


def require_local_path(path: str, root: str) -> None:
    """Raise ValidationException for a LocalPath outside the folder that AWS allows."""
    parts = pathlib.PurePosixPath(path).parts
    if ".." in parts or not path.startswith(root + "/"):
        raise ValidationException(f"LocalPath '{path}' must be an absolute path that begins with {root}/")
