"""The settings of a sandbox: folder, port, and the environment for its clients."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.frame.host import ACCOUNT, REGION, TIME_SCALE

SAGEMAKER_SDK = Path(__file__).with_name("sagemaker_sdk.yaml")
"""The configuration of the SageMaker Python SDK; its variable is read even by sessions that name no file."""

ALWAYS_FOREIGN = frozenset({"AWS_PROFILE", "AWS_ROLE_ARN", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE"})
"""Variables to unset in a shell, even if they are set only later and the same lines are read again."""


class SettingsError(Exception):
    """When a variable of the environment has no usable value.

    The message says which, and what is allowed.
    """


@dataclass(frozen=True)
class Settings:
    """The folder, port and time scale of one sandbox; two can run side by side."""

    home: Path
    port: int
    time_scale: float = TIME_SCALE
    bound_to: int = 0
    """The process that the server does not outlive; 0 for none."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read ``SANDBOX_HOME`` (``.cache/sandbox``), ``SANDBOX_PORT`` (4566) and ``SANDBOX_TIME_SCALE`` (60).

        ``SANDBOX_BOUND_TO`` names no process by default. Raises ``SettingsError``.
        """
        home = Path(os.environ.get("SANDBOX_HOME") or ".cache/sandbox")
        if home.exists() and not home.is_dir():
            raise SettingsError(f"SANDBOX_HOME is '{home}', which is a file; name a folder")
        port = _port(os.environ.get("SANDBOX_PORT") or "4566")
        scale = _time_scale(os.environ.get("SANDBOX_TIME_SCALE"))
        return cls(home.resolve(), port, scale, _process(os.environ.get("SANDBOX_BOUND_TO")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid_file(self) -> Path:
        return self.home / "server.json"

    @property
    def lock_file(self) -> Path:
        """The file that the server locks while it runs."""
        return self.home / "lock"

    @property
    def state(self) -> Path:
        """The folder of the services' state: it survives ``down`` and a crash, and ``reset`` drops it."""
        return self.home / "state"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def access(self) -> Path:
        return self.home / "access.jsonl"

    def client_environment(self) -> dict[str, str]:
        """Variables that point AWS clients and CDK applications here, and away from real accounts."""
        tools = [Path(sys.prefix) / "bin", Path.cwd() / "node_modules" / ".bin"]
        ahead = [str(tool) for tool in tools if tool.is_dir()]  # in front, whatever a nested shell has put there
        others = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder not in ahead]
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(SAGEMAKER_SDK),
            "PATH": os.pathsep.join([*ahead, *others]),
        }

    def foreign_variables(self) -> list[str]:
        """The names of this process's other variables that lead an AWS client elsewhere."""
        found = {name for name in os.environ if name.startswith("AWS_")}
        return sorted(ALWAYS_FOREIGN | (found - self.client_environment().keys()))

    def without_foreign_aws(self) -> dict[str, str]:
        """This process's environment without variables for an AWS account, profile or endpoint."""
        return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}


def typed(command: str) -> str:
    """The line to type for one of the sandbox's commands: by this Python, which need not be first on the PATH."""
    python = Path(sys.prefix) / "bin" / "python"
    first = shutil.which("python")
    if first is not None and Path(first) == python:
        return f"python -m sandbox {command}"
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return f"{shlex.quote(str(shown))} -m sandbox {command}"


def _port(text: str) -> int:
    """Parse the number of a port. Raises ``SettingsError``."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise SettingsError(f"SANDBOX_PORT is '{text}', expected a port from 1 to 65535, such as 4566")
    return int(text)


def _process(text: str | None) -> int:
    """Parse the number of a process. Raises ``SettingsError``."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        raise SettingsError(f"SANDBOX_BOUND_TO is '{text}', expected the number of a process, such as $$ in a shell")
    return int(text)


def _time_scale(text: str | None) -> float:
    """Parse a positive number. Raises ``SettingsError``."""
    try:
        scale = float(text or TIME_SCALE)
    except ValueError:
        scale = 0.0
    if not 0 < scale < float("inf"):
        raise SettingsError(
            f"SANDBOX_TIME_SCALE is '{text}', expected a positive number such as 60: a minute on AWS is a second here"
        )
    return scale
