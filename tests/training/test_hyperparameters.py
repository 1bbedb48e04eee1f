"""Hyperparameters: all refusals and their messages."""

from __future__ import annotations

import pytest
from declared_values import received
from hypothesis import given
from hypothesis import strategies as st

from training.common.errors import JobError
from training.common.hyperparameters import table
from training.digits_cnn.algorithm import Settings

TABLE = table(Settings)
DECLARED = received("digits_cnn")

REFUSED = {
    ("epochs", "0"): "a number from 0.001 to 100",
    ("epochs", "101"): "a number from 0.001 to 100",
    ("epochs", "nan"): "a number from 0.001 to 100",
    ("epochs", "inf"): "a number from 0.001 to 100",
    ("epochs", ""): "a number from 0.001 to 100",
    ("batch_size", "0"): "a whole number from 1 to 8192",
    ("batch_size", "8193"): "a whole number from 1 to 8192",
    ("batch_size", "12.5"): "a whole number from 1 to 8192",
    ("batch_size", "many"): "a whole number from 1 to 8192",
    ("peak_learning_rate", "0"): "a number from 1e-06 to 1",
    ("peak_learning_rate", "2"): "a number from 1e-06 to 1",
    ("peak_learning_rate", "1e-3,"): "a number from 1e-06 to 1",
    ("warmup_fraction", "-0.1"): "a number from 0 to 1",
    ("warmup_fraction", "1.1"): "a number from 0 to 1",
    ("beta_2", "0.4"): "a number from 0.5 to 0.99999",
    ("beta_2", "1"): "a number from 0.5 to 0.99999",
    ("dropout", "-1"): "a number from 0 to 0.95",
    ("dropout", "1"): "a number from 0 to 0.95",
    ("shift", "-1"): "a whole number from 0 to 4",
    ("shift", "5"): "a whole number from 0 to 4",
    ("label_smoothing", "-0.1"): "a number from 0 to 0.5",
    ("label_smoothing", "0.6"): "a number from 0 to 0.5",
    ("seed", "-1"): "a whole number from 0 to 2147483647",
    ("seed", "2147483648"): "a whole number from 0 to 2147483647",
    ("precision", "half"): "one of auto, float32, bfloat16, float16",
    ("precision", "Float32"): "one of auto, float32, bfloat16, float16",
    ("checkpoint_seconds", "-1"): "a number from 0 to 3600",
    ("checkpoint_seconds", "3601"): "a number from 0 to 3600",
}


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_value_out_of_its_range_is_refused(name: str, text: str) -> None:
    with pytest.raises(JobError) as raised:
        Settings.parse(DECLARED | {name: text})
    expected = f"The hyperparameters cannot be used: {name} is {text!r}, and must be {REFUSED[name, text]}."
    assert str(raised.value) == expected


def test_every_hyperparameter_has_a_refused_value() -> None:
    assert {name for name, _ in REFUSED} == set(TABLE)


def test_all_faults_are_told_at_once_and_the_nearest_name_is_suggested() -> None:
    with pytest.raises(JobError) as raised:
        Settings.parse(DECLARED | {"epoch": "3", "batch_size": "x", "zzz": "1"})
    assert str(raised.value) == (
        "The hyperparameters cannot be used: there is no hyperparameter epoch (did you mean epochs?); there is no "
        "hyperparameter zzz (the known ones are batch_size, beta_2, checkpoint_seconds, dropout, epochs, "
        "label_smoothing, peak_learning_rate, precision, seed, shift, warmup_fraction); batch_size is 'x', and must be "
        "a whole number from 1 to 8192."
    )


def test_a_hyperparameter_without_a_value_is_refused() -> None:
    received_without = {name: text for name, text in DECLARED.items() if name not in ("seed", "dropout")}
    with pytest.raises(JobError) as raised:
        Settings.parse(received_without)
    assert str(raised.value) == (
        "The hyperparameters cannot be used: seed is missing, and must be a whole number from 0 to 2147483647; dropout "
        "is missing, and must be a number from 0 to 0.95."
    )


def test_strings_become_values() -> None:
    of_a_trial = {"_tuning_objective_metric": "validation:accuracy", "model_dir": "/opt/ml/model"}
    of_script_mode = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "/opt/ml/input/data/code/1.gz"}
    settings = Settings.parse(DECLARED | {"epochs": " 2", "batch_size": "64", **of_a_trial, **of_script_mode})
    assert (settings.epochs, settings.batch_size, settings.precision) == (2.0, 64, "auto")


@given(name=st.sampled_from(sorted(TABLE)), text=st.text())
def test_no_text_gives_anything_but_a_value_or_a_sentence(name: str, text: str) -> None:
    try:
        Settings.parse(DECLARED | {name: text})
        sentence = ""
    except JobError as error:
        sentence = str(error)
    assert sentence == "" or sentence.startswith(f"The hyperparameters cannot be used: {name} is ")
