"""The report's section on words: each word's polarity, and what the network made of it, in the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence

from pages.markup import Markup, folded, join, note, number, table
from pages.page import Section
from training.reviews_lstm.trained import Reading

TITLE = "Words of the worst mistakes"
READ = 8
"""The number of mistakes that are shown word by word."""
SAID = (
    "A polarity above 0 says that positive training reviews hold the word, its beginning, or its pair with the word "
    "before more often than others do; 0 says nothing. The effect is the logit of positive with the word, less that of "
    "the same review without it: what the network made of the word in its place."
)


def section(mistakes: Sequence[tuple[str, Reading]]) -> Section:
    """The words of each mistake, which has a heading such as "negative taken for positive"."""
    if not mistakes:
        return Section(TITLE, note("There are none."))
    shown = (
        folded(f"{place}. {heading}: {_strongest(reading)}", _table(heading, reading))
        for place, (heading, reading) in enumerate(mistakes, 1)
    )
    return Section(TITLE, join(note(SAID), *shown))


def _strongest(reading: Reading) -> str:
    """The words of greatest effect, in words."""
    if not reading.words:
        return "it has no words"
    order = sorted(range(len(reading.words)), key=lambda place: -abs(reading.effects[place]))[:3]
    return ", ".join(f"{reading.words[place]} {_signed(reading.effects[place])}" for place in order)


def _table(heading: str, reading: Reading) -> Markup:
    rows = [
        (word, *map(_signed, polarities), _signed(effect))
        for word, polarities, effect in zip(reading.words, reading.polarities, reading.effects, strict=True)
    ]
    columns = ("word", "its polarity#", "of its beginning#", "of the pair#", "effect#")
    return table(f"{heading}, word by word", columns, rows)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(round(float(value), 2))}"
