"""The distributions of AWS's TensorFlow image around a script: TF_CONFIG, and this host's parameter server.

Run with the script's command, in its environment. It imports only the standard library.
Source: sagemaker-tensorflow-training, `training.py`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from typing import Any, NoReturn

FIRST_PORT, BLOCKS, BLOCK = 20_000, 375, 32
"""TensorFlow listens on all addresses of a machine. So that hosts and jobs may share one, each job has a block of ports
by its name, and each host two of them. On AWS they are 2222 and 2223, and 8890 for workers alone."""
_SERVER = """
import json, sys, tensorflow as tf
without_gpu = tf.compat.v1.ConfigProto(device_count={"GPU": 0})
cluster = tf.train.ClusterSpec(json.loads(sys.argv[1]))
tf.distribute.Server(cluster, job_name="ps", task_index=int(sys.argv[2]), config=without_gpu).join()
"""
_POLL = 0.2


def main(command: list[str]) -> NoReturn:
    """Run the script's command, and end with its exit status."""
    job = json.loads(os.environ["SM_TRAINING_ENV"])
    hosts, settings = job["hosts"], job["additional_framework_parameters"]
    index = hosts.index(job["current_host"])
    tasks, servers = addresses(job["job_name"], hosts)
    if settings.get("sagemaker_parameter_server_enabled") and len(hosts) > 1:
        sys.exit(_with_parameter_server(tasks, servers, index, command))
    if settings.get("sagemaker_multi_worker_mirrored_strategy_enabled"):
        _set_tf_config({"worker": tasks}, {"type": "worker", "index": index})
    os.execvp(command[0], command)


def addresses(job_name: str, hosts: list[str]) -> tuple[list[str], list[str]]:
    """The address of each host for its task, and that for its parameter server."""
    first = FIRST_PORT + BLOCK * (zlib.crc32(job_name.encode()) % BLOCKS)
    ports = [(host, first + 2 * number) for number, host in enumerate(hosts)]
    return [f"{host}:{port}" for host, port in ports], [f"{host}:{port + 1}" for host, port in ports]


def _with_parameter_server(tasks: list[str], servers: list[str], index: int, command: list[str]) -> int:
    """Serve parameters until the master has ended, also after this host's own script."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # the script gets it as well, and decides
    cluster = {"master": tasks[:1], "ps": servers, "worker": tasks[1:]}
    server = subprocess.Popen([sys.executable, "-c", _SERVER, json.dumps(cluster), str(index)])
    try:
        while not _listens(servers[index]):
            if server.poll() is not None:
                sys.exit(f"The parameter server ended with status {server.returncode}.")
            time.sleep(_POLL)
        _set_tf_config(cluster, {"type": "worker", "index": index - 1} if index else {"type": "master", "index": 0})
        status = subprocess.call(command)
        while index and _listens(tasks[0]):
            time.sleep(_POLL)
    finally:
        server.kill()
        server.wait()
    return status if status >= 0 else 128 - status


def _set_tf_config(cluster: dict[str, list[str]], task: dict[str, Any]) -> None:
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "environment": "cloud", "task": task})


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
