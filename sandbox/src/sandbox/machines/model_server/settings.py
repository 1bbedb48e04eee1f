"""The container's environment variables: those that the model server honours, and those refused.

Variables that tune batching (MAX_BATCH_SIZE, ...) have no effect while it is off, those of GPUs, logs and gunicorn's
threads have none here: they are accepted and ignored. Source: serve.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PREFIX = "SAGEMAKER_"
_ONLY = {
    "SAGEMAKER_MULTI_MODEL": "false",
    "SAGEMAKER_TFS_ENABLE_BATCHING": "false",
    "SAGEMAKER_TFS_INSTANCE_COUNT": "1",
    "SAGEMAKER_GUNICORN_WORKERS": "1",
    "SAGEMAKER_GUNICORN_WORKER_CLASS": "gevent",
    "SAGEMAKER_MULTI_MODEL_UNIVERSAL_BUCKET": "",
    "SAGEMAKER_MULTI_MODEL_UNIVERSAL_PREFIX": "",
}


class Unservable(Exception):
    """When an archive or its environment cannot be served.

    The message says why and what to do.
    """


@dataclass(frozen=True)
class Settings:
    """The settings from the environment; times are in seconds.

    `wait_seconds` limits both the load and each call of a handler to TensorFlow Serving, `read_timeout` nginx's wait
    for an answer.
    """

    default_model_name: str | None
    wait_seconds: int
    read_timeout: int
    intra_op_threads: int
    inter_op_threads: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises Unservable for values that are not implemented."""
        if environment.get("SAGEMAKER_BIND_TO_PORT", "8080") != "8080":
            raise Unservable("SAGEMAKER_BIND_TO_PORT is set by SageMaker, which requests /ping there: unset it")
        for name, only in _ONLY.items():
            if environment.get(name, only).lower() != only:
                raise Unservable(
                    f"{name}={environment[name]} is not implemented by the sandbox's model server: unset it"
                    + (f", or {only}" if only else "")
                )
        _require_ports(environment.get("SAGEMAKER_SAFE_PORT_RANGE"))
        return cls(
            environment.get(f"{_PREFIX}TFS_DEFAULT_MODEL_NAME"),
            _number(environment, "TFS_WAIT_TIME_SECONDS", 60),
            max(
                _number(environment, "NGINX_PROXY_READ_TIMEOUT_SECONDS", 60),
                _number(environment, "GUNICORN_TIMEOUT_SECONDS", 30),
            ),
            _number(environment, "TFS_INTRA_OP_PARALLELISM", 0),
            _number(environment, "TFS_INTER_OP_PARALLELISM", 0),
        )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(_PREFIX + name, str(default))
    if not text.isdecimal():
        raise Unservable(f"{_PREFIX}{name} is '{text}', expected a number such as {default}")
    return int(text)


def _require_ports(text: str | None) -> None:
    """Require a range of at least two ports.

    The values are not used, since instances share a machine.
    """
    if text is None:
        return
    low, _, high = text.partition("-")
    if not (low.isdecimal() and high.isdecimal()):
        raise Unservable(f"SAGEMAKER_SAFE_PORT_RANGE is '{text}', expected two ports such as 9000-9999")
    if int(low) + 2 > int(high):
        raise Unservable(f"not enough ports available in SAGEMAKER_SAFE_PORT_RANGE ({text})")
