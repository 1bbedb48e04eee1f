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
        "interval": [pytest.approx(0.0125, abs=5e-5), pytest.approx(0.0275, abs=5e-5)],
        "verdict": "better",
    }
    assert f1 == {"name": "f1", "a": 0.5, "b": 0.5, "difference": 0.0, "interval": None}
    dropout, seed = found["hyperparameters"]
    assert dropout == {"name": "dropout", "a": "0.5", "b": "0.3"}
    assert seed == {"name": "seed", "a": "0", "b": "0"}
    compute = {row["name"]: row["a"] for row in found["compute"]}
    assert compute == {
        "jobs": 2,
        "interruptions": 1,
        "time that ran": 500,
        "time billed": 200,
        "cost at list price": pytest.approx(0.02),
    }


def test_tables_say_what_differs(operations: Run, aws: FakeAws) -> None:
    shown = operations("compare", "local", "digits-cnn", "new", "old")
    assert shown.code == 0
    lines = [re.sub(r"\s{2,}", "|", line.strip()) for line in shown.out.splitlines()]
    assert lines[0] == "digits-cnn: new and old, dropout 0.3 → 0.5"
    assert "accuracy|0.9300|0.9100|-0.0200 worse" in lines
    assert "dropout|0.3|0.5" in lines
    assert "The same in both, of metrics: f1" in lines
    assert "The same in both, of data and code: commit, code, data set, data fingerprint, trained on" in lines


def test_versions_name_the_sides(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    aws.versions = {1: "old", 2: "new"}
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "--html", "--output", str(path), "--no-open")
    assert shown.out.startswith("digits-cnn: v1 and v2, dropout 0.5 → 0.3\n")
    page = path.read_text()
    assert "<h1>digits-cnn: v1 and v2, dropout 0.5 → 0.3</h1>" in page
    assert "accuracy of v2" in page
    assert "v1</span>" in page  # a legend


def test_a_long_name_without_a_version_is_short(operations: Run, aws: FakeAws) -> None:
    evaluated(aws, "7c4ef0d1-1fbf-4fd1-8936-4d3963f59133", 0.93, "0.3", [])
    assert operations("compare", "local", "digits-cnn").out.startswith("digits-cnn: new and 7c4ef0d1-1fb\n")


@pytest.mark.parametrize(
    ("accuracy", "goal", "change", "state"),
    [
        (0.95, "maximize", "+0.0400 better", "good"),
        (0.87, "maximize", "-0.0400 worse", "bad"),
        (0.95, "minimize", "+0.0400 worse", "bad"),
        (0.915, "maximize", "+0.0050 within noise", ""),
        (0.905, "maximize", "-0.0050 within noise", ""),
        (0.91, "maximize", "same", ""),
    ],
)
def test_a_difference_within_noise_has_no_colour(
    *, operations: Run, aws: FakeAws, tmp_path: Path, accuracy: float, goal: str, change: str, state: str
) -> None:
    evaluated(aws, "third", accuracy, "0.3", [], goal=goal)
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "old", "third", "--html", "--output", str(path), "--no-open")
    assert change in shown.out or (change == "same" and "The same in both, of metrics: accuracy, f1" in shown.out)
    assert f'<li class="{state}"><span>accuracy of third</span>' in path.read_text()
    assert "Newcombe" in shown.out


def test_a_metric_that_is_no_share_is_not_tested(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    for name in ("old", "new"):
        aws.put(name, "evaluation.json", {"metrics": {"accuracy": {"old": 0.91, "new": 0.93}[name]}})
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "--html", "--output", str(path), "--no-open")
    assert "+0.0200 better, not tested" in shown.out
    assert '<li class=""><span>accuracy of new</span>' in path.read_text()


def test_each_metric_of_the_gate_is_better_or_worse(operations: Run, aws: FakeAws) -> None:
    also = [{"metric": "class_balance", "threshold": 0.98}, {"metric": "calibration_error", "goal": "minimize"}]
    gate = {"metric": "accuracy", "goal": "maximize", "threshold": 0.9, "also": also}
    for name, balance in (("old", 0.5), ("new", 0.6)):
        metrics = {"auc": balance, "calibration_error": balance, "accuracy": balance, "class_balance": balance}
        aws.put(name, "evaluation.json", {"metrics": metrics})
        aws.put(name, "execution.json", {"gate": gate})
    rows = json.loads(operations("compare", "local", "digits-cnn", "--json").out)["metrics"]
    assert {row["name"]: row.get("verdict", "") for row in rows} == {
        "accuracy": "better, not tested",
        "class_balance": "better, not tested",
        "calibration_error": "worse, not tested",
        "auc": "",
    }
    assert [row["name"] for row in rows] == ["accuracy", "class_balance", "calibration_error", "auc"]


def test_measured_on_other_data_nothing_is_better(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    evaluated(aws, "third", 0.97, "0.3", [], fingerprint="of-third")
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "new", "third", "--html", "--output", str(path), "--no-open")
    assert shown.out.startswith("digits-cnn: new and third, other data\n")
    assert re.search(r"accuracy +0\.9300 +0\.9700 +\+0\.0400 on other data", shown.out)
    assert re.search(r"data fingerprint +of-all +of-third", shown.out)
    page = path.read_text()
    assert '<li class=""><span>accuracy of third</span>' in page
    assert "95 % interval +" not in page


def test_many_changes_are_counted_in_the_title(operations: Run, aws: FakeAws) -> None:
    evaluated(aws, "third", 0.93, "0.123456789012", [], hyperparameters={"seed": "1", "u": "2", "v": "3"})
    shown = operations("compare", "local", "digits-cnn", "new", "third").out
    assert shown.startswith("digits-cnn: new and third, dropout 0.3 → 0.1235, seed 0 → 1, 2 more hyperparameters\n")
    assert re.search(r"dropout +0\.3 +0\.1235\b", shown)


def test_the_same_hyperparameters_are_said_to_be_the_same(operations: Run, aws: FakeAws) -> None:
    evaluated(aws, "again", 0.93, "0.3", [])
    assert "The same in both, of hyperparameters: dropout, seed" in operations("compare", "local", "digits-cnn").out


def test_the_page_lays_the_curves_over_one_another(operations: Run, aws: FakeAws, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    shown = operations("compare", "local", "digits-cnn", "--html", "--output", str(path), "--no-open", "--json")
    assert json.loads(shown.out)["page"] == str(path)
    page = path.read_text()
    assert page.count("<polyline") == 2
    assert "Two trainings in local" in page
    assert "old 0.9100: +0.0200 better" in page
    assert "95 % interval +0.0125 to +0.0275" in page
    assert "<summary>The same in both: f1</summary>" in page
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
