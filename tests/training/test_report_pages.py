"""The report page: content, well-formed and escaped HTML, and missing facts."""

from __future__ import annotations

import copy
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_page import checked

from pages import curves
from pages.cost import total_cost
from pages.markup import number, percent
from pages.page import NO_VERSION, Figure, render, with_version
from training.common.champion import Champion
from training.common.container import Container
from training.common.evaluation import Evaluation
from training.common.report import about_run, calibration, confusion, gate, mistakes, reproduce, search
from training.common.report.calibration import LEAST, Calibration
from training.common.report.facts import Facts
from training.common.report.mistakes import Mistake

HOSTILE = "<script>alert('a & b')</script>"
SHARDS = [{"file": "a", "records": 2, "sha256": "00"}, {"file": "b", "records": 1, "sha256": "11"}]
MANIFEST = {"source": "S", "licence": "L", "split_rule": "R", "splits": {
    "train": {"records": 3, "classes": {"0": 2, "1": 1}, "shards": SHARDS},
}}  # fmt: skip


def job(name: str, **more: Any) -> dict[str, Any]:
    machine = {"kind": "training", "instance_type": "ml.m5.xlarge", "instance_count": 1, "purchase": "spot"}
    times = {"started": "2026-11-24T09:00:00Z", "ended": "2026-11-24T09:10:00Z", "seconds": 600}
    paid = {"billable_seconds": 150, "usd_per_hour": 0.24, "interruptions": 0, "reason": None, "status": "Completed"}
    return {"name": name, "image": "image:1", **machine, **times, **paid, **more}


def trial(number: int, objective: float | None, rate: str, status: str = "Completed") -> dict[str, Any]:
    values = {"rate": rate, "word": "ab"[number % 2]}
    return {"job": f"t-{number}", "status": status, "objective": objective, "seconds": 9, "hyperparameters": values}


REFUSED = {"status": "Refused", "seconds": None, "billable_seconds": 0, "started": None, "ended": None}
EXECUTION: dict[str, Any] = {
    "execution": "arn:aws:states:eu-west-1:1:execution:m:olive", "model": "m", "environment": "dev",
    "region": "eu-west-1", "commit": "ab" * 20 + "-dirty", "code": {"s3_uri": "s3://code/1.gz"},
    "data": {"dataset": "d", "raw": "s3://raw/", "prepared": "s3://p/", "fingerprint": "f1", "prepared_again": False},
    "hyperparameters": {"rate": "0.002", "word": "a", "seed": "7", "epochs": "2"}, "overrides": {"seed": 7},
    "gate": {"metric": "accuracy", "goal": "maximize", "threshold": 0.98, "tolerance": 0.002},
    "jobs": [
        job("m-0", reason="CapacityError: none left", **REFUSED),
        job("m-1", status="Stopped", interruptions=1),
        job("m-2", purchase="on-demand", billable_seconds=600, instance_count=2),
    ],
    "search": {
        "job": "s", "strategy": "Bayesian", "objective": "validation:accuracy", "goal": "Maximize", "best": "t-2",
        "ranges": {"rate": {"min": 1e-4, "max": 1e-2, "scale": "log"}, "word": {"values": ["a", "b"]}},
        "trials": [trial(1, 0.8, "0.001"), trial(2, 0.9, "0.002"), trial(3, None, "0.01", "Failed")],
    },
}  # fmt: skip


def whole(execution: dict[str, Any], manifest: dict[str, Any] = MANIFEST) -> str:
    facts = Facts(execution=execution, manifest=manifest)
    return checked(render("m", "what", about_run.figures(facts), about_run.sections(facts), about_run.about(facts)))


@pytest.mark.parametrize(
    "said",
    [
        "<dt>Execution</dt><dd>olive</dd>",
        "<dt>Environment</dt><dd>dev, eu-west-1</dd>",
        f"<dt>Version</dt><dd>{NO_VERSION}</dd>",
        "CapacityError: none left",
        "0.0900 <small>USD</small>",  # 150 s and twice 600 s at 0.24 USD an hour
        "3 jobs, 12 min 30 s billed",
        "Spot saved 75 % of the seconds",
        "with changes that were not committed",
        "as an earlier execution prepared it",
        "Bayesian search by the job s for the highest validation:accuracy: 3 trials, 1 failed.",
        'class="pill good best"',
        "Whether this beats the values declared in models/m.toml is not measured: no trial had them.",
        "python -m operations train dev m --set seed=7\npython -m operations compare dev m last olive<",
        '<span class="pill warn">set for this execution</span>',
        f"git checkout {'ab' * 20}\npython -m operations upload dev m FOLDER\n",
        "python -m operations train dev m --tune --set seed=7<",
        "python -m operations train dev m --set seed=7 --set rate=0.002 --set word=a<",
        "a8d0b6f0939cfd883251f62b265f971ef8a5ab97eee32b91460f08b965601d93",  # SHA-256 of "0011"
    ],
)
def test_a_whole_run_is_told(said: str) -> None:
    assert said in whole(EXECUTION)


