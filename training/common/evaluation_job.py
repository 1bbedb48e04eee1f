"""The evaluation job of every model: the checked test split in, evaluation.json and report.html out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.common.algorithm import Algorithm
from training.common.archive import unpack_model
from training.common.checksum import checksum_sha256
from training.common.container import Container
from training.common.manifest import Manifest, write_json


def read_test_split(container: Container, check_manifest: Callable[[Manifest], None]) -> tuple[Path, Manifest]:
    """The folder of the test split and its verified manifest. Raises JobError."""
    folder = container.processing_input("test")
    manifest = Manifest.read(folder)
    check_manifest(manifest)
    return folder, manifest


@contextmanager
def unpacked(container: Container, name: str) -> Iterator[Path]:
    """The SavedModel in the model.tar.gz of an input, within the block. Raises JobError."""
    with tempfile.TemporaryDirectory() as folder:
        yield unpack_model(container.processing_input(name) / "model.tar.gz", Path(folder))


def write_results(algorithm: Algorithm, container: Container, content: Mapping[str, Any], page: str) -> None:
    """Write evaluation.json, with the `metrics` for the gate, and report.html; print the metrics.

    evaluation.json also holds the checksum of the archive that was measured, and the job's message the checksums of
    both files: other executions' jobs can write the same prefix in S3, but not this job's message. Raises JobError
    unless the metrics are those that the algorithm declares.
    """
    algorithm.require_written(content["metrics"])
    output = container.processing_output("evaluation")
    archive = container.processing_input("model") / "model.tar.gz"
    write_json(output / "evaluation.json", {**content, "archive": {"checksum_sha256": checksum_sha256(archive)}})
    (output / "report.html").write_text(page, encoding="utf-8")
    said = {name: checksum_sha256(output / name) for name in ("evaluation.json", "report.html")}
    container.output.mkdir(parents=True, exist_ok=True)
    write_json(container.output / "message", said)
    print(" ".join(f"{name}={value:.4f}" for name, value in content["metrics"].items()), flush=True)
