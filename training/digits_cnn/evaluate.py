"""Processing job: the trained archive answers the test split through its serving signature.

`python3 -m training.digits_cnn.evaluate` takes about 8 s for 10,000 images, 5 of them for importing TensorFlow.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from training.common import failure
from training.common.archive import unpack_model
from training.common.container import Container
from training.common.evaluation import Evaluation
from training.common.manifest import Manifest, write_json
from training.common.report import Mistake, render
from training.digits_cnn.settings import CLASSES, SCHEMA

BATCH_SIZE = 500
MISTAKES_SHOWN = 24


def main(container: Container) -> None:
    """Write evaluation.json and report.html. Raises JobError for an archive or shards that are missing or damaged."""
    test = container.processing_input("test")
    manifest = Manifest.read(test)
    manifest.require(SCHEMA, CLASSES)
    archive = container.processing_input("model") / "model.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        saved_model = unpack_model(archive, Path(folder))
        images, labels, predictions, probabilities = _predict(saved_model, test, manifest)
    evaluation = Evaluation.of(labels, predictions, CLASSES)
    output = container.processing_output("evaluation")
    write_json(output / "evaluation.json", evaluation.as_json())
    mistakes = worst(images, labels, predictions, probabilities)
    subtitle = f"{manifest.records:,} images of the split '{manifest.split}', through the signature serving_default"
    page = render("digits-cnn: evaluation", subtitle, evaluation, mistakes)
    (output / "report.html").write_text(page, encoding="utf-8")
    print(" ".join(f"{name}={value:.4f}" for name, value in evaluation.metrics().items()), flush=True)


def _predict(saved_model: Path, folder: Path, manifest: Manifest) -> tuple[np.ndarray, ...]:
    """Images, labels, predicted classes and their probabilities of the whole split."""
    print("importing TensorFlow", flush=True)
    import tensorflow as tf  # what is missing or damaged is told without waiting for it

    from training.common.shard_reader import read_whole

    images, labels = read_whole(folder, manifest)
    loaded = tf.saved_model.load(str(saved_model))
    signature = loaded.signatures["serving_default"]
    predictions, probabilities = [], []
    for start in range(0, len(images), BATCH_SIZE):
        answer = signature(images=tf.constant(images[start : start + BATCH_SIZE]))
        predictions.append(answer["class"].numpy())
        probabilities.append(answer["probability"].numpy())
    return images, labels, np.concatenate(predictions), np.concatenate(probabilities)


def worst(images: np.ndarray, labels: np.ndarray, predictions: np.ndarray, probabilities: np.ndarray) -> list[Mistake]:
    """The wrong predictions that the model was surest of, the surest first."""
    wrong = np.flatnonzero(labels != predictions)
    chosen = wrong[np.argsort(-probabilities[wrong], kind="stable")][:MISTAKES_SHOWN]
    return [
        Mistake(images[index], int(labels[index]), int(predictions[index]), float(probabilities[index]))
        for index in chosen
    ]


if __name__ == "__main__":
    failure.run(main)
