"""The cost of an interruption: repeated training against the interval and time of checkpoints.

    python -m benchmarks.work_lost [--kills N] [--intervals 1 5 15]

A digits-cnn job is killed (SIGKILL: it saves nothing) at seeded random moments, and started again with its checkpoints,
as the next candidate of the ladder is. The steps between the last reported one and the one from which the next job
resumes are lost. With SIGTERM, which spot sends two minutes before the end, nothing is lost. The time of a checkpoint
is measured separately, on the same variables.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.conditions import Conditions
from benchmarks.results import write
from benchmarks.training_jobs import lay_out, metrics, prepare_mnist, received, start

RATE, LOSS = "train:examples_per_second", "train:loss"
BATCH = 128
SAVES = 20


def losses(prepared: Path, interval: float, kills: int, seed: int) -> list[dict[str, float]]:
    """For each kill the repeated steps and seconds, and the seconds of the new start."""
    moments, found = random.Random(seed), []
    with tempfile.TemporaryDirectory() as folder:
        base, reached, killed_at = Path(folder), 0, 0.0
        lay_out(base, prepared, epochs=100, batch_size=BATCH, precision="float32", checkpoint_seconds=interval)
        for kill in range(kills + 1):
            process = start(base)
            assert process.stdout
            try:
                went_on = _step_gone_on_from(process.stdout)
                if kill:
                    start_up = time.monotonic() - killed_at
                    found.append({"steps": reached - went_on, "start_up_seconds": start_up})
                reached, rates = _train_until(process.stdout, moments.uniform(interval, 2 * interval) + 3)
                if kill:
                    found[-1]["seconds"] = found[-1]["steps"] * BATCH / statistics.median(rates)
            finally:
                process.kill()
                process.wait()
                killed_at = time.monotonic()
    return found


def _step_gone_on_from(lines: Any) -> int:
    for line in lines:
        if line.startswith("training from step "):
            return int(line.split()[3])
    raise SystemExit("The job ended before it trained.")


def _train_until(lines: Any, seconds: float) -> tuple[int, list[float]]:
    """The last step reported within `seconds`, and the rates."""
    deadline, reached, rates = time.monotonic() + seconds, 0, []
    for name, value, step in metrics(lines):
        reached = step
        if name == RATE:
            rates.append(value)
        if time.monotonic() > deadline:
            break
    return reached, rates[2:] or rates


def checkpoint_seconds(prepared: Path) -> float:
    """The median time of one checkpoint of digits-cnn."""
    from training.common.cluster import Cluster
    from training.common.container import Container
    from training.common.interruption import Interruption
    from training.common.manifest import Manifest
    from training.common.training_job import SPLITS, Job
    from training.digits_cnn.algorithm import Settings
    from training.digits_cnn.run import DigitsRun

    with tempfile.TemporaryDirectory() as folder:
        folders = {split: prepared / split for split in SPLITS}
        manifests = {split: Manifest.read(path) for split, path in folders.items()}
        settings = Settings.parse(received("digits_cnn", precision="float32"))
        container = Container(Path(folder))
        run = DigitsRun(Job(container, settings, folders, manifests, Interruption(), Cluster()))
        samples = []
        for step in range(SAVES):
            began = time.perf_counter()
            run.loop.checkpoints.save(step)
            samples.append(time.perf_counter() - began)
    return statistics.median(samples)


def main() -> None:
    """Print the table and write it to build/benchmarks/."""
    parser = argparse.ArgumentParser(description="Training repeated after a kill, against the checkpoint interval.")
    parser.add_argument("--kills", type=int, default=3, help="How often the job of each interval is killed.")
    parser.add_argument("--intervals", type=float, nargs="+", default=[1, 5, 15], help="Seconds between checkpoints.")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with Conditions() as conditions, tempfile.TemporaryDirectory() as folder:
        prepared = prepare_mnist(Path(folder))
        price = checkpoint_seconds(prepared)
        print(f"one checkpoint: {price * 1000:.0f} ms", flush=True)
        for interval in arguments.intervals:
            lost = losses(prepared, interval, arguments.kills, seed=int(interval))
            again = [each["seconds"] for each in lost]
            up = statistics.median(each["start_up_seconds"] for each in lost)
            rows.append({"interval_seconds": interval, "repeated_seconds": again, "start_up_seconds": up})
            words = f"repeated {statistics.mean(again):.1f} s on average ({', '.join(f'{each:.1f}' for each in again)})"
            print(f"every {interval:g} s: {words}, a new start {up:.0f} s", flush=True)
    for row in rows:
        share = price / row["interval_seconds"]
        row["checkpoint_share"] = share
        print(f"every {row['interval_seconds']:g} s: checkpoints are {conditions.percent(share, 1)} of the time")
    write("work_lost", {"checkpoint_seconds": price, "rows": rows}, conditions)


if __name__ == "__main__":
    main()
