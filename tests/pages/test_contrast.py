"""The contrast of the style sheet's colours, in light, in dark and on paper.

Source: WCAG 2.2, "1.4.3 Contrast (Minimum)" (4.5 for text) and "1.4.11 Non-text Contrast" (3 for graphics).
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from pages.page import FOLDER

Colour = tuple[float, float, float]
TEXT = [
    *product(("ink", "soft", "accent", "good", "bad", "warn"), ("page", "card")),
    ("card", "ink"),  # the tooltip
]
GRAPHICS = [
    *product(("s1", "s2", "s3", "s4", "s5", "s6", "good", "bad", "warn"), ("card",)),
    ("good", "page"),
    ("warn", "page"),
]
STRONGEST = {"right": 0.52, "wrong": 0.67}
"""The strongest tint of a cell of the confusion matrix (training.common.report.confusion)."""
BEST = 0.09
"""The tint of a search's best trial."""


def schemes(style: str) -> dict[str, dict[str, str]]:
    """The custom properties by scheme; dark and print replace some of light's."""
    light, dark, printed = (
        dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    return {"light": light, "dark": light | dark, "print": light | printed}


SCHEMES = schemes((Path(FOLDER) / "page.css").read_text(encoding="utf-8"))


def rgb(value: str) -> Colour:
    """The parts of a colour, from 0 to 1."""
    if not value.startswith("#"):
        red, green, blue = (int(part) / 255 for part in value.split())
        return red, green, blue
    digits = "".join(digit * 2 for digit in value[1:]) if len(value) == 4 else value[1:]
    red, green, blue = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


def over(colour: Colour, share: float, ground: Colour) -> Colour:
    """A colour of some opacity on another one."""
    red, green, blue = (share * top + (1 - share) * below for top, below in zip(colour, ground, strict=True))
    return red, green, blue


def contrast(first: Colour, second: Colour) -> float:
    """The ratio of two colours' relative luminances."""
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: Colour) -> float:
    """Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_formula() -> None:
    assert contrast(rgb("#000"), rgb("#fff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (GRAPHICS, 3)], ids=["text", "graphics"])
def test_colours_stand_out(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    colours = {name: rgb(value) for name, value in SCHEMES[scheme].items()}
    found = {f"{top} on {below}": round(contrast(colours[top], colours[below]), 2) for top, below in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_on_a_tint_stands_out(scheme: str) -> None:
    colours = {name: rgb(value) for name, value in SCHEMES[scheme].items()}
    cells = {kind: over(colours[kind], share, colours["card"]) for kind, share in STRONGEST.items()}
    found = {kind: round(contrast(colours["ink"], cell), 2) for kind, cell in cells.items()}
    best = over(colours["good"], BEST, colours["card"])
    found |= {f"{name} of the best": round(contrast(colours[name], best), 2) for name in ("ink", "soft", "good")}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}
