"""A newcomer's eight mistakes in one file, and their eight sentences."""

from __future__ import annotations

import pytest
from declared import CHECKOUT, Root

MODEL = "models/digits-cnn.toml"
# The right text, the mistake, the key, and what to write instead.
MISTAKES: tuple[tuple[str, str, str, str], ...] = (
    ("\nepochs = 4.0", "\nepocs = 4.0", "training.hyperparameters.epocs", "epochs = 4.0"),
    ("\nbeta_2 = 0.98", "\nbeta2 = 0.98", "training.hyperparameters.beta2", "beta_2 = 0.98"),
    ("\ndropout = 0.0", '\ndropout = "lots"', "training.hyperparameters.dropout", "0"),
    (
        "\npeak_learning_rate = 0.05",
        "\npeak_learning_rate = 10.0",
        "training.hyperparameters.peak_learning_rate",
        "1",
    ),
    ('metric = "accuracy"', 'metric = "acuracy"', "evaluation.metric", '"accuracy"'),
    ("threshold = 0.99", "threshold = 99", "evaluation.threshold", "0.99"),
    ('"image/png"', '"image/jpeg"', "serving.content_types[1]", '"image/png"'),
    ('package = "digits_cnn"', 'package = "digit_cnn"', "training.package", '"digits_cnn"'),
)


def test_eight_mistakes_are_eight_sentences(root: Root) -> None:
    text = (CHECKOUT / MODEL).read_text()
    for right, wrong, _, _ in MISTAKES:
        assert right in text
        text = text.replace(right, wrong, 1)
    root.write(MODEL, text.encode())
    expected = {key: (_place(text, wrong, key), write) for _, wrong, key, write in MISTAKES}
    found = root.problems()
    assert {problem.key: ((problem.line, problem.column), problem.write) for problem in found} == expected
    assert len(found) == len(MISTAKES)
    assert all(problem.received and problem.allowed for problem in found)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda row: row[2])
def test_each_mistake_alone_is_one_sentence(root: Root, mistake: tuple[str, str, str, str]) -> None:
    right, wrong, key, write = mistake
    problems = root.write(MODEL, (CHECKOUT / MODEL).read_text().replace(right, wrong, 1).encode()).problems()
    assert [(problem.key, problem.write) for problem in problems] == [(key, write)]


def _place(text: str, wrong: str, key: str) -> tuple[int, int]:
    """The line and column of a mistake: its key's, and in a list its item's."""
    start = text.index(wrong) + wrong.startswith("\n")
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
