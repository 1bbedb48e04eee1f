"""Tables, numbers and sections of a page."""

from __future__ import annotations

import pytest
from html_page import checked

from pages.markup import Markup, duration, number, percent, table, usd
from pages.page import Section, render


def test_a_table_marks_numbers() -> None:
    html = checked(table("c", ("a", "b#"), [("x", 1234.4)], ("sum", None)))
    assert '<th scope="col" class="number">b</th>' in html
    assert '<td class="number">1,234<' in html


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1234567), "1,234,567"),
        (number(0.989), "0.9890"),
        (number(0.0045), "0.0045"),
        (number(12345.6), "12,346"),
        (percent(0.9931), "99.31 %"),
        (duration(None), "\N{EN DASH}"),
        (duration(61), "1 min 01 s"),
        (duration(7500), "2 h 05 min"),
        (usd(0.00451), "0.0045 USD"),
        (usd(1234.5), "1,234.50 USD"),
        (usd(1694246.4), "1,694,246 USD"),
        (usd(0), "0.00 USD"),
    ],
)
def test_numbers_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_section_has_an_anchor() -> None:
    assert 'href="#compute-and-cost"' in render("m", "", [], [Section("Compute and cost", Markup())])
