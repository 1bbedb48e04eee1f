"""Executions at one moment each, with the logs of their jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from operations.workflows import job_log
from operations.workflows.executions import Execution
from operations.workflows.history import StateProgress
from operations.workflows.jobs import JobView
from operations.workflows.tuning_jobs import Search, Trial

START = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
NAME = "slipway-local-digits-cnn-train-1-0f3b2a91c4d5e6f7"
CNN = (
    "training from step 0 to 1290",
    "metric train:loss=0.0612 step=798",
    "progress step=800/1290 epoch=2/3 seconds_left=24 train:loss=0.0512043 train:examples_per_second=3821.44 "
    "validation:accuracy=0.9834 validation:loss=0.0577",
)
RESUMED = (
    "training from step 400 to 1290",
    "progress step=800/1290 epoch=2/3 seconds_left=97 resumed=400 train:loss=0.0512043 "
    "train:examples_per_second=3821.44 validation:accuracy=0.9834 validation:loss=0.0577",
)
GAN = (
    "progress step=3100/6456 epoch=4/8 seconds_left=185 train:discriminator_loss=0.6543 train:generator_loss=1.2345 "
    "train:examples_per_second=1180.2 validation:pixel_frechet=0.1234",
)
LSTM = (
    "progress step=300/660 epoch=3/5 seconds_left=31 train:loss=0.5511 train:examples_per_second=812.9 "
    "validation:accuracy=0.7434 validation:loss=0.5412",
)
OWN_CODE = ("epoch 2 of 3", "metric accuracy=0.91 step=2", "reading the next shard")
TAKEN = "The managed spot training instances were interrupted"


def _at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def _task(name: str, entered: float, left: float | None = None, **more: object) -> StateProgress:
    return StateProgress(name, "Task", _at(entered), None if left is None else _at(left), **more)  # type: ignore[arg-type]


BEFORE = (
    _task("Find the data set", 0, 0.3),
    StateProgress("Is it prepared?", "Choice", _at(0.3), _at(0.3)),
    _task("Prepare", 0.4, 9.5),
    _task("Note what was prepared", 9.5, 9.9),
)
TRAIN = _task("Train 0: ml.m5.xlarge spot", 10)


def _running(*states: StateProgress, job: JobView | None = None) -> Execution:
    # It stands still: an execution that runs is as old as the clock says.
    return Execution("arn:x", "RUNNING", START, _at(41.3), None, None, None, (*BEFORE, *states), job)


def _training(*lines: str, phase: str = "", interruptions: int = 0) -> Execution:
    log = job_log.read(lines)
    return _running(TRAIN, job=JobView(NAME, "Training", phase, interruptions, log))


def _trial(number: int, status: str, rate: str, objective: float | None = None, *lines: str) -> Trial:
    values = {"peak_learning_rate": rate, "dropout": "0.2113", "precision": '"auto"'}
    return Trial(number, f"search-{number:03d}", status, values, objective, job_log.read(lines))


BEST = _trial(1, "Completed", "0.01234567", 0.9712)
TRIALS = (
    BEST,
    _trial(2, "Completed", "0.0021", 0.9433),
    _trial(3, "InProgress", "0.0405", None, "progress step=60/107 epoch=1/1 seconds_left=3 train:loss=0.31"),
    _trial(4, "Failed", "0.05"),
    _trial(5, "InProgress", "0.0099"),
)
SEARCH = Search("validation:accuracy", 3, 1, 6, BEST, TRIALS)
_LOST = "SageMaker.SpotInterrupted: The job waited for instances longer than MaxWaitTimeInSeconds, 7200 s"
_ENDED = replace(_running(), stopped=_at(98))

EXECUTIONS = {
    "between jobs": _running(_task("Read the metrics", 40)),
    "a job that waits for its instances": _training(phase="Preparing the instances for training"),
    "a job before its first step": _training("train: 55000 records, validation: 5000 records", "importing TensorFlow"),
    "a classifier": _training(*CNN),
    "a text classifier": _training(*LSTM),
    "a generative model": _training(*GAN),
    "a spot interruption": _training(*CNN, phase=TAKEN, interruptions=1),
    "after an interruption, before the first step": _training("importing TensorFlow", interruptions=1),
    "resumed from a checkpoint": _training(*RESUMED, interruptions=1),
    "interrupted before its first checkpoint": _training(*CNN, interruptions=2),
    "another candidate, once more": _running(
        replace(TRAIN, left=_at(30), error=_LOST),
        _task("Train 1: ml.m5.xlarge on-demand", 30, visits=2),
        job=JobView(NAME, "Training", log=job_log.read(RESUMED)),
    ),
    "code without progress lines": _training(*OWN_CODE),
    "a processing job": _running(
        _task("Evaluate", 30),
        job=JobView(NAME, "Processing", log=job_log.read(["progress train_records=20000/55000 seconds_left=4"])),
    ),
    "a search": _running(_task("Search hyperparameters", 10), job=JobView("search", "Tuning", search=SEARCH)),
    "succeeded": replace(
        _ENDED, status="SUCCEEDED", states=(*BEFORE, replace(TRAIN, left=_at(91)), _task("Register", 91, 91.2))
    ),
    "failed": replace(_ENDED, status="FAILED", states=(*BEFORE, replace(TRAIN, error="TrainingFailed: no such class"))),
}
