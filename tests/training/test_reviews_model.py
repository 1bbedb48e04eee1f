"""The network of reviews-lstm: recurrence, words, batches, and the job's archive."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from reviews_lab import ROOT, evaluated, folder, prepared, trained, training_job

from training.common.distribution import Share
from training.common.errors import JobError
from training.common.manifest import Manifest
from training.reviews_lstm import train
from training.reviews_lstm.export import Served
from training.reviews_lstm.feed import ReviewFeed, arrange, padded_lengths
from training.reviews_lstm.model import Network, Shape, make_noise
from training.reviews_lstm.run import soft_targets
from training.reviews_lstm.words import PADDING, UNKNOWN, Vectoriser, commonest, fingerprint, split

pytestmark = pytest.mark.tensorflow

NUMBERS = np.array([[2, 3, 4, 0, 0], [5, 6, 7, 8, 9], [1, 0, 0, 0, 0]], np.int32)
TWICE = np.stack([NUMBERS, np.zeros_like(NUMBERS)], 2)
WEIGHTING = [1.0, 2.0, -1.0]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Restore SIGTERM's handler, which a job replaces."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def keras_logits(network: Network, numbers: np.ndarray) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """The logits of Keras's layers with equal weights, and gradients of a weighted sum."""
    layers = keras.layers
    vectors = layers.Embedding(network.shape.words, network.shape.embedding, mask_zero=True)
    both = layers.Bidirectional(layers.LSTM(network.shape.units, return_sequences=True), merge_mode=None)
    both(vectors(numbers))
    vectors.set_weights([network.vectors.numpy() - network.vectors.numpy()[0]])
    both.set_weights(
        [each[way].numpy() for way in (0, 1) for each in (network.kernels, network.recurrents, network.biases)]
    )
    mask = tf.cast(numbers != 0, tf.float32)[..., None]
    with tf.GradientTape() as tape:
        pooled = []
        for states in both(vectors(numbers)):
            mean = tf.reduce_sum(states * mask, 1) / tf.reduce_sum(mask, 1)
            pooled += [mean, tf.reduce_max(states * mask + (mask - 1) * 2, 1)]
        logits = tf.matmul(tf.concat(pooled, 1), network.head.numpy())[:, 0] + network.offset.numpy()
        loss = tf.reduce_sum(logits * WEIGHTING)
    return logits, tape.gradient(loss, both.trainable_variables)


def test_the_recurrence_and_its_gradients_are_those_of_keras() -> None:
    network = Network(Shape(50, 8, 5), seed=1)
    network.vectors.assign(tf.tensor_scatter_nd_update(network.vectors.value, [[0]], tf.zeros([1, 8])))
    expected, gradients = keras_logits(network, NUMBERS)
    weights = [each[way] for way in (0, 1) for each in (network.kernels, network.recurrents, network.biases)]
    with tf.GradientTape() as tape:
        logits = network(TWICE)
        loss = tf.reduce_sum(logits * WEIGHTING)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    for found, wanted in zip(tape.gradient(loss, [weight.value for weight in weights]), gradients, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_padding_changes_nothing() -> None:
    network = Network(Shape(50, 8, 5), seed=1)
    wider = np.pad(TWICE, ((0, 0), (0, 7), (0, 0)))
    np.testing.assert_allclose(network(wider), network(TWICE), atol=1e-6)


def test_noise_depends_on_seed_and_step_alone() -> None:
    shape, rates = Shape(50, 8, 5), (0.3, 0.5, 0.5)
    first, same, later = (make_noise(shape, (4, 6), rates, 3, tf.constant(step)) for step in (7, 7, 8))
    np.testing.assert_array_equal(first.found, same.found)
    assert np.any(first.found != later.found)
    assert {0.0, 2.0} == set(np.unique(first.found))
    assert first.features.shape == (4, 1, 8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's  GREAT!", ["it's", "great", "!"]),
        ("''Conan'' isn't<br /><br/>dull?", ["conan", "isn't", "dull", "?"]),
        ("Amélie — ÉTÉ 2001", ["amélie", "été", "2001"]),
        ("«...»", []),
        ("", []),
    ],
)
def test_texts_are_split_into_words(text: str, words: list[str]) -> None:
    assert [word.decode() for word in split(tf.constant([text])).to_list()[0]] == words


def vectoriser(tmp_path: Path, longest: int = 5) -> Vectoriser:
    (tmp_path / "vocabulary.txt").write_bytes(b"good\nenjoy~\nfilm\n")
    return Vectoriser(tmp_path / "vocabulary.txt", longest)


def test_words_become_numbers_of_themselves_and_of_their_beginnings(tmp_path: Path) -> None:
    found = vectoriser(tmp_path)(tf.constant(["good enjoyable thing", "«»", "film " * 9])).numpy()
    assert found.shape == (3, 5, 2)
    assert found[0].tolist() == [[2, UNKNOWN], [UNKNOWN, 3], [UNKNOWN, UNKNOWN], [PADDING] * 2, [PADDING] * 2]
    assert found[1, :2].tolist() == [[UNKNOWN, UNKNOWN], [PADDING, PADDING]]
    assert found[2, :, 0].tolist() == [4] * 5, "what is longer is cut off"
    assert vectoriser(tmp_path)(tf.constant([""])).numpy().tolist() == [[[UNKNOWN, UNKNOWN]]]


