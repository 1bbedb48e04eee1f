"""The evaluation job of every model: the checked test split in, evaluation.json and report.html out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from training.common.container import Container
from training.common.manifest import Manifest, write_json


def read_test_split(container: Container, check_manifest: Callable[[Manifest], None]) -> tuple[Path, Manifest]:
    """The folder of the test split and its verified manifest. Raises JobError."""
    folder = container.processing_input("test")
    manifest = Manifest.read(folder)
    check_manifest(manifest)
    return folder, manifest


def write_results(container: Container, content: Mapping[str, Any], page: str) -> None:
    """Write evaluation.json, with the `metrics` for the gate, and report.html; print the metrics."""
    output = container.processing_output("evaluation")
    write_json(output / "evaluation.json", content)
    (output / "report.html").write_text(page, encoding="utf-8")
    print(" ".join(f"{name}={value:.4f}" for name, value in content["metrics"].items()), flush=True)
