"""`train --set NAME=VALUE`: values of the model's table, and what the job would refuse in the job's words."""

from __future__ import annotations

import pytest
from outcome import ROOT

from operations.errors import BadInput
from operations.workflows.hyperparameters import overrides
from specs.training_code import read_hyperparameters

TABLE = read_hyperparameters(ROOT, "digits_cnn")


def test_values_have_the_types_of_the_table() -> None:
    given = overrides(TABLE, ["epochs=1", "batch_size=32", "peak_learning_rate=1e-3", "precision=auto"])
    assert given == {"epochs": 1.0, "batch_size": 32, "peak_learning_rate": 0.001, "precision": "auto"}
    assert [type(value) for value in given.values()] == [float, int, float, str]


REFUSED: dict[str, str] = {
    "epochs": "write NAME=VALUE, such as epochs=1",
    "epoch=1": "there is no hyperparameter epoch (did you mean epochs?)",
    "=1": "there is no hyperparameter  (the known ones are batch_size, beta_2, checkpoint_seconds,",
    "epochs=0": "epochs is '0', and must be a number from 0.001 to 100",
    "epochs=": "epochs is '', and must be a number from 0.001 to 100",
    "epochs=nan": "epochs is 'nan', and must be a number from 0.001 to 100",
    "batch_size=1.5": "batch_size is '1.5', and must be a whole number from 1 to 8192",
    "dropout=0.99": "dropout is '0.99', and must be a number from 0 to 0.95",
    "precision=a=b": "precision is 'a=b', and must be one of auto, float32, bfloat16, float16",
}


@pytest.mark.parametrize("text", REFUSED)
def test_an_assignment_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        overrides(TABLE, [text])
    assert str(raised.value).startswith(f"--set {text}: {REFUSED[text]}")


def test_all_that_is_refused_is_said_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        overrides(TABLE, ["epochs=x", "dropout=0.1", "nope=1"])
    assert len(str(refused.value).splitlines()) == 2


def test_one_hyperparameter_has_one_value() -> None:
    with pytest.raises(BadInput, match=r"^--set epochs=…: epochs is given twice\. Leave out all but one\.$"):
        overrides(TABLE, ["epochs=1", "seed=1", "epochs=2"])
