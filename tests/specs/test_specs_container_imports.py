"""Imports of shipped code that its container would not find: no job and no endpoint can install anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared import CHECKOUT, Root

from specs import Problem, container_imports

TRAIN, INFERENCE = "training/digits_cnn/train.py", "inference/digits_cnn.py"
SANDBOX_TABLES = CHECKOUT / "sandbox" / "src" / "sandbox" / "machines" / "images" / "tables"


@pytest.fixture
def code(root: Root) -> Root:
    """Code of the checkout that may be changed."""
    root.own_code()
    return root


def added(code: Root, file: str, text: str) -> tuple[Problem, ...]:
    """The problems of a file with more text at its end."""
    with (code.path / file).open("a") as place:
        place.write(f"\n{text}\n")
    return tuple(container_imports.problems(code.path, ["digits_cnn"]))


# The file, what is added to it, the module that is missed, and what to write instead.
REFUSED = (
    (TRAIN, "import moto", "moto", "code that does without moto"),
    (TRAIN, "def f():\n    with open('x'):\n        import optuna.trial", "optuna.trial", None),
    (TRAIN, "match 1:\n    case 1:\n        from typer import run", "typer", None),
    (TRAIN, "import pillow", "pillow", "import PIL"),
    (TRAIN, "import scikit_learn", "scikit_learn", "import sklearn"),
    (TRAIN, "import specs.model", "specs.model", None),
    (TRAIN, "import google.generativeai", "google.generativeai", None),
    (TRAIN, "import distutils.util", "distutils.util", None),
    (TRAIN, "try:\n    import moto\nexcept ValueError:\n    pass", "moto", None),
    (TRAIN, "try:\n    import boto3\nexcept ImportError:\n    import moto", "moto", None),
    ("training/common/feed.py", "import typer", "typer", None),
    ("training/digits_cnn/algorithm.py", "import pydantic_settings, aws_cdk", "aws_cdk", None),
    (INFERENCE, "import tqdm", "tqdm", "code that does without tqdm"),
    (INFERENCE, "import tensorflow as tf", "tensorflow", None),
    (INFERENCE, "from PIL import Image", "PIL", None),
    (INFERENCE, "import google.auth", "google.auth", None),
    ("inference/serving.py", "import keras", "keras", None),
)


@pytest.mark.parametrize(("file", "text", "module", "write"), REFUSED, ids=[f"{r[0]}-{r[2]}" for r in REFUSED])
def test_an_import_is_refused(code: Root, file: str, text: str, module: str, write: str | None) -> None:
    (problem,) = added(code, file, text)
    lines = (code.path / file).read_text().splitlines()
    assert problem.line is not None
    assert (problem.file, problem.received) == (file, f"import {module}")
    assert "import" in lines[problem.line - 1]
    assert module in lines[problem.line - 1]
    assert f"holds no {module}, and containers cannot install it" in problem.message
    assert problem.write == (write or f"code that does without {module}")


# The file, what is added to it; then the sentence, and what to write instead.
OWN_REFUSED = (
    (TRAIN, "import serving", "serving is not packed with this code", "code that does without serving"),
    (
        TRAIN,
        "from training.digits_gan import model",
        "training.digits_gan is not packed with this code",
        "code that does without training.digits_gan",
    ),
    (
        INFERENCE,
        "from training.common import idx",
        "training.common is not packed with this code",
        "code that does without training.common",
    ),
    (
        TRAIN,
        "from training.common.idx_split import prepare",
        "there is no module training.common.idx_split",
        "import training.common.idx_splits",
    ),
    (
        TRAIN,
        "from training.digits_cn.algorithm import DATA",
        "there is no module training.digits_cn.algorithm",
        "import training.digits_cnn.algorithm",
    ),
    (
        TRAIN,
        "import training.zzzzzzzzzzzzzzzzzzzz",
        "there is no module training.zzzzzzzzzzzzzzzzzzzz",
        "a module that is there",
    ),
)


@pytest.mark.parametrize(("file", "text", "message", "write"), OWN_REFUSED, ids=[row[2] for row in OWN_REFUSED])
def test_an_import_of_this_repository_is_refused(code: Root, file: str, text: str, message: str, write: str) -> None:
    (problem,) = added(code, file, text)
    assert problem.file == file
    assert problem.line is not None
    assert problem.message.startswith(message)
    assert problem.write == write


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (TRAIN, "import tqdm, torch, cv2, google.protobuf.json_format"),
        (TRAIN, "from google import protobuf"),
        (TRAIN, "from . import model"),
        (TRAIN, "try:\n    import cupy\nexcept (AttributeError, ImportError):\n    cupy = None"),
        (TRAIN, "import training.common.idx, pages"),
        (INFERENCE, "import falcon, serving, xml.etree"),
    ],
)
def test_an_import_is_fine(code: Root, file: str, text: str) -> None:
    assert added(code, file, text) == ()


@pytest.mark.parametrize("file", [TRAIN, INFERENCE, "training/digits_cnn/algorithm.py"])
def test_code_that_python_cannot_read_is_refused_by_its_line(code: Root, file: str) -> None:
    added(code, file, "def f(:")
    (problem,) = code.problems()
    assert (problem.file, problem.line) == (file, len((code.path / file).read_text().splitlines()))
    assert "not valid Python" in problem.message


def test_tests_beside_the_code_import_what_they_like(code: Root) -> None:
    (code.path / "training" / "digits_cnn" / "tests").mkdir()
    (code.path / "training" / "digits_cnn" / "tests" / "test_it.py").write_text("import pytest, moto\n")
    assert added(code, TRAIN, "") == ()


def test_it_is_said_with_all_other_problems(code: Root) -> None:
    added(code, INFERENCE, "import tqdm")
    code.put("models/digits-cnn.toml", ("training", "hyperparameters", "epochs"), 0)
    assert [problem.file for problem in code.problems()] == [INFERENCE, "models/digits-cnn.toml"]


@pytest.mark.parametrize("repository", ["tensorflow-training", "tensorflow-inference"])
def test_the_sandbox_has_the_same_table(repository: str) -> None:
    own = Path(container_imports.__file__).with_name("containers") / f"{repository}.txt"
    assert own.read_bytes() == (SANDBOX_TABLES / f"{repository}.txt").read_bytes()
