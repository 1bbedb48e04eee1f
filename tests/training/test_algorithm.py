"""A job writes the metrics that its algorithm declares, and no others."""

from __future__ import annotations

import math

import pytest

from training.common.algorithm import ERROR, LOSS, SHARE, Algorithm, Metric
from training.common.errors import JobError
from training.common.metrics import History
from training.common.run_settings import RunSettings

ALGORITHM = Algorithm(
    hyperparameters=RunSettings,
    files=(("images",),),
    evaluation_metrics={"accuracy": SHARE, "distance": LOSS, "gap": Metric()},
)
RIGHT = {"accuracy": 0.5, "distance": 3.0, "gap": -7.0}
REFUSED = {
    "undeclared": (RIGHT | {"acuracy": 0.5}, "acuracy is not declared"),
    "missing": ({"accuracy": 0.5, "gap": 0}, "distance is declared and was not written"),
    "percent": (RIGHT | {"accuracy": 99.0}, "accuracy is 99.0, and is declared as a number from 0 to 1"),
    "negative": (RIGHT | {"distance": -1.0}, "distance is -1.0, and is declared as a number of 0 or more"),
    "nan": (RIGHT | {"accuracy": math.nan}, "accuracy is nan, and is declared as a number from 0 to 1"),
    "infinite": (RIGHT | {"gap": math.inf}, "gap is inf, and is declared as a number"),
    "two": ({"accuracy": 2, "gap": 0}, "distance is declared and was not written; accuracy is 2, and is declared"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_metrics_are_not_written(case: str) -> None:
    written, sentence = REFUSED[case]
    with pytest.raises(JobError) as raised:
        ALGORITHM.require_written(written)
    assert str(raised.value).startswith(
        f"The evaluation's metrics differ from evaluation_metrics in algorithm.py: {sentence}"
    )


@pytest.mark.parametrize("accuracy", [0, 1, 0.5, 1 + 1e-9, -1e-9])
def test_the_declared_metrics_are_written(accuracy: float) -> None:
    ALGORITHM.require_written(RIGHT | {"accuracy": accuracy})


def test_an_undeclared_metric_is_not_emitted() -> None:
    history = History()
    history.require("anything")
    with history.declared({"train:loss": LOSS, "validation:error": ERROR}):
        history.require("train:loss")
        with pytest.raises(JobError, match=r"The metric train:los is not declared: add it to training_metrics in alg"):
            history.require("train:los")
    history.require("train:los")