METRICS, SHARES = {"accuracy": 0.991, "f1": 0.98}, {"accuracy": 1000}
KNOWN = {"version": "arn:aws:sagemaker:eu-west-1:1:model-package/m/4", "value": 0.985, "again": "", "problem": ""}
AGAIN = KNOWN | {"again": "data or code have changed since"}


def compared(known: Any, champion: Champion) -> str:
    sections = about_run.compared(Facts(execution=EXECUTION | {"champion": known}), METRICS, SHARES, champion)
    return checked(render("m", "", [], sections))


@pytest.mark.parametrize(
    ("known", "champion", "said"),
    [
        (
            KNOWN,
            Champion(),
            (
                "model-package/m/4",
                "stored when it was registered",
                "0.9910",
                "0.9850",
                "+0.0060 within noise",
                "-0.0039 to +0.0165",
            ),
        ),
        (
            AGAIN,
            Champion({"accuracy": 0.9975}),
            ("have changed since", "0.9975", "-0.0065 within noise", "-0.0147 to +0.0005", "same code"),
        ),
        (
            AGAIN,
            Champion(problem=f"TypeError: {HOSTILE}"),
            ("could not be measured", "until a person approves"),
        ),
        (AGAIN | {"problem": "its archive is gone"}, Champion(), ("its archive is gone", "until a person approves")),
        (None, Champion({"f1": 0.97}), ("0.9800", "0.9700", "+0.0100")),  # run by hand, without a workflow
        ({"version": "v"}, Champion(), ("This cannot be shown", "KeyError")),
    ],
)
def test_the_champion_beside_the_model(known: Any, champion: Champion, said: tuple[str, ...]) -> None:
    page = compared(known, champion)
    assert "Compared with the champion" in page
    for words in said:
        assert words in page


def test_a_first_version_has_no_champion() -> None:
    assert "champion" not in compared(None, Champion())


def test_a_dirty_commit_is_no_commit_to_check_out() -> None:
    assert "the commit alone is not this code" in whole(EXECUTION)
    assert "the commit alone is not this code" not in whole(EXECUTION | {"commit": "ab" * 20})
    assert "git checkout" not in whole(EXECUTION | {"commit": None})


def test_without_a_search_there_is_no_such_section() -> None:
    assert 'id="search"' not in whole(EXECUTION | {"search": None})


def test_an_unknown_price_is_no_price_of_zero() -> None:
    jobs = [job("m-1"), job("m-2", usd_per_hour=None)]
    assert total_cost(jobs) is None
    page = whole(EXECUTION | {"jobs": jobs})
    assert "price unknown" in page
    assert "over 0.0100 USD" in page


MALFORMED: list[tuple[str, Any]] = [
    ("jobs", "none"),
    ("jobs", [3]),
    ("jobs", [{"seconds": "long"}]),
    ("jobs", [job("m", started="yesterday")]),
    ("jobs", [{}]),
    ("search", []),
    ("search", {"trials": [{}]}),
    ("search", {"trials": "x", "ranges": 3}),
    ("hyperparameters", 3),
    ("overrides", None),
    ("data", None),
    ("gate", "accuracy"),
    ("commit", None),
]


@pytest.mark.parametrize(("key", "value"), MALFORMED, ids=[f"{key}={value}"[:40] for key, value in MALFORMED])
def test_malformed_facts_never_fail_an_evaluation(key: str, value: Any) -> None:
    assert 'id="reproduce"' in whole(copy.deepcopy(EXECUTION) | {key: value})


@pytest.mark.parametrize("key", sorted(EXECUTION))
def test_whatever_is_missing_the_rest_is_shown(key: str) -> None:
    page = whole({name: value for name, value in EXECUTION.items() if name != key})
    assert 'id="lineage"' in page
    assert "This cannot be shown" not in page


