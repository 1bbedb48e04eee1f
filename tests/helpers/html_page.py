"""A check of HTML pages: well formed, without network requests, readable for screen readers."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input"}


class Whole(HTMLParser):
    """A parser that fails on unclosed tags, duplicate ids, and missing text for screen readers."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in found:
            assert found["id"] not in self.ids
            self.ids.add(str(found["id"]))
        assert tag != "img" or found["alt"]
        assert found.get("role") != "img" or found["aria-label"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> str:
    """Check a page: well formed, without network requests, a caption for every table."""
    parser = Whole()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert page.count("<table") == page.count("<caption")
    return page
