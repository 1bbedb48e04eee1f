"""`compare`: two executions side by side, as tables, as JSON, as a page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fake_aws import FakeAws, arn, evaluated
from outcome import Run


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr("operations.commands.compare.connect", lambda environment: fake)
    evaluated(fake, "old", 0.91, "0.5", [[10, 1.0], [20, 0.5]])
    evaluated(fake, "new", 0.93, "0.3", [[10, 0.9], [20, 0.4]])
    return fake


def test_the_previous_and_the_last_by_default(operations: Run, aws: FakeAws) -> None:
    shown = operations("compare", "local", "digits-cnn", "--json")
    found = json.loads(shown.out)
    assert (shown.code, found["a"], found["b"]) == (0, arn("old"), arn("new"))
    accuracy, f1 = found["metrics"]
    assert accuracy == {
        "name": "accuracy",
        "a": 0.91,
        "b": 0.93,
        "difference": pytest.approx(0.02),
        "verdict": "better",
    }
    assert f1 == {"name": "f1", "a": 0.5, "b": 0.5, "difference": 0.0}
    assert found["hyperparameters"] == [{"name": "dropout", "a": "0.5", "b": "0.3", "difference": None}]
    compute = {row["name"]: row["a"] for row in found["compute"]}
    assert compute == {
        "jobs": 2,
        "interruptions": 1,
        "seconds that ran": 500,
        "seconds billed": 200,
        "cost at list price": pytest.approx(0.02),
    }


def test_tables_say_what_differs(operations: Run, aws: FakeAws) -> None:
    shown = operations("compare", "local", "digits-cnn", "new", "old")
    assert shown.code == 0
    lines = [re.sub(r"\s{2,}", "|", line.strip()) for line in shown.out.splitlines()]
    assert "accuracy|0.9300|0.9100|-0.02 worse" in lines
    assert "dropout|0.3|0.5|differs" in lines
    assert "data fingerprint|of-new|of-old|differs" in lines
    assert "commit|8fb6bb2c0e14d5f67a90b12c34d56e78f901a2b3|8fb6bb2c0e14d5f67a90b12c34d56e78f901a2b3|same" in lines


def test_the_same_hyperparameters_are_said_to_be_the_same(operations: Run, aws: FakeAws) -> None:
    evaluated(aws, "again", 0.93, "0.3", [])
    assert "both have the same" in operations("compare", "local", "digits-cnn").out


def test_the_page_lays_the_curves_over_one_another(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "--html", "--output", str(path), "--no-open", "--json")
    assert json.loads(shown.out)["page"] == str(path)
    page = path.read_text()
    assert page.count("<polyline") == 2
    assert "A is old, B is new, in local" in page
    assert "A 0.9100: +0.02 better" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_without_facts_and_history_the_rest_is_compared(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    aws.objects = {key: value for key, value in aws.objects.items() if key.endswith("/evaluation.json")}
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "--html", "--output", str(path), "--no-open")
    assert shown.code == 0
    assert "accuracy" in shown.out
    assert "There is no history of both executions" in path.read_text()


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        ("evaluation.json", b"{", "evaluation.json of new is not JSON: "),
        ("evaluation.json", b"{}", "evaluation.json of new has no metrics"),
        ("execution.json", b"[]", "execution.json of new holds a list, not an object."),
    ],
)
def test_what_an_execution_left_is_damaged(
    operations: Run, aws: FakeAws, path: str, content: bytes, sentence: str
) -> None:
    aws.put("new", path, content)
    refused = operations("compare", "local", "digits-cnn")
    assert (refused.code, refused.out) == (1, "")
    assert sentence in refused.err


def test_a_damaged_archive_is_a_run_without_history(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    aws.put("new", "output.tar.gz", b"no archive")
    page = tmp_path / "page.html"
    assert operations("compare", "local", "digits-cnn", "--html", "--output", str(page), "--no-open").code == 0
    assert "There is no history of both executions" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("last", "new"), 2, "last and new are the same execution"),
        (("old", "failed"), 1, "Execution failed was not evaluated: it ended as FAILED: TrainingFailed: no data"),
        (("old", "nope"), 2, "digits-cnn has no execution 'nope'"),
        (("v2", "old"), 2, "slipway-local-digits-cnn has no version 2"),
        (("--no-open",), 2, "--output and --no-open belong to the page: add --html"),
    ],
)
def test_what_is_refused(operations: Run, aws: FakeAws, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    aws.executions.insert(0, ("failed", "FAILED", "no data"))
    refused = operations("compare", "local", "digits-cnn", *arguments)
    assert (refused.code, refused.out) == (code, "")
    assert sentence in refused.err


def test_one_execution_alone_has_nothing_to_be_compared_with(operations: Run, aws: FakeAws) -> None:
    del aws.executions[0]
    refused = operations("compare", "local", "digits-cnn")
    assert (refused.code, refused.out) == (1, "")
    assert "Only one execution of digits-cnn was evaluated" in refused.err
