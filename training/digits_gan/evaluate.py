"""Processing job: evaluate digits drawn by the trained archive, by the features of a judge.

It draws half as many digits as the test split holds. The input `judge` is the model.tar.gz of an approved digits-cnn.
`python3 -m training.digits_gan.evaluate`
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pages import curves
from pages.markup import number, percent
from pages.page import render
from pages.run_files import HISTORY
from training.common import champion, failure
from training.common.champion import Champion
from training.common.container import Container
from training.common.errors import JobError
from training.common.evaluation_job import read_test_split, unpacked, write_results
from training.common.manifest import Manifest
from training.common.report import about_run, gate
from training.common.report.facts import ARCHIVE, Facts
from training.common.tensorflow_start import import_tensorflow
from training.digits_gan.algorithm import ALGORITHM, DATA, MOST_IMAGES
from training.digits_gan.judge import Judged, metrics
from training.digits_gan.sections import balance_section, drawn_section, samples_section

BATCH_SIZE = 500
FIGURES = {
    "frechet_distance": ("Frechet distance", number),
    "frechet_floor": ("its floor, real to real", number),
    "class_balance": ("class balance", percent),
    "recognised": ("recognised", percent),
}


def main(container: Container) -> None:
    """Write evaluation.json and report.html. Raises JobError for a missing or damaged archive or shard."""
    test, manifest = read_test_split(container, DATA.check_manifest)
    with unpacked(container, "model") as model, unpacked(container, "judge") as judge:
        drawn, judged = _judge({"model": model, "judge": judge}, test, manifest)
        beside = champion.measure(container, lambda other: _metrics({"model": other, "judge": judge}, test, manifest))
    measured = metrics(judged["real"], judged["drawn"])
    counts = {str(digit): int(judged["drawn"].counts[digit]) for digit in range(len(DATA.classes))}
    page = _report(
        Facts.read(container), drawn, judged["drawn"], measured, sheets=list(_sheets(container)), beside=beside
    )
    content = {"metrics": measured, "shares": _shares(drawn), "examples": len(drawn), "classes": counts}
    write_results(ALGORITHM, container, content | beside.as_json(), page)


def _shares(drawn: np.ndarray) -> dict[str, int]:
    """The metrics that are a share of so many drawings."""
    return {"recognised": len(drawn)}


def _metrics(models: dict[str, Path], folder: Path, manifest: Manifest) -> dict[str, float]:
    _, judged = _judge(models, folder, manifest)
    return metrics(judged["real"], judged["drawn"])


def _judge(models: dict[str, Path], folder: Path, manifest: Manifest) -> tuple[np.ndarray, dict[str, Judged]]:
    """The drawn images uint8 [n, 28, 28], and the judge's view of these and of the split's."""
    import_tensorflow()  # here, so that missing or damaged input is reported without waiting for it
    import tensorflow as tf

    from training.common.shard_reader import read_whole

    if manifest.records < 4:
        raise JobError(f"The split 'test' holds {manifest.records} images, and two halves to compare need at least 4.")
    real, _ = read_whole(folder, manifest)
    loaded = {name: tf.saved_model.load(str(path)) for name, path in models.items()}
    if "features" not in loaded["judge"].signatures:
        found = ", ".join(loaded["judge"].signatures)
        raise JobError(f"The judge's SavedModel lacks the signature 'features' (it has {found}): train it again.")
    draw, see = loaded["model"].signatures["serving_default"], loaded["judge"].signatures["features"]
    count = manifest.records // 2
    seeds = range(-(-count // MOST_IMAGES))
    whole = tf.constant(MOST_IMAGES, tf.int32)
    drawn = np.concatenate([draw(seed=tf.constant(seed, tf.int64), count=whole)["images"] for seed in seeds])[:count]
    return drawn, {"real": _seen(see, real), "drawn": _seen(see, drawn)}


def _seen(see: Any, images: np.ndarray) -> Judged:
    answers = [see(images=images[start : start + BATCH_SIZE]) for start in range(0, len(images), BATCH_SIZE)]
    return Judged(*(np.concatenate([answer[name] for answer in answers]) for name in ("features", "probabilities")))


def _sheets(container: Container) -> Iterator[tuple[int, bytes]]:
    """The training job's sheets by step; empty without output data, as the report says."""
    try:
        archive = container.processing_input("training") / ARCHIVE
        with tarfile.open(archive, "r:gz") as tar:
            for member in sorted(tar, key=lambda member: member.name):
                file = tar.extractfile(member) if member.name.endswith(".png") else None
                if file:
                    yield int(Path(member.name).stem.removeprefix("step-")), file.read()
    except (JobError, tarfile.TarError, OSError, EOFError):
        return


def _report(
    facts: Facts,
    drawn: np.ndarray,
    judged: Judged,
    measured: dict[str, float],
    *,
    sheets: list[tuple[int, bytes]],
    beside: Champion,
) -> str:
    shares = _shares(drawn)
    shown = [*gate.figures(measured, FIGURES, facts.execution.get("gate"), shares), *about_run.figures(facts)]
    what = f"{len(drawn):,} drawn digits, through the signature serving_default, judged by digits-cnn"
    sections = [
        *about_run.compared(facts, measured, shares, beside),
        samples_section(sheets),
        drawn_section(drawn, judged),
        balance_section(judged, measured),
        curves.section(facts.history, why_missing=facts.missing.get(HISTORY, "")),
        *about_run.sections(facts),
    ]
    return render("digits-gan", what, shown, sections, about_run.about(facts))


if __name__ == "__main__":
    failure.run(main)
