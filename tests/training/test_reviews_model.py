"""The network of reviews-lstm: recurrence, words, batches, and the job's archive."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from reviews_lab import ROOT, evaluated, folder, prepared, trained, training_job

from training.common.distribution import Share
from training.common.errors import JobError
from training.common.manifest import Manifest
from training.common.shard_writer import write_splits
from training.common.temperature import Factor
from training.reviews_lstm import looks, readings, train
from training.reviews_lstm.algorithm import SCHEMA
from training.reviews_lstm.export import Served
from training.reviews_lstm.feed import ReviewFeed, Reviews, arrange, padded_lengths
from training.reviews_lstm.model import FRAME, WIDTH, Network, Shape, agreed, make_noise
from training.reviews_lstm.run import soft_targets
from training.reviews_lstm.snippets import ORIGIN
from training.reviews_lstm.trained import Reading, Trained
from training.reviews_lstm.words import PADDING, UNKNOWN, Vectoriser, Vocabulary, split

pytestmark = pytest.mark.tensorflow

WORDS = np.array([[2, 3, 4, 0, 0, 0, 0, 0], [5, 6, 7, 8, 9, 3, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]], np.int32)
NUMBERS = np.stack([WORDS, np.where(WORDS, WORDS + 20, 0), np.where(WORDS, WORDS + 30, 0)], 2)
POLARITY = np.concatenate([[0, 0], np.random.default_rng(0).normal(size=58)]).astype(np.float32)
SMALL = Shape(50, 8, 6, 5)
WEIGHTING = [1.0, 2.0, -1.0]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Restore SIGTERM's handler, which a job replaces."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def keras_logits(network: Network, numbers: np.ndarray) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """One member's logits by Keras's layers, and gradients of their weighted sum."""
    layers, shape = keras.layers, network.shape
    both = layers.Bidirectional(layers.LSTM(shape.units, return_sequences=True), merge_mode=None)
    convolution = layers.Conv1D(shape.channels, WIDTH, padding="same")
    inputs = np.concatenate([network.vectors.numpy()[numbers[..., :2]].sum(2), POLARITY[numbers]], 2)
    present = (numbers[..., :1] != PADDING).astype(np.float32)
    convolution(inputs)
    convolution.set_weights([network.filters.numpy()[0], network.thresholds.numpy()[0, 0]])
    mask = layers.MaxPooling1D(FRAME)(present)
    with tf.GradientTape() as tape:
        said = tf.nn.relu(convolution(inputs * present)) * present
        frames = layers.MaxPooling1D(FRAME)(said)
        if not both.built:
            both(frames)
            own = zip(network.kernels.numpy(), network.recurrents.numpy(), network.biases.numpy(), strict=True)
            both.set_weights([weight for way in own for weight in way])
        pooled = []
        for states in both(frames, mask=mask[..., 0] > 0):
            mean = tf.reduce_sum(states * mask, 1) / tf.reduce_sum(mask, 1)
            pooled += [mean, tf.reduce_max(states * mask + (mask - 1) * 2, 1)]
        logits = tf.matmul(tf.concat(pooled, 1), network.heads.numpy()[0])[:, 0] + network.offsets.numpy()[0, 0]
        loss = tf.reduce_sum(logits * WEIGHTING)
    weights = [convolution.kernel.value, *(weight.value for weight in both.trainable_variables)]
    return logits, tape.gradient(loss, weights)


def test_a_member_and_its_gradients_are_those_of_keras() -> None:
    network = Network(Shape(50, 8, 6, 5, members=1), seed=1)
    expected, (of_filters, *of_lstms) = keras_logits(network, NUMBERS)
    weights = [each.value for each in (network.filters, network.kernels, network.recurrents, network.biases)]
    with tf.GradientTape() as tape:
        logits = network(NUMBERS, POLARITY[NUMBERS])[:, 0]
        loss = tf.reduce_sum(logits * WEIGHTING)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    found = tape.gradient(loss, weights)
    np.testing.assert_allclose(found[0][0], of_filters, atol=1e-6)
    for place, gradient in enumerate(found[1:]):
        np.testing.assert_allclose(gradient, np.stack([of_lstms[place], of_lstms[place + 3]]), atol=1e-6)


def test_members_share_nothing() -> None:
    network = Network(SMALL, seed=1)
    before = network(NUMBERS, POLARITY[NUMBERS]).numpy()
    with tf.GradientTape() as tape:
        first = network(NUMBERS, POLARITY[NUMBERS])[:, 0]
    for weight, gradient in zip(network.weights, tape.gradient(first, [w.value for w in network.weights]), strict=True):
        weight.assign_sub(tf.convert_to_tensor(gradient))
    after = network(NUMBERS, POLARITY[NUMBERS]).numpy()
    assert np.all(after[:, 0] != before[:, 0])
    np.testing.assert_array_equal(after[:, 1:], before[:, 1:])


def test_the_members_answer_with_their_mean_probability() -> None:
    logits = np.array([[2.0, -1.0, 0.5], [90, -80, 70]], np.float32)
    mean = (1 / (1 + np.exp(-logits.astype(float)))).mean(1)
    np.testing.assert_allclose(tf.sigmoid(agreed(logits)), mean, rtol=1e-5)


def test_padding_changes_nothing() -> None:
    network = Network(SMALL, seed=1)
    wider = np.pad(NUMBERS, ((0, 0), (0, 7), (0, 0)))
    expected = network(NUMBERS, POLARITY[NUMBERS])
    np.testing.assert_allclose(network(wider, POLARITY[wider]), expected, atol=1e-6)
    alone = network(NUMBERS[2:, :1], POLARITY[NUMBERS[2:, :1]])
    np.testing.assert_allclose(alone, expected[2:], atol=1e-6)


def test_noise_depends_on_seed_and_step_alone() -> None:
    first, same, later = (make_noise(SMALL, 4, (0.5, 0.5), 3, tf.constant(step)) for step in (7, 7, 8))
    np.testing.assert_array_equal(first.found, same.found)
    assert np.any(first.found != later.found)
    assert {0.0, 2.0} == set(np.unique(first.found))
    assert first.features.shape == (4, 1, 2 * 8)
    assert np.any(first.features[:, :, :8] != first.features[:, :, 8:16]), "each member has noise of its own"


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


VOCABULARY = Vocabulary([b"good", b"enjoy~", b"film"], [b"film film"])


def test_words_become_numbers_of_themselves_their_beginnings_and_pairs() -> None:
    vectoriser = Vectoriser(VOCABULARY, 5)
    found = vectoriser(tf.constant(["good enjoyable thing", "«»", "film " * 9])).numpy()
    assert found.shape == (3, 5, 3)
    unknown, padding = [UNKNOWN] * 3, [PADDING] * 3
    assert found[0].tolist() == [[2, UNKNOWN, UNKNOWN], [UNKNOWN, 3, UNKNOWN], unknown, padding, padding]
    assert found[1, :2].tolist() == [unknown, padding]
    assert found[2].tolist() == [[4, UNKNOWN, UNKNOWN], *[[4, UNKNOWN, 5]] * 4], "what is longer is cut off"
    assert vectoriser(tf.constant([""])).numpy().tolist() == [[unknown]]


def test_the_vocabulary_holds_the_commonest_entries_in_one_order() -> None:
    texts = [b"a film a plot", b"a film", b""]
    found = Vocabulary.commonest(texts, 9, 2, longest=9)
    assert found == Vocabulary([b"a", b"a~", b"film", b"film~"], [b" a", b"a film"])
    assert (found.rows, found.entries) == (6, 8)
    assert Vocabulary.commonest(texts[::-1], 2, 1, longest=9).words == [b"a", b"a~"]
    assert Vocabulary.commonest(texts, 9, 2, longest=1) == Vocabulary([b"a", b"a~"], [b" a"])
    with pytest.raises(JobError, match="No word occurs 4 times in the split 'train': lower the hyperparameter rarest"):
        Vocabulary.commonest(texts, 9, 4, longest=9)


def test_an_epoch_takes_every_review_once_in_batches_of_similar_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 1003)
    batches = arrange(lengths, 20, seed=0, epoch=3)
    assert len(batches) == 50
    taken = np.concatenate([positions for positions, _ in batches])
    assert len(set(taken)) == len(taken) == 1000
    assert {length for _, length in batches} <= set(padded_lengths(200))
    assert all(length % FRAME == 0 for _, length in batches)
    assert all(lengths[positions].max() <= length for positions, length in batches)
    padding = 1 - lengths[taken].sum() / sum(length * 20 for _, length in batches)
    assert padding < 0.25, "of what is computed"
    other = np.concatenate([positions for positions, _ in arrange(lengths, 20, seed=0, epoch=4)])
    assert np.any(taken != other)


def test_hosts_share_each_batch_between_them() -> None:
    numbers = np.zeros((40, 12, 3), np.int32)
    for row, length in enumerate(np.random.default_rng(0).integers(1, 12, 40)):
        numbers[row, :length] = UNKNOWN
    reviews = Reviews(numbers, np.zeros(numbers.shape, np.float32), np.arange(40, dtype=np.float32))
    whole = ReviewFeed(reviews, 8, 0, Share())
    halves = [ReviewFeed(reviews, 8, 0, Share(index, 2)) for index in (0, 1)]
    step = 0
    while step < whole.steps_per_epoch:
        chunk = whole.take(0, step, 9)
        parts = [half.take(0, step, 9) for half in halves]
        assert {part.steps for part in parts} == {chunk.steps}
        shared = [part.tensors[2].numpy().reshape(chunk.steps, 4) for part in parts]
        np.testing.assert_array_equal(np.concatenate(shared, 1).ravel(), chunk.tensors[2])
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


@pytest.mark.parametrize("text", ["", "«»", "\0", "\ufeff", "wonderful " * 20_000, "这部电影很好看", "\xff\xfe"])
def test_the_archive_answers_any_bytes(text: str) -> None:
    signature = tf.saved_model.load(str(trained() / "model" / "1")).signatures["serving_default"]
    found = signature(texts=tf.constant([text.encode("latin-1" if text == "\xff\xfe" else "utf-8"), b"dull film"]))
    alone = signature(texts=tf.constant([b"dull film"]))
    assert np.all((found["probability"].numpy() >= 0.5) & (found["probability"].numpy() <= 1))
    assert found["class"].numpy()[1] == b"negative"
    np.testing.assert_allclose(found["probability"].numpy()[1:], alone["probability"], atol=1e-5)


def test_each_word_has_a_polarity_and_an_effect() -> None:
    model = Trained(trained() / "model" / "1")
    found = model.reading(b"A WONDERFUL, but dull film")
    assert found.words == ["a", "wonderful", "but", "dull", "film"]
    assert found.polarities.shape == (5, 3)
    assert found.polarities[1, 0] > 0.5 > -0.5 > found.polarities[3, 0]
    assert found.effects[1] > 0 > found.effects[3]
    assert model.reading(b"").words == []
    assert re.search(r"multiplied by \d+\.\d+, fitted on \d+ validation examples", model.factor)


def test_validation_reviews_of_one_class_get_no_factor(capsys: pytest.CaptureFixture[str]) -> None:
    job = training_job(folder(), epochs="0.1", members="1")
    validation = job.channel("validation")
    validation.unlink()
    validation.mkdir()
    praised = {"text": [b"a warm film"] * 5, "label": [1] * 5, "rating": [2.0] * 5}
    write_splits(validation.parent / "written", {"validation": praised}, SCHEMA, ORIGIN)
    for file in (validation.parent / "written" / "validation").iterdir():
        file.rename(validation / file.name)
    train.main(job)
    sentence = "The logits have no factor: the validation examples are of one class"
    assert sentence in capsys.readouterr().out
    assert Trained(job.model / "1").factor.startswith(sentence)


def test_the_evaluation_compares_with_a_bag_of_words() -> None:
    content = json.loads((evaluated() / "evaluation.json").read_text())
    metrics = content["metrics"]
    assert metrics["accuracy"] > 0.9
    assert {"auc", "calibration_error", "baseline_accuracy", "baseline_auc"} <= set(metrics)
    assert content["examples"] == Manifest.read(prepared() / "test").records
    page = (evaluated() / "report.html").read_text()
    assert re.search(r"The LSTM (wins over|LOSES TO|and) the logistic regression", page)
    assert re.search("the same regression with polarities(:| do not differ)", page)
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_the_report_says_what_was_made_of_words_and_how_often_the_split_was_looked_at() -> None:
    page = (evaluated() / "report.html").read_text()
    assert "The logits are multiplied by" in page
    assert "Words of the worst mistakes" in page
    assert "trained models were measured on this test split" in page
    manifest = Manifest.read(prepared() / "test")
    champion = {"champion": {"version": "arn:aws:sagemaker:eu-central-1:1:model-package/slipway-reviews/7"}}
    assert "the champion is version 7, so at least 7 came before" in looks.section(manifest, champion).html
    other = looks.section(replace(manifest, source="IMDB"), {}).html
    assert "its test split is unseen by development" in other
    assert "No champion is known" in other


def test_the_words_of_a_mistake_are_shown_with_the_strongest_first() -> None:
    reading = Reading(["a", "<b>", "film"], np.array([[0, 0.5, 0], [-2, -1, 0.25], [0, 0, 0]]), np.array([0, -3, 1]))
    page = readings.section(
        [("positive taken for negative", reading), ("x", Reading([], np.zeros((0, 3)), np.zeros(0)))]
    )
    assert "1. positive taken for negative: &lt;b&gt; -3, film +1, a 0" in page.html
    assert "it has no words" in page.html
    assert "There are none" in readings.section([]).html


ONE = Factor(1.0, "")


def test_the_factor_multiplies_the_logit_once() -> None:
    texts = [b"a wonderful film", b"dull and boring", b"gripping"]
    vectoriser = Vectoriser(Vocabulary.commonest(texts, 100, 1, 10), 10)
    polarities = np.linspace(-2, 2, vectoriser.vocabulary.entries, dtype=np.float32)
    network = Network(Shape(vectoriser.vocabulary.rows, 4, 4, 4), seed=0)

    def logits(factor: Factor) -> np.ndarray:
        served = Served(network, vectoriser, polarities, factor)
        answer = served.classify(tf.constant(texts))
        probability = answer["probability"].numpy().astype(float)
        return np.log(probability / (1 - probability))

    assert np.all(logits(ONE) > 0.001)
    np.testing.assert_allclose(logits(Factor(3.0, "")), 3 * logits(ONE), rtol=0.01)


def test_tables_of_another_run_are_not_exported() -> None:
    vectoriser, polarities = Vectoriser(VOCABULARY, 5), np.zeros(6, np.float32)
    with pytest.raises(
        JobError, match="has vectors for 9 entries, and the vocabulary has 5: it is that of another run"
    ):
        Served(Network(Shape(9, 4, 4, 4), seed=0), vectoriser, polarities, ONE)
    with pytest.raises(JobError, match="are 5 polarities, and the vocabulary has 6 entries: they are those of another"):
        Served(Network(Shape(5, 4, 4, 4), seed=0), vectoriser, polarities[:5], ONE)


@pytest.mark.parametrize("table", ["vocabulary", "polarities"])
def test_a_checkpoint_with_another_table_is_of_another_run(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    job = training_job(folder(), epochs="0.1", directions="1", members="1")
    train.main(job)
    record = next(job.checkpoints.glob("step-*/checkpoint.json"))
    content = json.loads(record.read_text())
    content["identity"][table] = "of another data set"
    record.write_text(json.dumps(content))
    train.main(job)
    assert f"is not used: it was made with another {table}" in capsys.readouterr().out


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
