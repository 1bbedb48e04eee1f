"""Small pieces of HTML: tables, notes, lists of facts, and readable numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html import escape

Cell = str | int | float | None
DASH = "\N{EN DASH}"
LONGEST_NUMBER = 8
WITHOUT_CENTS = 10_000


class Markup(str):
    """Escaped HTML; any other text is escaped where it is used."""

    __slots__ = ()


def as_html(value: Cell) -> Markup:
    """A cell's value as HTML: unchanged Markup, numbers by `number`, None as a dash."""
    if isinstance(value, Markup):
        return value
    if value is None or value == "":
        return Markup(f'<span class="none">{DASH}</span>')
    return Markup(escape(value if isinstance(value, str) else number(value)))


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    foot: Sequence[Cell] = (),
    kind: str = "",
) -> Markup:
    """A table that scrolls sideways in a narrow page; each row starts with its head.

    Columns with a name ending in "#" hold numbers: they are aligned to the right, and the mark is not shown. `kind` is
    its class in the style sheet.
    """
    kinds = ["number" if name.endswith("#") else "text" for name in columns]
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(name.rstrip("#"))}</th>'
        for name, kind in zip(columns, kinds, strict=True)
    )
    body = "".join(_row(row, kinds) for row in rows)
    tail = f"<tfoot>{_row(foot, kinds)}</tfoot>" if foot else ""
    shown = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{tail}"
    return scrolling(caption, f'<table class="{kind}">{shown}</table>' if kind else f"<table>{shown}</table>")


def scrolling(label: str, html: str) -> Markup:
    """Wide content that scrolls sideways in a narrow page."""
    return Markup(f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}">{html}</div>')


def _row(row: Sequence[Cell], kinds: Sequence[str]) -> str:
    first, *rest = zip(row, kinds, strict=True)
    cells = "".join(f'<td class="{kind}">{as_html(value)}</td>' for value, kind in rest)
    return f'<tr><th scope="row" class="{first[1]}">{as_html(first[0])}</th>{cells}</tr>'


def folded(summary: str, html: Markup) -> Markup:
    """Content that is shown on demand."""
    return Markup(f"<details><summary>{as_html(summary)}</summary>{html}</details>")


def note(sentence: str) -> Markup:
    """An explaining paragraph."""
    return Markup(f'<p class="note">{as_html(sentence)}</p>')


def missing(sentence: str) -> Markup:
    """A paragraph in place of missing content."""
    return Markup(f'<p class="missing">{as_html(sentence)}</p>')


def facts(pairs: Iterable[tuple[str, Cell]]) -> Markup:
    """Names with their values."""
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{as_html(value)}</dd></div>" for name, value in pairs)
    return Markup(f'<dl class="facts">{rows}</dl>')


def pill(word: str, state: str = "") -> Markup:
    """A word in a coloured frame; `state` is "good", "bad", "warn" or empty."""
    return Markup(f'<span class="pill {state}">{escape(word)}</span>')


def code(value: str | None) -> Markup:
    """A name in a monospaced font, to be copied."""
    return Markup(f"<code>{escape(value)}</code>") if value else as_html(None)


def join(*parts: str) -> Markup:
    """Pieces of HTML joined together."""
    return Markup("".join(as_html(part) for part in parts if part))


def number(value: float) -> str:
    """A number with four significant digits: 1,234; 0.9890; 0.0045; 4e-05."""
    if isinstance(value, bool) or not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.4g}".rstrip(".") if abs(value) >= 0.1 else f"{value:.4g}"


def short(value: str) -> str:
    """A word, or a number in a short form: a search gives seventeen digits."""
    try:
        return number(float(value)) if len(value) > LONGEST_NUMBER else value
    except ValueError:
        return value


def percent(value: float) -> str:
    """A share of one: 99.31 %."""
    return f"{round(value, 4) + 0.0:.2%}".replace("%", " %")


def interval(ends: tuple[float, float], form: Callable[[float], str]) -> str:
    """The two ends of an interval: 98.90 % to 99.28 %."""
    return f"{form(ends[0])} to {form(ends[1])}"


def moment(value: datetime) -> str:
    """A time as in a page that is read anywhere: 2026-11-24 09:10 UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def commit(value: str, digits: int = 40) -> Markup:
    """A commit's first digits, with a mark for changes that were not committed."""
    dirty = pill("with changes that were not committed", "warn") if value.endswith("-dirty") else ""
    return join(code(value.removesuffix("-dirty")[:digits]), Markup(" ") if dirty else "", dirty)


def duration(seconds: float | None) -> str:
    """A duration: 42 s, 3 min 05 s, 2 h 05 min."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def usd(value: float | None) -> str:
    """A price: 1.25 USD; small ones with four decimals, large ones without."""
    if value is None:
        return DASH
    decimals = 0 if value >= WITHOUT_CENTS else 2 if value >= 1 or value == 0 else 4
    return f"{value:,.{decimals}f} USD"
