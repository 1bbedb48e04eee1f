"""Whole files: all problems at once with their lines, files that cannot be read, and what the checkout declares."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pydantic
import pytest
from declared import CHECKOUT, Root

from specs import Problem, SpecError, load

DEV, MODEL = "environments/dev.toml", "models/digits-cnn.toml"


def only(root: Root) -> Problem:
    (problem,) = root.problems()
    return problem


def edited(root: Root, file: str, *changes: tuple[str, str]) -> Root:
    """The checkout's own text with replacements, so that line numbers are those of commented files."""
    text = (CHECKOUT / file).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return root.write(file, text.encode())


def line_of(root: Root, file: str, piece: str) -> int:
    lines = (root.path / file).read_text().split("\n")
    return next(number for number, line in enumerate(lines, 1) if piece in line)


def test_all_problems_of_all_files_at_once_with_lines_and_suggestions(root: Root) -> None:
    edited(
        root,
        DEV,
        ("ml.g4dn.xlarge", "ml.g4dm.xlarge"),
        ("percent = 50", "percnt = 50"),
        ('"eu-west-1b"', '"eu-west-1"'),
    )
    edited(root, MODEL, ("tolerance = 0.002", "tolerance = -1"), ('"image/png"', '"png"'))
    root.write("environments/prod.toml", b'name = "prod"\naccount = \n')
    pieces = {
        (DEV, "training.candidates[2].instance_type"): ("ml.g4dm.xlarge", '"ml.g4dn.xlarge"'),
        (DEV, "serving.canary.percnt"): ("percnt", "percent = …"),
        (DEV, "availability_zones[1]"): ("availability_zones", '"eu-west-1a"'),
        (MODEL, "evaluation.tolerance"): ("tolerance = -1", "0"),
        (MODEL, "serving.content_types[1]"): ('"png"', '"application/json"'),
        ("environments/prod.toml", ""): ("account =", 'key = "value"'),
    }
    expected = {(file, key): (line_of(root, file, piece), write) for (file, key), (piece, write) in pieces.items()}
    problems = root.problems()
    assert {(problem.file, problem.key): (problem.line, problem.write) for problem in problems} == expected
    assert len(problems) == len(expected)


def test_the_report_that_a_person_reads(root: Root) -> None:
    edited(root, MODEL, ("tolerance = 0.002", "tolerance = -1"))
    line = line_of(root, MODEL, "tolerance = -1")
    with pytest.raises(SpecError) as caught:
        root.load()
    assert str(caught.value) == (
        f"1 problem in 1 file\n\nmodels/digits-cnn.toml, line {line}, column 1: evaluation.tolerance\n"
        "  the number is too small\n  received: -1\n  allowed:  0 or more\n  write:    0"
    )


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"x = [", 1, "not valid TOML"),
        (b'a = 1\nb = "x\nc = 1', 2, "not valid TOML"),
        (b"a = 1\n\na = 2\n", 3, "Cannot overwrite"),
        (b"# caf\xe9\na = 1\xff", 1, "not UTF-8"),
        (b"a = 1\nb = '\xff'", 2, "not UTF-8"),
        (b"a = " + b"9" * 5000, None, "not valid TOML"),
        (b"a = " + b"[" * 100_000, None, "nested too deeply"),
        (b"\xef\xbb\xbfa = 1", 1, "invisible character"),
        (b"a = 1\x00", 1, "not valid TOML"),
    ],
)
def test_a_file_that_is_not_toml_is_one_problem(root: Root, content: bytes, line: int | None, message: str) -> None:
    problem = only(root.write("models/bad.toml", content))
    assert (problem.file, problem.key, problem.line) == ("models/bad.toml", "", line)
    assert message in problem.message


def test_an_empty_file_misses_every_key(root: Root) -> None:
    problems = root.write("models/bad.toml", b"").problems()
    assert {problem.key for problem in problems} == {"name", "description", "data", "training", "evaluation", "serving"}


