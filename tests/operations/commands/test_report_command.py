"""`report`: the execution of the downloaded report, and the message without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_aws import FakeAws, arn, evaluated
from outcome import Run

from operations.reports import page_file
from pages.page import NO_VERSION

CURVE = [[10.0, 1.0], [20.0, 0.5]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr("operations.commands.report.connect", lambda environment: fake)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return fake


def test_the_last_one_is_written_and_its_path_printed(
    operations: Run, aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_file, "FOLDER", tmp_path / "reports")
    evaluated(aws, "first", 0.9, "0.5", CURVE)
    evaluated(aws, "second", 0.9, "0.5", CURVE)
    shown = operations("report", "local", "digits-cnn")
    path = tmp_path / "reports" / "local-digits-cnn-second.html"
    assert (shown.code, shown.out, shown.err) == (0, f"{path}\n", "")
    assert path.read_text() == "<title>second</title>"


def test_it_opens_where_there_is_a_display(
    operations: Run, aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(page_file.webbrowser, "open", opened.append)
    evaluated(aws, "only", 0.9, "0.5", CURVE)
    page = tmp_path / "page.html"
    assert operations("report", "local", "digits-cnn", "--output", str(page), "--no-open").code == 0
    assert opened == []
    assert operations("report", "local", "digits-cnn", "--output", str(page)).code == 0
    assert opened == [page.as_uri()]


@pytest.mark.parametrize(("word", "name"), [("previous", "first"), ("v7", "first"), ("first", "first"), ("last", "b")])
def test_another_execution_is_named(operations: Run, aws: FakeAws, tmp_path: Path, word: str, name: str) -> None:
    evaluated(aws, "first", 0.9, "0.5", CURVE)
    evaluated(aws, "b", 0.9, "0.5", CURVE)
    aws.versions = {7: "first"}
    page = tmp_path / "page.html"
    shown = operations("report", "local", "digits-cnn", "--execution", word, "--output", str(page), "--json")
    assert json.loads(shown.out) == {"execution": arn(name), "report": str(page)}
    assert page.read_text() == f"<title>{name}</title>"


@pytest.mark.parametrize(
    ("versions", "said"),
    [({}, "none: this execution registered no version"), ({1: "other", 2: "only"}, "2, Approved")],
    ids=["not registered", "registered"],
)
def test_the_page_gets_its_version(
    operations: Run, aws: FakeAws, tmp_path: Path, versions: dict[int, str], said: str
) -> None:
    evaluated(aws, "only", 0.9, "0.5", CURVE)
    aws.put("only", "report.html", f"<dd>{NO_VERSION}</dd>".encode())
    aws.versions = versions
    page = tmp_path / "page.html"
    assert operations("report", "local", "digits-cnn", "--output", str(page)).code == 0
    assert page.read_text() == f"<dd>{said}</dd>"


def test_a_last_execution_without_a_report_is_said_with_its_reason(
    operations: Run, aws: FakeAws, tmp_path: Path
) -> None:
    evaluated(aws, "good", 0.9, "0.5", CURVE)
    aws.executions.append(("bad", "FAILED", "The loss became nan before step 7."))
    shown = operations("report", "local", "digits-cnn", "--output", str(tmp_path / "page.html"))
    assert shown.code == 0
    assert (
        "The last execution, bad, has no report: it ended as FAILED: TrainingFailed: The loss became nan" in shown.err
    )
    assert "This is the report of good." in shown.err


@pytest.mark.parametrize(
    ("executions", "arguments", "code", "sentence"),
    [
        ([], (), 1, "digits-cnn was never trained here: run `python -m operations train local digits-cnn`"),
        ([("a", "FAILED", "no data")], (), 1, "has no report: it ended as FAILED: TrainingFailed: no data"),
        ([("a", "FAILED", "no data")], (), 1, "No earlier execution has one either"),
        ([("a", "RUNNING", "")], (), 1, "it is still running; follow it with `python -m operations watch local"),
        ([("a", "FAILED", "no data")], ("--execution", "a"), 1, "Execution a has no report: it ended as FAILED"),
        ([("a", "FAILED", "no")], ("--execution", "b"), 2, "digits-cnn has no execution 'b'; write last, previous, an"),
        ([("a", "FAILED", "no")], ("--execution", "b"), 2, "The newest are: a."),
        ([("a", "FAILED", "no")], ("--execution", "last"), 1, "No execution of digits-cnn was evaluated"),
        ([("a", "FAILED", "no")], ("--execution", "v3"), 2, "slipway-local-digits-cnn has no version 3; it has 9."),
        ([("a", "FAILED", "no")], ("--execution", "v9"), 1, "does not name the execution that made it"),
        (
            [("a", "FAILED", "no")],
            ("--execution", "arn:aws:states:eu-west-1:1:execution:x:a"),
            2,
            "is not an execution of",
        ),
    ],
)
def test_what_there_is_not(
    *,
    operations: Run,
    aws: FakeAws,
    executions: list[tuple[str, str, str]],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    aws.executions, aws.versions = executions, {9: ""}
    refused = operations("report", "local", "digits-cnn", *arguments)
    assert (refused.code, refused.out) == (code, "")
    assert sentence in refused.err


def test_a_place_that_cannot_be_written(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    evaluated(aws, "only", 0.9, "0.5", CURVE)
    refused = operations("report", "local", "digits-cnn", "--output", str(tmp_path))
    assert (refused.code, refused.out) == (2, "")
    assert f"{tmp_path} cannot be written: Is a directory. Name another file with --output." in refused.err
