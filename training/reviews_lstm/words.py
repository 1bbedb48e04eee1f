"""Reviews as numbers, by operations of the SavedModel, so that training and serving agree."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import tensorflow as tf

from training.common.errors import JobError

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2
STEM_LETTERS, STEM_MARK = 5, "~"
"""A word counts as itself and as its beginning, so that "enjoyable" has a meaning if only "enjoyed" was seen."""
COUNTED_AT_ONCE = 1000
REWRITES = (
    (r"<br\s*/?>", " "),  # IMDB's line breaks
    (r"([!?])", r" \1 "),  # words of their own
    (r"[^\pL\pN'!?]+", " "),
    (r"(^|\s)'+", " "),  # an apostrophe inside a word belongs to it, a quotation mark does not
    (r"'+(\s|$)", " "),
)
"""Regular expressions of RE2, one after the other, on lower-case text."""


def split(texts: tf.Tensor) -> tf.RaggedTensor:
    """The words of each text, string [n, None] of string [n] in UTF-8."""
    texts = tf.strings.lower(texts, encoding="utf-8")
    for pattern, replacement in REWRITES:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return tf.strings.split(texts)


def _entries(words: tf.RaggedTensor) -> tf.RaggedTensor:
    """Each word and its beginning, string [n, None, 2]."""
    stems = tf.strings.substr(words.flat_values, 0, STEM_LETTERS, unit="UTF8_CHAR") + STEM_MARK
    return words.with_flat_values(tf.stack([words.flat_values, stems], 1))


def commonest(texts: Sequence[bytes], size: int, rarest: int) -> list[bytes]:
    """The `size` commonest words and beginnings that occur at least `rarest` times.

    They are ordered by falling count, and by the texts alone. Raises JobError if no word occurs so often.
    """
    counts: Counter[bytes] = Counter()
    for start in range(0, len(texts), COUNTED_AT_ONCE):
        words = split(tf.constant(texts[start : start + COUNTED_AT_ONCE]))
        counts.update(_entries(words).flat_values.numpy().ravel().tolist())
    ordered = sorted(
        (word for word, count in counts.items() if count >= rarest), key=lambda word: (-counts[word], word)
    )
    if not ordered:
        raise JobError(f"No word occurs {rarest} times in the split 'train': lower the hyperparameter rarest.")
    return ordered[:size]


def fingerprint(vocabulary: Iterable[bytes]) -> str:
    """One checksum for the words and their order."""
    return hashlib.sha256(b"\n".join(vocabulary)).hexdigest()


class Vectoriser(tf.Module):
    """Texts to word numbers: 0 is padding, 1 an unknown word, then the vocabulary in its order.

    `file` holds a word a line; a SavedModel keeps it among its assets.
    """

    def __init__(self, file: Path, longest: int) -> None:
        super().__init__()
        self.longest = longest
        initializer = tf.lookup.TextFileInitializer(
            str(file), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self._table = tf.lookup.StaticHashTable(initializer, UNKNOWN - FIRST_WORD)

    @property
    def rows(self) -> int:
        """The number of different word numbers."""
        return int(self._table.size()) + FIRST_WORD

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Numbers int32 [n, words, 2] of the first `longest` words of each text, string [n].

        They are padded at the end; the two are those of the word and of its beginning. A text without words becomes one
        unknown word.
        """
        entries = _entries(split(texts)[:, : self.longest])
        numbers = tf.cast(self._table.lookup(entries) + FIRST_WORD, tf.int32).to_tensor(PADDING)
        numbers = tf.pad(numbers, [[0, 0], [0, tf.cast(tf.shape(numbers)[1] == 0, tf.int32)], [0, 0]])
        return tf.concat([tf.maximum(numbers[:, :1], UNKNOWN), numbers[:, 1:]], 1)