def test_a_folder_or_broken_link_instead_of_a_file(root: Root) -> None:
    root.load()
    (root.path / "models/folder.toml").mkdir()
    (root.path / "models/link.toml").symlink_to("nowhere")
    assert [(problem.file, problem.message) for problem in root.problems()] == [
        ("models/folder.toml", "this is not a file"),
        ("models/link.toml", "the file cannot be read: No such file or directory"),
    ]


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(root: Root) -> None:
    root.load()
    os.mkfifo(root.path / "models/pipe.toml")
    assert only(root).message == "this is not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_read_permission(root: Root) -> None:
    root.write("models/secret.toml", b"")
    (root.path / "models/secret.toml").chmod(0)
    assert "cannot be read" in only(root).message


def test_control_characters_do_not_reach_the_terminal(root: Root) -> None:
    problems = root.put(DEV, ("region",), "\x1b[2J").put(DEV, ("\x1b]0;x",), 1).problems()
    assert len(problems) == 2
    assert "\x1b" not in str(SpecError(problems))


def test_windows_line_ends(root: Root) -> None:
    text = (CHECKOUT / DEV).read_text().replace("\n", "\r\n").replace("percent = 50", "percent = 51")
    problem = only(root.write(DEV, text.encode()))
    assert problem.line == line_of(root, DEV, "percent = 51")


def test_no_environment_is_a_problem(root: Root) -> None:
    root.files = {MODEL: root.files[MODEL]}
    assert "nowhere to deploy" in only(root).message


def test_no_model_is_a_problem(root: Root) -> None:
    del root.files[MODEL]
    assert "nothing to train" in only(root).message


def test_the_machine_s_aws_configuration_changes_nothing(tmp_path: Path) -> None:
    """Neither a missing profile, nor a broken ~/.aws/config, nor the user's own service models."""
    models = tmp_path / ".aws/models/sagemaker/2017-07-24"
    models.mkdir(parents=True)
    (models / "service-2.json").write_text('{"metadata": {}, "operations": {}, "shapes": {}}')
    (tmp_path / ".aws/config").write_text("broken = [")
    program = "import pathlib; from specs import load; print(len(load(pathlib.Path('.')).environments))"
    environment = {**os.environ, "HOME": str(tmp_path), "AWS_PROFILE": "nobody"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "3", done.stderr


def test_the_checkout_declares_what_the_design_says() -> None:
    specs = load(CHECKOUT)
    assert [environment.name for environment in specs.environments] == ["dev", "local", "prod"]
    assert [environment.has_placeholder_account for environment in specs.environments] == [True, False, True]
    local = specs.environment("local")
    assert (local.account, local.region) == ("000000000000", "us-east-1")
    assert all(environment.serving.canary and environment.serving.autoscaling for environment in specs.environments)
    first = [specs.environment(name).training.candidates[0] for name in ("dev", "prod")]
    assert [(candidate.instance_type, candidate.purchase) for candidate in first] == [("ml.g5.xlarge", "spot")] * 2


def test_account_line_is_the_line_to_edit() -> None:
    environment = load(CHECKOUT).environment("dev")
    file, number = environment.account_line.split(", line ")
    assert environment.account in (CHECKOUT / file).read_text().split("\n")[int(number) - 1]


def test_unknown_environment_lists_the_names(root: Root) -> None:
    with pytest.raises(SpecError, match=r"dev, local or prod") as caught:
        root.load().environment("lokal")
    assert caught.value.problems[0].write == "local"


def test_specs_are_frozen(root: Root) -> None:
    specs = root.load()
    with pytest.raises(pydantic.ValidationError):
        specs.models[0].training.package = "other"  # type: ignore[misc]


def test_loading_imports_neither_cdk_nor_boto3_nor_tensorflow() -> None:
    program = (
        "import pathlib, sys; from specs import load; load(pathlib.Path('.'));"
        "print([name for name in ('aws_cdk', 'jsii', 'boto3', 'tensorflow', 'keras', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
