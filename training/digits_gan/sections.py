"""The report's sections on drawing: sheets over time, digits by class, class balance."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from pages.axis import Axis
from pages.chart import Chart, Series, side_by_side
from pages.markup import Markup, join, missing, note, percent
from pages.page import Section
from training.common.report.pictures import png
from training.digits_gan.algorithm import DATA
from training.digits_gan.judge import SURE, Judged
from training.digits_gan.samples import COLUMNS, sheet

SHOWN = 6


def samples_section(sheets: Sequence[tuple[int, bytes]]) -> Section:
    """PNG sheets of the same latent vectors by step; at most SHOWN, the last included."""
    title = "Samples over time"
    if not sheets:
        return Section(title, missing("The training job left no sheets of samples."))
    places = np.unique(np.linspace(0, len(sheets) - 1, min(SHOWN, len(sheets))).round().astype(int))
    pictures = [_picture(sheets[place][1], f"after {sheets[place][0]:,} steps") for place in places]
    said = "The same latent vectors, drawn by the generator after each number of steps."
    return Section(title, join(note(said), _grid(pictures)))


def drawn_section(images: np.ndarray, judged: Judged) -> Section:
    """Drawn digits by the judge's class, and those with its lowest probabilities."""
    sureness, classes = judged.probabilities.max(1), judged.probabilities.argmax(1)
    chosen = [np.flatnonzero(classes == digit)[:COLUMNS] for digit in range(len(DATA.classes))]
    rows = [sheet(images[each]) for each in chosen if len(each)]
    doubtful = np.argsort(sureness, kind="stable")[: 4 * COLUMNS]
    pictures = [
        _picture(png(np.concatenate(rows)), "the first of each class, a row each, as the judge reads them"),
        _picture(png(sheet(images[doubtful])), "those that the judge is least sure of"),
    ]
    said = f"The judge is at least {percent(SURE)} sure of {percent(float((sureness >= SURE).mean()))} of the drawings."
    return Section("Drawn digits", join(note(said), _grid(pictures)))


def balance_section(judged: Judged, measured: dict[str, float]) -> Section:
    """The number of drawings in each class."""
    points = [(float(digit), float(count)) for digit, count in enumerate(judged.counts)]
    words = [f"{int(count):,} drawings are taken for {int(digit)}" for digit, count in points]
    bars = Series("drawings", points, "bars", said=words)
    said = (
        f"Class balance {percent(measured['class_balance'])}: the entropy of the classes that the drawings are taken "
        "for, over that of ten equally frequent ones."
    )
    most = Axis.over([0, *(count for _, count in points)], "linear")
    digits = Axis.of_words(DATA.classes)
    chart = Chart("Drawings by class", "; ".join(words), [bars], "digit", "drawings", digits, most)
    return Section("Class balance", join(note(said), side_by_side([chart])))


def _picture(content: bytes, words: str) -> Markup:
    source = f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
    return Markup(f'<li><img src="{source}" alt="Drawn digits, {words}">{words}</li>')


def _grid(pictures: Sequence[Markup]) -> Markup:
    """The page's list of pictures, in columns wide enough for a sheet of ten digits."""
    wide = "grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr))"
    return Markup(f'<ul class="pictures" style="{wide}">{"".join(pictures)}</ul>')
