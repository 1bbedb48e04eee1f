"""One report and one comparison with everything that pages can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from operations.deployed.registry import PackageVersion
from operations.reports import comparison_page
from operations.reports.comparison import compare
from operations.workflows.artifacts import Evaluated
from pages import curves
from pages.markup import percent
from pages.page import render
from pages.run_files import RESUMED
from training.common.champion import Champion
from training.common.evaluation import Evaluation
from training.common.report import about_run, calibration, confusion, gate, mistakes
from training.common.report.calibration import Calibration
from training.common.report.facts import Facts
from training.common.report.mistakes import Mistake

CLASSES = ["T-shirt/top", "Trouser", "Ankle boot worn by a person with a long name"]
BEGAN = datetime(2026, 11, 24, 9, tzinfo=UTC)
TIMES = {"started": "2026-11-24T09:00:00Z", "ended": "2026-11-24T09:10:00Z", "seconds": 600}
JOB = TIMES | {"name": "m-train-0", "kind": "training", "status": "Completed", "instance_type": "ml.m5.xlarge"}
PAID = {"instance_count": 1, "purchase": "spot", "billable_seconds": 150, "usd_per_hour": 0.24, "interruptions": 1}
REFUSED = {"name": "", "status": "Refused", "started": None, "ended": None, "reason": "CapacityError: none left"}
EXECUTION: dict[str, Any] = {
    "execution": "arn:aws:states:eu-west-1:1:execution:m:7c4ef0d1-1fbf-4fd1-8936-4d3963f59133", "model": "clothes",
    "environment": "dev", "region": "eu-west-1", "commit": "ab" * 20 + "-dirty", "code": {"s3_uri": "s3://code/1.gz"},
    "data": {"dataset": "d", "raw": "s3://raw/", "prepared": "s3://p/", "fingerprint": "f1", "prepared_again": False},
    "hyperparameters": {"rate": "0.0020000000000000001", "word": "a", "seed": "7"}, "overrides": {"seed": 7},
    "gate": {"metric": "accuracy", "goal": "maximize", "threshold": 0.8, "tolerance": 0.002},
    "jobs": [JOB | PAID | REFUSED, JOB | PAID | {"reason": None}],
    "champion": {"version": "arn:aws:sagemaker:eu-west-1:1:model-package/m/4",
                 "value": 0.7, "again": "", "problem": ""},
    "search": {
        "job": "s", "strategy": "Bayesian", "objective": "validation:accuracy", "goal": "Maximize", "best": "t-2",
        "ranges": {"rate": {"min": 1e-4, "max": 1e-2, "scale": "log"}, "word": {"values": ["a", "bfloat16"]}},
        "trials": [
            {"job": f"t-{number}", "status": status, "objective": value, "seconds": 9,
             "hyperparameters": {"rate": "0.002", "word": "a"}}
            for number, status, value in ((1, "Completed", 0.8), (2, "Completed", 0.9), (3, "Failed", None))
        ],
    },
}  # fmt: skip
HISTORY = {
    "train:loss": [[step, 2 / step] for step in range(10, 200, 10)],
    "validation:loss": [[100, 0.2], [190, 0.1]],
    "validation:accuracy": [[100, 0.8], [190, 0.9]],
    RESUMED: [[50, 1]],
}
SPLITS = {"splits": {"train": {"records": 30, "classes": dict.fromkeys(CLASSES, 10), "shards": []}}, "licence": "MIT"}


def report(folder: Path) -> Path:
    """A report with every section of a classifier."""
    truths, predictions = np.repeat([0, 1, 2], 60), np.repeat([0, 1, 2, 0], [60, 50, 60, 10])
    right = truths == predictions
    evaluation, facts = Evaluation.of(truths, predictions, 3), Facts(EXECUTION, HISTORY, SPLITS)
    measured, shares = evaluation.metrics(), evaluation.shares()
    shown = {name: (name, percent) for name in measured}
    wrong = [Mistake(np.zeros((28, 28), np.uint8), CLASSES[0], CLASSES[2], 0.987)]
    probabilities = np.linspace(0.34, 1, 180)
    sections = [
        *about_run.compared(facts, measured, shares, Champion()),
        curves.section(facts.history),
        confusion.section(evaluation, CLASSES),
        mistakes.section(wrong, 10, 180),
        replace(mistakes.section([Mistake("A dull film.", "good", "bad", 0.9)], 1, 2), title="Worst texts"),
        calibration.section(
            Calibration.of(probabilities, right), {"bag of words": Calibration.of(probabilities, right)}
        ),
        *about_run.sections(facts),
    ]
    figures = [*gate.figures(measured, shown, EXECUTION["gate"], shares), *about_run.figures(facts)]
    page = render("clothes", "180 images of the test split", figures, sections, about_run.about(facts))
    return _written(folder / "report.html", page)


def large_report(folder: Path) -> Path:
    """A report of many classes with long names, by a month of the dearest instances."""
    names = [f"Ankle boot of class {number}, worn outdoors in winter" for number in range(30)]
    truths = np.arange(900) % 30
    evaluation = Evaluation.of(truths, np.where(truths % 7, truths, (truths + 1) % 30), 30)
    dear = JOB | PAID | {"instance_count": 20, "billable_seconds": 28 * 86400, "usd_per_hour": 126.06, "reason": None}
    facts = Facts(EXECUTION | {"jobs": [dear]}, HISTORY, SPLITS)
    sections = [confusion.section(evaluation, names), *about_run.sections(facts)]
    page = render("clothes of thirty kinds", "", about_run.figures(facts), sections, about_run.about(facts))
    return _written(folder / "large.html", page)


def empty_report(folder: Path) -> Path:
    """The report of code that a person ran by hand."""
    facts = Facts()
    sections = [curves.section({}), *about_run.sections(facts)]
    return _written(folder / "empty.html", render("clothes by hand", "", [], sections, about_run.about(facts)))


def comparison(folder: Path) -> Path:
    """Two versions with differences of every kind, and much that is equal."""
    first = _evaluated(1, {"accuracy": 0.81, "f1": 0.8, "macro_precision_of_all_classes": 0.5}, EXECUTION)
    changed = {
        "hyperparameters": EXECUTION["hyperparameters"] | {"seed": "8"},
        "code": {"s3_uri": f"s3://{'code' * 30}"},
    }
    second = _evaluated(2, {"accuracy": 0.89, "f1": 0.79, "macro_precision_of_all_classes": 0.5}, EXECUTION | changed)
    return _written(folder / "comparison.html", comparison_page.page("dev", "clothes", compare(first, second)))


def _evaluated(number: int, metrics: dict[str, float], facts: dict[str, Any]) -> Evaluated:
    version = PackageVersion(number, f"arn:package/{number}", "PendingManualApproval", BEGAN)
    return Evaluated(f"arn:execution:m:{number}", BEGAN, version, metrics, {"accuracy": 500}, facts, HISTORY)


def _written(path: Path, page: str) -> Path:
    path.write_text(page, encoding="utf-8")
    return path
