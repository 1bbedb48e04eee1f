"""`train --set NAME=VALUE`: values get the type that the model declares."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from operations.errors import BadInput
from operations.workflows.hyperparameters import overrides

MODEL = SimpleNamespace(
    name="digits-cnn",
    training=SimpleNamespace(hyperparameters={"epochs": 3, "peak": 0.003, "precision": "auto", "augment": True}),
)


def test_values_have_their_declared_types() -> None:
    assert overrides(MODEL, ["epochs=1", "peak=1e-3", "precision=a=b", "augment=false"]) == {
        "epochs": 1,
        "peak": 0.001,
        "precision": "a=b",
        "augment": False,
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epochs", "write NAME=VALUE, such as epochs=1"),
        ("epoch=1", r"has no hyperparameter 'epoch'; it has epochs, peak, precision, augment. Did you mean epochs\?"),
        ("=1", "has no hyperparameter ''"),
        ("epochs=1.5", "epochs is of type int in models/digits-cnn.toml, and '1.5' is none"),
        ("epochs=", "epochs is of type int"),
        ("peak=fast", "peak is of type float"),
        ("augment=True", "augment is of type bool"),
    ],
)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        overrides(MODEL, [text])


def test_all_that_is_refused_is_said_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        overrides(MODEL, ["epochs=x", "peak=1", "nope=1"])
    assert len(str(refused.value).splitlines()) == 2