def test_nothing_but_the_model_is_known(tmp_path: Path) -> None:
    facts = Facts.read(Container(tmp_path))
    page = checked(render("m", "", [], [curves.section(facts.history), *about_run.sections(facts)]))
    assert page.count("The processing job has no input &#x27;execution&#x27;") == 3
    assert "The training job left no history." in page


@pytest.mark.parametrize(
    ("files", "name", "sentence"),
    [
        ({"execution/execution.json": b"{"}, "execution.json", "execution.json is not JSON: "),
        ({"execution/execution.json": b"[]"}, "execution.json", "execution.json holds a list, not an object."),
        ({"execution/other": b""}, "execution.json", "The job's input holds no execution.json."),
        ({"training/output.tar.gz": b"no"}, "history.json", "output.tar.gz cannot be unpacked: "),
        ({"training/model.tar.gz": b""}, "history.json", "The job's input holds no output.tar.gz"),
    ],
)
def test_facts_that_cannot_be_read(files: dict[str, bytes], name: str, sentence: str, tmp_path: Path) -> None:
    for path, content in files.items():
        file = tmp_path / "processing" / "input" / path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    assert sentence in Facts.read(Container(tmp_path)).missing[name]


@pytest.mark.parametrize("member", ["history.json", "./history.json", "data/history.json"])
def test_history_comes_out_of_the_archive(member: str, tmp_path: Path) -> None:
    archive = tmp_path / "processing" / "input" / "training" / "output.tar.gz"
    archive.parent.mkdir(parents=True)
    content = json.dumps({"train:loss": [[1, 2.0]]}).encode()
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    assert Facts.read(Container(tmp_path)).history == {"train:loss": [[1, 2.0]]}


def test_everything_from_outside_is_escaped() -> None:
    execution = json.loads(json.dumps(EXECUTION).replace("olive", HOSTILE).replace("CapacityError", HOSTILE))
    execution["hyperparameters"] = {HOSTILE: HOSTILE}
    execution["overrides"] = {HOSTILE: HOSTILE}
    texts = mistakes.section([Mistake(HOSTILE, HOSTILE, HOSTILE, 0.9)], 1, 2)
    page = whole(execution) + checked(render(HOSTILE, HOSTILE, [Figure(HOSTILE, HOSTILE, HOSTILE)], [texts]))
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") > 10


@pytest.mark.parametrize(
    ("value", "goal", "passed", "sentence"),
    [
        (0.99, "maximize", True, "Passes the gate, at least 0.9800, by 0.01"),
        (0.97, "maximize", False, "Misses the gate, at least 0.9800, by 0.01"),
        (0.98, "maximize", True, "Passes the gate, at least 0.9800, by 0"),
        (0.5, "minimize", True, "Passes the gate, at most 0.9800, by 0.4800"),
        (1.5, "minimize", False, "Misses the gate, at most 0.9800, by 0.5200"),
    ],
)
def test_the_gate_s_verdict(value: float, goal: str, passed: bool, sentence: str) -> None:
    assert gate.verdict(value, {"goal": goal, "threshold": 0.98}) == (passed, sentence)


def test_the_gate_s_metric_comes_first_and_says_by_how_much() -> None:
    shown = {"f1": ("F1", percent), "accuracy": ("accuracy", percent), "gone": ("gone", percent)}
    first, second = gate.figures({"f1": 0.5, "accuracy": 0.97}, shown, EXECUTION["gate"], {"accuracy": 1000})
    missed, sure = "Misses the gate, at least 98.00 %, by 1.00 points", "95 % interval 95.75 % to 97.89 %"
    assert first == Figure("accuracy", "97.00 %", missed, "bad", sure)
    assert second == Figure("F1", "50.00 %")


def test_each_metric_of_the_gate_has_its_verdict() -> None:
    limits = {**EXECUTION["gate"], "also": [{"metric": "f1", "goal": "maximize", "threshold": 0.9}, {"metric": "gone"}]}
    shown = {"auc": ("AUC", number), "f1": ("F1", percent), "accuracy": ("accuracy", percent)}
    first, second, third = gate.figures({"auc": 0.9, "f1": 0.5, "accuracy": 0.99}, shown, limits, {})
    assert (first.state, second.state, third.state) == ("good", "bad", "")
    assert second == Figure("F1", "50.00 %", "Misses the gate, at least 90.00 %, by 40.00 points", "bad")


