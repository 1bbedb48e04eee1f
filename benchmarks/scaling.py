"""Images per second of digits-cnn's training on 1, 2 and 4 single-core workers.

    python -m benchmarks.scaling [--batch-size 512] [--repeats N]

Workers are processes with the files that SageMaker gives to the hosts of one job, each at its own loopback address,
under MultiWorkerMirroredStrategy. The global batch is the same for any number of workers (docs/decisions/0012): this is
strong scaling, the harder kind. A machine with two cores shows the efficiency of two workers; four share the two cores,
and their loss against two is the cost of the strategy itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.conditions import Conditions
from benchmarks.costs import of_ended_children
from benchmarks.results import write
from benchmarks.training_jobs import lay_out, metrics, prepare_mnist, start

WORKERS = (1, 2, 4)
RATE = "train:examples_per_second"
WARM_UP = 3
"""The first chunks are short, and trace the graph."""


@dataclass(frozen=True)
class Job:
    """One job: its median images per second, over chunks of about a second, and its CPU seconds with all workers."""

    rate: float
    cpu: float


def run(prepared: Path, workers: int, batch_size: int, epochs: float) -> Job:
    """Train once on so many workers."""
    cores = sorted(os.sched_getaffinity(0))
    hosts = tuple(f"127.0.1.{number + 1}" for number in range(workers))
    before = of_ended_children()
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        for number, host in enumerate(hosts):
            base = Path(folder) / host
            lay_out(base, prepared, hosts, host, epochs=epochs, batch_size=batch_size, precision="float32")
            processes.append(start(base, cores={cores[number % len(cores)]}))
        try:
            assert processes[0].stdout
            rates = [value for name, value, _ in metrics(processes[0].stdout) if name == RATE]
        finally:
            for process in processes:
                process.wait(60)
    if any(process.returncode for process in processes):
        raise SystemExit(f"A worker of {workers} failed with status {max(each.returncode for each in processes)}.")
    return Job(statistics.median(rates[WARM_UP:]), of_ended_children() - before)


def main() -> None:
    """Print the table and write it to build/benchmarks/."""
    parser = argparse.ArgumentParser(description="Images per second on 1, 2 and 4 workers.")
    parser.add_argument("--batch-size", type=int, default=512, help="The global batch.")
    parser.add_argument("--epochs", type=float, default=1.5)
    parser.add_argument("--repeats", type=int, default=1, help="Jobs for each number of workers; the medians count.")
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    with Conditions() as conditions, tempfile.TemporaryDirectory() as folder:
        prepared = prepare_mnist(Path(folder))
        jobs: dict[int, list[Job]] = {workers: [] for workers in WORKERS}
        for _ in range(arguments.repeats):
            for workers in WORKERS:
                jobs[workers].append(run(prepared, workers, arguments.batch_size, arguments.epochs))
    rows: list[dict[str, Any]] = []
    one = statistics.median(job.rate for job in jobs[1])
    for workers, measured in jobs.items():
        now, cpu = (statistics.median(getattr(job, name) for job in measured) for name in ("rate", "cpu"))
        faster, efficiency = now / one, now / one / min(workers, cores)
        rates = {"images_per_second": now, "speed_up": faster, "efficiency": efficiency}
        rows.append({"workers": workers, "cpu_seconds": cpu} | rates)
        words = f"{now:8.0f} images/s, {cpu:4.0f} s CPU   {conditions.times(faster, 2)}   "
        words += f"efficiency {conditions.percent(efficiency)} of the cores"
        print(f"{workers} worker{'s' * (workers > 1)}: {words}", flush=True)
    write("scaling", {"batch_size": arguments.batch_size, "rows": rows}, conditions)


if __name__ == "__main__":
    main()
