"""The container's environment variables: every one that AWS's own code reads is in one of three tables.

Other variables are the archive's own, and reach its code. Source: aws/deep-learning-containers,
scripts/docker/tensorflow/inference/sagemaker (serve.py, tfs_utils.py, python_service.py), image 2.20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_PREFIX = "SAGEMAKER_"
HONOURED = frozenset(
    {
        "OMP_NUM_THREADS",
        "SAGEMAKER_GUNICORN_TIMEOUT_SECONDS",
        "SAGEMAKER_NGINX_PROXY_READ_TIMEOUT_SECONDS",
        "SAGEMAKER_SAFE_PORT_RANGE",
        "SAGEMAKER_TFS_DEFAULT_MODEL_NAME",
        "SAGEMAKER_TFS_INTER_OP_PARALLELISM",
        "SAGEMAKER_TFS_INTRA_OP_PARALLELISM",
        "SAGEMAKER_TFS_WAIT_TIME_SECONDS",
    }
)
WITHOUT_EFFECT: Mapping[str, str] = {
    "SAGEMAKER_BATCH": "it sets the queue of batching",
    "SAGEMAKER_GUNICORN_LOGLEVEL": "there is no gunicorn to log",
    "SAGEMAKER_GUNICORN_THREADS": "gevent's workers have no threads",
    "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS": "batching is off",
    "SAGEMAKER_TFS_FRACTIONAL_GPU_MEM_MARGIN": "there is no GPU",
    "SAGEMAKER_TFS_MAX_BATCH_SIZE": "batching is off",
    "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES": "batching is off",
    "SAGEMAKER_TFS_NGINX_LOGLEVEL": "there is no nginx to log",
    "SAGEMAKER_TFS_NUM_BATCH_THREADS": "batching is off",
}
ONLY: Mapping[str, str] = {
    "SAGEMAKER_BIND_TO_PORT": "8080",
    "SAGEMAKER_GUNICORN_WORKERS": "1",
    "SAGEMAKER_GUNICORN_WORKER_CLASS": "gevent",
    "SAGEMAKER_MULTI_MODEL": "false",
    "SAGEMAKER_MULTI_MODEL_UNIVERSAL_BUCKET": "",
    "SAGEMAKER_MULTI_MODEL_UNIVERSAL_PREFIX": "",
    "SAGEMAKER_TFS_ENABLE_BATCHING": "false",
    "SAGEMAKER_TFS_INSTANCE_COUNT": "1",
}
"""Variables with the one value that is implemented, which is the container's default."""


def unimplemented(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that the model server cannot honour."""
    return list(_unimplemented(environment))


def _unimplemented(environment: Mapping[str, str]) -> Iterator[str]:
    for name, only in ONLY.items():
        found = environment.get(name, only)
        if found.lower() != only:
            instead = f", or write {only}" if only else ""
            yield f"{name}={found} is not implemented by the sandbox's model server: leave it out{instead}"


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
        if faults := unimplemented(environment):
            raise Unservable("; ".join(faults))
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
