"""Hyperparameters and packages, which `load` refuses in the training code's words."""

from __future__ import annotations

from typing import Any

import pytest
from declared import ABSENT, CHECKOUT, Root

from specs import Problem, hyperparameter_text, load
from specs.words import either
from training.common.errors import JobError
from training.digits_cnn.algorithm import Settings

MODEL = "models/digits-cnn.toml"
DECLARED = ("training", "hyperparameters")
TUNING = ("training", "tuning")
RANGES = (*TUNING, "ranges")
DECLARATION = "import dataclasses\n\n\n@dataclasses.dataclass\n"
ALGORITHM = """
from training.common.algorithm import SHARE, Algorithm

ALGORITHM = Algorithm(hyperparameters=Settings, files=(("images",),), evaluation_metrics={"accuracy": SHARE})
"""
BATCH = "a whole number from 1 to 8192"


def only(root: Root) -> Problem:
    (problem,) = root.problems()
    return problem


# The key, its value, the sentence of the job, and what to write instead.
REFUSED: tuple[tuple[tuple[str | int, ...], Any, str, str], ...] = (
    ((*DECLARED, "epochs"), 0, "epochs is '0', and must be a number from 0.001 to 100", "0.001"),
    ((*DECLARED, "epochs"), 100.5, "epochs is '100.5', and must be a number from 0.001 to 100", "100"),
    ((*DECLARED, "epochs"), "many", "epochs is 'many', and must be a number from 0.001 to 100", "0.001"),
    ((*DECLARED, "epochs"), True, "epochs is 'true', and must be a number from 0.001 to 100", "0.001"),
    ((*DECLARED, "batch_size"), 0, f"batch_size is '0', and must be {BATCH}", "1"),
    ((*DECLARED, "batch_size"), 64.0, f"batch_size is '64.0', and must be {BATCH}", "64"),
    ((*DECLARED, "batch_size"), 8193, f"batch_size is '8193', and must be {BATCH}", "8192"),
    ((*DECLARED, "dropout"), -0.1, "dropout is '-0.1', and must be a number from 0 to 0.95", "0"),
    ((*DECLARED, "precision"), "", "precision is '', and must be one of auto, float32, bfloat16, float16", '"auto"'),
    (
        (*DECLARED, "precision"),
        "float61",
        "precision is 'float61', and must be one of auto, float32, bfloat16, float16",
        '"float16"',
    ),
    (
        (*DECLARED, "epoch"),
        3,
        "there is no hyperparameter epoch (did you mean epochs?)",
        "nothing: epochs is there already",
    ),
    ((*DECLARED, "seed"), ABSENT, "seed is missing, and must be a whole number from 0 to 2147483647", "seed = …"),
    (
        (*RANGES, "dropout", "max"),
        0.99,
        "dropout is '0.99', and must be a number from 0 to 0.95",
        "0.95",
    ),
    (
        (*RANGES, "peak_learning_rate", "min"),
        1e-9,
        "peak_learning_rate is '1e-09', and must be a number from 1e-06 to 1",
        "1e-06",
    ),
    ((*RANGES, "batch_size"), {"values": [32, 0]}, f"batch_size is '0', and must be {BATCH}", "1"),
    ((*RANGES, "batch_size"), {"min": 32, "max": 64.5}, f"batch_size is '64.5', and must be {BATCH}", "64"),
    (
        (*RANGES, "drop"),
        {"min": 0.1, "max": 0.5},
        "there is no hyperparameter drop (did you mean dropout?)",
        "nothing: dropout is there already",
    ),
    ((*TUNING, "hyperparameters", "epochs"), 0, "epochs is '0', and must be a number from 0.001 to 100", "0.001"),
)


@pytest.mark.parametrize(("key", "value", "sentence", "write"), REFUSED, ids=[f"{r[0][-1]}-{r[1]}" for r in REFUSED])
def test_a_hyperparameter_is_refused(
    root: Root, key: tuple[str | int, ...], value: Any, sentence: str, write: str
) -> None:
    problem = only(root.put(MODEL, key, value))
    assert (problem.file, problem.message, problem.write) == (MODEL, sentence, write)
    assert problem.line
    assert problem.allowed


@pytest.mark.parametrize("row", [row for row in REFUSED if row[0][:-1] == DECLARED], ids=lambda row: row[2])
def test_the_job_refuses_it_in_the_same_words(root: Root, row: tuple[tuple[str, ...], Any, str, str]) -> None:
    name, value = row[0][-1], row[1]
    declared = dict(root.files[MODEL]["training"]["hyperparameters"])
    declared.pop(name, None)
    texts = {other: hyperparameter_text(each) for other, each in declared.items()}
    with pytest.raises(JobError) as raised:
        Settings.parse(texts if value is ABSENT else texts | {name: hyperparameter_text(value)})
    assert str(raised.value) == f"The hyperparameters cannot be used: {row[2]}."


def test_the_ends_of_a_range_are_allowed(root: Root) -> None:
    root.put(MODEL, (*RANGES, "dropout"), {"min": 0, "max": 0.95}).put(MODEL, (*DECLARED, "batch_size"), 8192)
    assert root.load().models