def test_the_vocabulary_holds_the_commonest_words_in_one_order() -> None:
    texts = [b"a film a plot", b"a film"]
    assert commonest(texts, 9, 2) == [b"a", b"a~", b"film", b"film~"]
    assert commonest(texts[::-1], 2, 1) == [b"a", b"a~"]
    with pytest.raises(JobError, match="No word occurs 4 times in the split 'train': lower the hyperparameter rarest"):
        commonest(texts, 9, 4)


def test_an_epoch_takes_every_review_once_in_batches_of_similar_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 1003)
    batches = arrange(lengths, 20, seed=0, epoch=3)
    assert len(batches) == 50
    taken = np.concatenate([positions for positions, _ in batches])
    assert len(set(taken)) == len(taken) == 1000
    assert {length for _, length in batches} <= set(padded_lengths(200)) | {199}
    assert all(lengths[positions].max() <= length for positions, length in batches)
    padding = 1 - lengths[taken].sum() / sum(length * 20 for _, length in batches)
    assert padding < 0.25, "of what is computed"
    other = np.concatenate([positions for positions, _ in arrange(lengths, 20, seed=0, epoch=4)])
    assert np.any(taken != other)


def test_hosts_share_each_batch_between_them() -> None:
    numbers = np.zeros((40, 12, 2), np.int32)
    for row, length in enumerate(np.random.default_rng(0).integers(1, 12, 40)):
        numbers[row, :length] = UNKNOWN
    targets = np.arange(40, dtype=np.float32)
    whole = ReviewFeed(numbers, targets, 8, 0, Share())
    halves = [ReviewFeed(numbers, targets, 8, 0, Share(index, 2)) for index in (0, 1)]
    step = 0
    while step < whole.steps_per_epoch:
        chunk = whole.take(0, step, 9)
        parts = [half.take(0, step, 9) for half in halves]
        assert {part.steps for part in parts} == {chunk.steps}
        shared = [part.tensors[1].numpy().reshape(chunk.steps, 4) for part in parts]
        np.testing.assert_array_equal(np.concatenate(shared, 1).ravel(), chunk.tensors[1])
        step += chunk.steps


def test_targets_are_softer_where_people_were_less_sure() -> None:
    columns = {"label": np.array([0, 1]), "rating": np.array([-4, 0.5], np.float32)}
    assert soft_targets(columns, 0).tolist() == [0, 1]
    assert soft_targets(columns, 1).tolist() == pytest.approx([0.018, 0.622], abs=0.001)


def test_the_archive_answers_plain_text() -> None:
    model = trained() / "model"
    code = {path.name: path.read_text() for path in (model / "code").iterdir()}
    assert code["inference.py"] == (ROOT / "inference" / "reviews_lstm.py").read_text()
    assert "serving.py" in code
    signature = tf.saved_model.load(str(model / "1")).signatures["serving_default"]
    answer = signature(texts=tf.constant(["A WONDERFUL, gripping film", "dull and boring", "«»"]))
    assert answer["class"].numpy().tolist()[:2] == [b"positive", b"negative"]
    assert np.all(answer["probability"].numpy()[:2] > 0.7)
    assert np.all(answer["probability"].numpy() >= 0.5)


def test_the_evaluation_compares_with_a_bag_of_words() -> None:
    content = json.loads((evaluated() / "evaluation.json").read_text())
    metrics = content["metrics"]
    assert metrics["accuracy"] > 0.9
    assert {"auc", "calibration_error", "baseline_accuracy", "baseline_auc"} <= set(metrics)
    assert content["examples"] == Manifest.read(prepared() / "test").records
    page = (evaluated() / "report.html").read_text()
    assert re.search(r"The LSTM (wins over|LOSES TO|equals) the logistic regression", page)
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_the_vocabulary_of_another_run_is_refused(tmp_path: Path, capsys) -> None:
    network = Network(Shape(9, 4, 4), seed=0)
    with pytest.raises(
        JobError, match="has vectors for 9 entries, and the vocabulary has 5: it is that of another run"
    ):
        Served(network, vectoriser(tmp_path))
    job = training_job(folder(), epochs="0.1", directions="1")
    train.main(job)
    record = next(job.checkpoints.glob("step-*/checkpoint.json"))
    content = json.loads(record.read_text())
    content["identity"]["vocabulary"] = fingerprint([b"other"])
    record.write_text(json.dumps(content))
    train.main(job)
    assert "is not used: it was made with another vocabulary" in capsys.readouterr().out


REFUSED = {
    "unknown": ({"words": "9"}, "there is no hyperparameter words"),
    "batch": ({"batch_size": "8000"}, "fewer than one batch: set batch_size to at most"),
    "directions": ({"directions": "3"}, "directions is '3', and must be a whole number from 1 to 2"),
    "rarest": ({"rarest": "1000", "batch_size": "8"}, "No word occurs 1000 times"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_job_is_refused_with_a_sentence(case: str) -> None:
    hyperparameters, sentence = REFUSED[case]
    with pytest.raises(JobError) as raised:
        train.main(training_job(folder(), **hyperparameters))
    assert sentence in str(raised.value)
