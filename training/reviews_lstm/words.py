"""Reviews as numbers, by operations of the SavedModel, so that training and serving agree."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf

from training.common.errors import JobError
from training.reviews_lstm.polarity import STEM_LETTERS

PADDING, UNKNOWN, FIRST_WORD = 0, 1, 2
STEM_MARK = "~"
PAIR_MARK = " "
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


def entries(texts: tf.Tensor, longest: int) -> tf.Tensor:
    """The first `longest` words of each text, string [n, words, 3]: word, beginning, and pair with the word before.

    After a text's end all three are empty; there is room for at least one word.
    """
    words = split(texts)[:, :longest].to_tensor("")
    words = tf.concat([words, tf.fill([tf.shape(words)[0], tf.cast(tf.shape(words)[1] == 0, tf.int32)], "")], 1)
    before = tf.concat([tf.fill([tf.shape(words)[0], 1], ""), words[:, :-1]], 1)
    stems = tf.strings.substr(words, 0, STEM_LETTERS, unit="UTF8_CHAR") + STEM_MARK
    found = tf.stack([words, stems, before + PAIR_MARK + words], 2)
    return tf.where((words == "")[..., None], "", found)


@dataclass(frozen=True)
class Vocabulary:
    """Words and their beginnings, then pairs of words; each part by falling count.

    Pairs have polarities, and no vectors.
    """

    words: list[bytes]
    pairs: list[bytes]

    @classmethod
    def commonest(cls, texts: Sequence[bytes], size: int, rarest: int, longest: int) -> Vocabulary:
        """The `size` commonest of each part that occur at least `rarest` times.

        Only the first `longest` words of a text count. They are ordered by falling count, and by the texts alone.
        Raises JobError if no word occurs so often.
        """
        words: Counter[bytes] = Counter()
        pairs: Counter[bytes] = Counter()
        for start in range(0, len(texts), COUNTED_AT_ONCE):
            found = entries(tf.constant(texts[start : start + COUNTED_AT_ONCE]), longest).numpy()
            found = found[found[..., 0] != b""]
            words.update(found[:, :2].ravel().tolist())
            pairs.update(found[:, 2].tolist())
        chosen = _ordered(words, size, rarest)
        if not chosen:
            raise JobError(f"No word occurs {rarest} times in the split 'train': lower the hyperparameter rarest.")
        return cls(chosen, _ordered(pairs, size, rarest))

    @property
    def rows(self) -> int:
        """The number of different numbers of words and beginnings, padding and unknown words included."""
        return FIRST_WORD + len(self.words)

    @property
    def entries(self) -> int:
        """The number of different numbers of all."""
        return self.rows + len(self.pairs)

    @property
    def fingerprint(self) -> str:
        """One checksum for all entries and their order."""
        return hashlib.sha256(b"\n".join([*self.words, b"", *self.pairs])).hexdigest()


def _ordered(counts: Counter[bytes], size: int, rarest: int) -> list[bytes]:
    found = (entry for entry, count in counts.items() if count >= rarest)
    return sorted(found, key=lambda entry: (-counts[entry], entry))[:size]


class Vectoriser(tf.Module):
    """Texts to the numbers of their entries: 0 is padding, 1 unknown, then the vocabulary in its order.

    The vocabulary is a file, an entry a line; a SavedModel keeps it among its assets.
    """

    def __init__(self, vocabulary: Vocabulary, longest: int) -> None:
        super().__init__()
        self.vocabulary, self.longest = vocabulary, longest
        with tempfile.NamedTemporaryFile(prefix="vocabulary-", suffix=".txt", delete=False) as file:
            file.write(b"".join(entry + b"\n" for entry in [*vocabulary.words, *vocabulary.pairs]))
        initializer = tf.lookup.TextFileInitializer(
            file.name, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self._table = tf.lookup.StaticHashTable(initializer, UNKNOWN - FIRST_WORD)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Numbers int32 [n, words, 3] of the entries of the first `longest` words of each text, string [n].

        They are padded at the end. A text without words becomes one unknown word.
        """
        found = entries(texts, self.longest)
        numbers = tf.cast(self._table.lookup(found) + FIRST_WORD, tf.int32)
        numbers = tf.where(found[..., :1] == "", PADDING, numbers)
        return tf.concat([tf.maximum(numbers[:, :1], UNKNOWN), numbers[:, 1:]], 1)