@pytest.mark.parametrize("unknown", [None, "accuracy", {}, {"metric": "accuracy"}, {"metric": "gone", "threshold": 1}])
def test_without_a_gate_the_figures_are_shown_alone(unknown: Any) -> None:
    shown = {"accuracy": ("accuracy", percent)}
    assert gate.figures({"accuracy": 0.97}, shown, unknown, {}) == [Figure("accuracy", "97.00 %")]


def test_calibration_is_the_mean_distance_of_its_bins() -> None:
    measured = Calibration.of(
        np.repeat([0.95, 0.55], [40, 20]), np.repeat([1, 0, 1, 0], [30, 10, 10, 10]) == 1, bins=10
    )
    assert [(each.count, each.accuracy) for each in measured.bins] == [(20, 0.5), (40, 0.75)]
    assert measured.error == pytest.approx((4 * 0.2 + 2 * 0.05) / 6)
    page = checked(calibration.section(measured, {"bag of words": measured}).html)
    assert "Expected calibration error 15.00 %, of bag of words 15.00 %" in page
    assert page.count("<polyline") == 2
    assert "are not drawn" not in page


def test_a_bin_of_few_predictions_is_no_point() -> None:
    probabilities, right = np.repeat([0.95, 0.65, 0.55], [40, LEAST, LEAST - 1]), np.arange(40 + 2 * LEAST - 1) % 4 > 0
    page = checked(calibration.section(Calibration.of(probabilities, right)).html)
    reliability, sureness = page.split('<figure class="chart">')[1:]
    assert "Bins of fewer than 10 predictions (1 here) are not drawn" in page
    assert reliability.count("<circle") == reliability.count('class="whisker"') == 2
    assert sureness.count("<rect") == 3
    assert "40 predictions, 95.00 % sure, 75.00 % right (59.81 % to 85.81 %)" in reliability


def test_certain_predictions_have_a_bin() -> None:
    assert Calibration.of(np.array([1.0]), np.array([True])).error == 0


def test_the_surest_mistakes_come_first() -> None:
    truths, predictions = np.array([0, 1, 2, 3]), np.array([0, 2, 1, 0])
    assert mistakes.worst(truths, predictions, np.array([0.9, 0.5, 0.8, 0.6])).tolist() == [2, 3, 1]
    picture = mistakes.section([Mistake(np.zeros((2, 2), np.uint8), "4", "9", 0.987)], 7, 1000)
    assert "7 of 1,000 examples are wrong. Shown, the surest first: 1." in picture.html
    assert 'alt="A picture of 4 taken for 9"' in picture.html
    assert "all 10 examples are right" in mistakes.section([], 0, 10).html


def test_the_matrix_says_each_confusion() -> None:
    evaluation = Evaluation.of(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    html = checked(confusion.section(evaluation, ["bad", "good"]).html)
    assert 'title="bad taken for good: 1"' in html
    assert html.count('class="zero"') == 1


def test_long_names_of_classes_are_whole() -> None:
    names = ["T-shirt/top", "Ankle boot", "Pullover with a long name"]
    evaluation = Evaluation.of(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), 3)
    matrix = checked(confusion.section(evaluation, names).html)
    assert 'class="matrix long"' in matrix
    assert 'class="matrix"' in confusion.section(evaluation, ["bad", "good", "neither"]).html
    shown = whole(EXECUTION, {"splits": {"train": {"classes": dict.fromkeys(names, 6000)}}})
    for name in names:
        assert f'<th scope="row">{name}</th>' in shown


def test_precision_and_recall_have_intervals() -> None:
    evaluation = Evaluation.of(np.repeat([0, 0, 1], [90, 10, 50]), np.repeat([0, 1, 1], [90, 10, 50]), 3)
    html = confusion.section(evaluation, ["a", "b", "never"]).html
    assert '90.00 %<span class="said">82.6 to 94.5</span>' in html
    assert '<td class="number">0.00 %</td>' in html


def test_a_page_gets_its_version_later() -> None:
    page = with_version(whole(EXECUTION), "3, Approved")
    assert "<dt>Version</dt><dd>3, Approved</dd>" in page
    assert with_version(page, "4") == page


def test_a_search_without_any_objective() -> None:
    found = search.section(EXECUTION | {"search": EXECUTION["search"] | {"trials": [trial(1, None, "1", "Failed")]}})
    assert found
    assert "No trial reached a value" in found.html


def test_values_for_the_shell_are_quoted() -> None:
    html = reproduce.section(EXECUTION | {"overrides": {"word": "a b", "flag": True}, "search": None}).html
    assert "--set &#x27;word=a b&#x27; --set flag=true" in html
