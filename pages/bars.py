"""Counts by name as horizontal bars, with room for long names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from pages.markup import Markup, number


@dataclass(frozen=True)
class Bars:
    """A title, and a count for each name."""

    title: str
    counts: Mapping[str, int]

    def html(self) -> Markup:
        """A table of names, bars and numbers."""
        most = max(self.counts.values(), default=0) or 1
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td><i style="width: {count / most:.1%}"></i></td>'
            f'<td class="number">{number(count)}</td></tr>'
            for name, count in self.counts.items()
        )
        return Markup(f'<table class="bars"><caption>{escape(self.title)}</caption><tbody>{rows}</tbody></table>')
