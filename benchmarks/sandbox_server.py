"""The start-up time of the sandbox's server, and its memory idle and after fifty jobs.

    python -m benchmarks.sandbox_server [--repeats N] [--jobs N]

A job is a processing job of one line of Python, two at a time. Start-up is measured around `python -m sandbox up`,
which returns when the server answers; memory is the server's resident memory after its jobs have ended.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from benchmarks.conditions import Conditions
from benchmarks.endpoint import make_role
from benchmarks.results import write
from benchmarks.running import client, sandbox

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.21.0-cpu-py312"
AT_ONCE = 2
MEGABYTE = 2**20


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description="Start-up time and memory of the sandbox's server.")
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--jobs", type=int, default=50)
    options = arguments.parse_args()
    with Conditions() as conditions:
        runs = [measure(options.jobs) for _ in range(options.repeats)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print(f"start       {medians['start_seconds']:6.2f} s, {medians['start_cpu_seconds']:.2f} s CPU")
    print(f"idle        {medians['idle_megabytes']:6.0f} MB")
    spent = f"{medians['jobs_seconds']:.1f} s, {medians['jobs_cpu_seconds']:.1f} s CPU of the server"
    print(f"{options.jobs} jobs     {medians['after_jobs_megabytes']:6.0f} MB after {spent}")
    write("sandbox_server", {"runs": runs, "medians": medians}, conditions)


def measure(jobs: int) -> dict[str, float]:
    """Measure one new sandbox."""
    with tempfile.TemporaryDirectory(prefix="slipway-sandbox-") as name:
        home, began = Path(name) / "home", time.perf_counter()
        with sandbox(home) as port:
            started = time.perf_counter() - began
            server = psutil.Process(json.loads((home / "server.json").read_text())["pid"])
            client("sts", port).get_caller_identity()
            start_cpu = _cpu_seconds(server)
            idle, began = server.memory_info().rss, time.perf_counter()
            run_jobs(port, jobs)
            seconds = time.perf_counter() - began
            return {
                "start_seconds": started,
                "start_cpu_seconds": start_cpu,
                "idle_megabytes": idle / MEGABYTE,
                "jobs_seconds": seconds,
                "jobs_cpu_seconds": _cpu_seconds(server) - start_cpu,
                "after_jobs_megabytes": server.memory_info().rss / MEGABYTE,
            }


def _cpu_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def run_jobs(port: int, jobs: int) -> None:
    """Run jobs to their end. Exits if one fails."""
    role = make_role(port, "jobs", {"Service": "sagemaker.amazonaws.com"}, "*")
    requests = _requests(role, jobs)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda request: _run(client("sagemaker", port), request), requests))


def _requests(role: str, jobs: int) -> Iterator[dict[str, Any]]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    for number in range(jobs):
        yield {
            "ProcessingJobName": f"benchmark-{number}",
            "RoleArn": role,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", "print('done')"]},
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        }


def _run(sagemaker: Any, request: dict[str, Any]) -> None:
    sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]
    while (found := sagemaker.describe_processing_job(ProcessingJobName=name))["ProcessingJobStatus"] == "InProgress":
        time.sleep(0.05)
    if found["ProcessingJobStatus"] != "Completed":
        raise SystemExit(f"{name} is {found['ProcessingJobStatus']}: {found.get('FailureReason')}")


if __name__ == "__main__":
    main()