def test_a_misspelt_name_is_not_missing_as_well(root: Root) -> None:
    problem = only(root.put(MODEL, (*DECLARED, "seed"), ABSENT).put(MODEL, (*DECLARED, "sed"), 0))
    assert (problem.key, problem.write) == ("training.hyperparameters.sed", "seed = 0")


def test_every_model_of_the_checkout_is_allowed() -> None:
    assert "digits-cnn" in [model.name for model in load(CHECKOUT).models]


def test_a_missing_hyperparameter_is_missing_once(root: Root) -> None:
    """[training.tuning.hyperparameters] names epochs, which the package has."""
    assert only(root.put(MODEL, (*DECLARED, "epochs"), ABSENT)).key == "training.hyperparameters.epochs"


def test_a_package_without_hyperparameters(root: Root) -> None:
    (root.own_code() / "algorithm.py").write_text(f"{DECLARATION}class Settings:\n    pass\n\n\n{ALGORITHM}")
    problems = [problem for problem in root.problems() if problem.key == "training.hyperparameters.seed"]
    assert [(each.message, each.write) for each in problems] == [
        ("there is no hyperparameter seed (the model has none)", "nothing: remove seed")
    ]


@pytest.mark.parametrize(
    ("package", "write"),
    [
        ("clothes-cnn", '"clothes_cnn"'),
        ("Clothes CNN", '"clothes_cnn"'),
        ("class", '"digits_cnn"'),
        ("common", '"digits_cnn"'),
        ("3d", '"digits_cnn"'),
    ],
)
def test_a_name_that_python_cannot_import_has_the_nearest_that_it_can(root: Root, package: str, write: str) -> None:
    problem = only(root.put(MODEL, ("training", "package"), package))
    assert (problem.key, problem.write) == ("training.package", write)


def test_an_unknown_package_has_the_nearest_folder(root: Root) -> None:
    problem = only(root.put(MODEL, ("training", "package"), "digit_cnn"))
    assert (problem.file, problem.key, problem.write) == (MODEL, "training.package", '"digits_cnn"')
    assert problem.message == "there is no folder training/digit_cnn"
    known = either(sorted(path.parent.name for path in CHECKOUT.glob("training/*/train.py")))
    assert problem.allowed == (
        f"{known}; or a new folder: training/digit_cnn with prepare.py, train.py, evaluate.py and algorithm.py, and "
        "inference/digit_cnn.py"
    )


def test_a_root_without_training_code(root: Root) -> None:
    (root.path / "training").unlink()
    assert only(root).message == "there is no folder training/digits_cnn"


@pytest.mark.parametrize("lacking", ["training/digits_cnn/evaluate.py", "inference/digits_cnn.py"])
def test_a_package_that_lacks_a_file(root: Root, lacking: str) -> None:
    root.own_code()
    (root.path / lacking).unlink()
    problem = only(root)
    assert (problem.key, problem.message) == ("training.package", f"there is no {lacking}")
    assert problem.write.startswith(lacking)


UNREADABLE: dict[str, tuple[str, str]] = {
    "import": ("\nimport no_such_module", "line 2 cannot be run: ModuleNotFoundError: No module named"),
    "name": ("x = SHRE", "line 1 cannot be run: NameError: name 'SHRE' is not defined"),
    "assertion": ("assert False", "line 1 cannot be run: AssertionError"),
    "exit": ("raise SystemExit(3)", "line 1 cannot be run: SystemExit: 3"),
    "nothing": ("", "declares no ALGORITHM"),
    "another object": ("ALGORITHM = 1\n", "declares no ALGORITHM"),
    "no dataclass": (f"import dataclasses\nclass Settings:\n    pass\n{ALGORITHM}", "TypeError: must be called with a"),
    "no row": (
        f"{DECLARATION}class Settings:\n    epochs: float\n{ALGORITHM}",
        "the field epochs of Settings is no integer(…), number(…) or choice(…)",
    ),
    "files": (
        f"{DECLARATION}class Settings:\n    pass\n{ALGORITHM}".replace('(("images",),)', '("images",)'),
        "files is a tuple of tuples of names",
    ),
    "metric": (
        f"{DECLARATION}class Settings:\n    pass\n{ALGORITHM}".replace("SHARE}", "1}"),
        "the metric accuracy is no Metric(…), such as SHARE or LOSS",
    ),
}


CURES = {
    "import": "an algorithm.py that imports the standard library and training.common only",
    "nothing": "ALGORITHM = Algorithm(…)",
    "another object": "ALGORITHM = Algorithm(…)",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_algorithm_that_cannot_be_read(root: Root, case: str) -> None:
    text, message = UNREADABLE[case]
    (root.own_code() / "algorithm.py").write_text(text)
    problem = only(root)
    assert problem.key == "training.package"
    assert problem.message.startswith("training/digits_cnn/algorithm.py")
    assert message in problem.message
    assert problem.write == CURES.get(case, "an algorithm.py that runs without this error")
