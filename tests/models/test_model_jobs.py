"""A model's three jobs on a small data set: they read and write what its algorithm declares."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from declared_models import ROOT, Found
from model_lab import evaluated, prepared, run_step, trained, write_raw

pytestmark = pytest.mark.tensorflow


def test_prepare_reads_each_declared_file(declared_model: Found, tmp_path: Path) -> None:
    raw = write_raw(declared_model, tmp_path)
    files = sorted(path.name for path in raw.iterdir())
    assert tuple(files) in [tuple(sorted(names)) for names in declared_model.algorithm.files]
    for name in files:
        (raw / name).rename(tmp_path / name)
        result = run_step(declared_model.package, tmp_path, "prepare")
        assert result.returncode == 1
        assert name in (tmp_path / "output" / "failure").read_text()
        (tmp_path / name).rename(raw / name)


def test_prepare_writes_three_splits_with_their_origin(declared_model: Found) -> None:
    manifest = json.loads((prepared(declared_model) / "manifest.json").read_text())
    assert set(manifest["splits"]) == {"train", "validation", "test"}
    assert all(manifest[name].strip() for name in ("source", "licence", "split_rule"))


def test_training_emits_the_declared_metrics(declared_model: Found) -> None:
    emitted = set(
        re.findall(r"^metric (\S+)=\S+ step=\d+$", (trained(declared_model) / "log").read_text(), re.MULTILINE)
    )
    assert emitted == set(declared_model.algorithm.training_metrics)


def test_training_writes_a_model_and_its_handler(declared_model: Found) -> None:
    model = trained(declared_model) / "model"
    assert (model / "1" / "saved_model.pb").is_file()
    code = {path.name: path.read_text() for path in (model / "code").iterdir()}
    handler, shared = (ROOT / "inference" / name for name in (f"{declared_model.package}.py", "serving.py"))
    assert code == {"inference.py": handler.read_text(), "serving.py": shared.read_text()}


def test_evaluation_writes_the_declared_metrics_and_a_report(declared_model: Found) -> None:
    content = json.loads((evaluated(declared_model) / "evaluation.json").read_text())
    assert set(content["metrics"]) == set(declared_model.algorithm.evaluation_metrics)
    assert declared_model.name in (evaluated(declared_model) / "report.html").read_text()
