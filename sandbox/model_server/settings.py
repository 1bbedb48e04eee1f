"""The container's environment variables: which of them the model server honours, and which it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PREFIX = "SAGEMAKER_"
_REFUSED = {
    "SAGEMAKER_MULTI_MODEL": "false",
    "SAGEMAKER_TFS_ENABLE_BATCHING": "false",
    "SAGEMAKER_TFS_INSTANCE_COUNT": "1",
    "SAGEMAKER_GUNICORN_WORKERS": "1",
}


class Unservable(Exception):
    """When an archive or its environment cannot be served; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides. `wait_seconds` limits both the load and each call to TensorFlow Serving."""

    default_model_name: str | None
    wait_seconds: int
    intra_op_threads: int
    inter_op_threads: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises Unservable for a value that changes how the container serves, where that is not implemented."""
        for name, only in _REFUSED.items():
            if environment.get(name, only).lower() != only:
                raise Unservable(
                    f"{name}={environment[name]} is not implemented by the sandbox's model server: unset it, or {only}"
                )
        return cls(
            environment.get(f"{_PREFIX}TFS_DEFAULT_MODEL_NAME"),
            _number(environment, "TFS_WAIT_TIME_SECONDS", 60),
            _number(environment, "TFS_INTRA_OP_PARALLELISM", 0),
            _number(environment, "TFS_INTER_OP_PARALLELISM", 0),
        )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(_PREFIX + name, str(default))
    if not text.isdecimal():
        raise Unservable(f"{_PREFIX}{name} is '{text}', expected a number such as {default}")
    return int(text)
