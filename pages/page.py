"""One self-contained HTML page of key figures and sections, without network or JavaScript."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pages.drawing import clipping
from pages.markup import Cell, Markup, as_html, facts, join

FOLDER = Path(__file__).parent


LONGEST_VALUE = 11
"""The most characters of a key figure in large type: 1,234.50 USD has to fit its card in a narrow window."""


@dataclass(frozen=True)
class Section:
    """A part of the page. `html` is inserted unchanged, and pages.markup makes it: `join` escapes all other text."""

    title: str
    html: Markup

    @property
    def anchor(self) -> str:
        """The fragment for links to the section."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.title.lower())


@dataclass(frozen=True)
class Figure:
    """A key figure: name, formatted value, comments; `state` is "good", "bad" or "", and colours the first."""

    label: str
    value: str
    note: str = ""
    state: str = ""
    more: str = ""


NO_VERSION = Markup("the registry gives it after this page is written: `operations report` shows it")
"""The place of a version in a page that a job writes before the model is registered."""


def with_version(page: str, version: str) -> str:
    """A page that a job wrote, with the version that the registry gave afterwards."""
    return page.replace(NO_VERSION, as_html(version), 1)


def render(
    title: str,
    subtitle: str,
    figures: Sequence[Figure],
    sections: Sequence[Section],
    about: Sequence[tuple[str, Cell]] = (),
) -> str:
    """The page's HTML; `about` are facts below the title: version, date, commit."""
    return string.Template(_part("page.html")).substitute(
        title=escape(title),
        subtitle=as_html(subtitle),
        about=facts(about) if about else "",
        style=_part("page.css"),
        script=_part("page.js"),
        clipping=clipping(),
        figures="".join(_figure(figure) for figure in figures),
        contents="".join(f'<a href="#{section.anchor}">{escape(section.title)}</a>' for section in sections),
        sections="".join(_section(section) for section in sections),
    )


def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _figure(figure: Figure) -> str:
    said = f'<span class="said">{as_html(figure.note)}</span>' if figure.note else ""
    more = f'<span class="said more">{as_html(figure.more)}</span>' if figure.more else ""
    amount, _, unit = figure.value.partition(" ") if figure.value[:1].isdigit() else (figure.value, "", "")
    value = join(amount, Markup(f" <small>{escape(unit)}</small>") if unit else "")
    size = ' class="long"' if len(figure.value) > LONGEST_VALUE else ""
    return f'<li class="{figure.state}"><span>{escape(figure.label)}</span><b{size}>{value}</b>{said}{more}</li>'


def _section(section: Section) -> Markup:
    heading = f'<h2 id="{section.anchor}-title">{escape(section.title)}</h2>'
    return Markup(
        f'<section id="{section.anchor}" aria-labelledby="{section.anchor}-title">{heading}{section.html}</section>'
    )
