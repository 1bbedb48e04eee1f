"""Pages for keyboards and screen readers, on narrow screens, in light and dark: axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from accessible import BROWSER, look, violations
from sample_pages import comparison, empty_report, large_report, report

PAGES = (report, large_report, empty_report, comparison)
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="there is no chromium here: `apt-get install chromium`")


def test_axe_finds_nothing(tmp_path: Path) -> None:
    pages = [make(tmp_path) for make in PAGES]
    assert violations(*pages) == {str(page): [] for page in pages}


def test_axe_finds_faults(tmp_path: Path) -> None:
    page = report(tmp_path)
    page.write_text(page.read_text().replace('alt="', 'data-alt="').replace(' lang="en"', ""))
    assert {rule for rule, _ in violations(page)[str(page)]} == {"image-alt", "html-has-lang"}


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1400])
def test_a_browser_shows_it_whole(width: int, scheme: str, tmp_path: Path) -> None:
    pages = [make(tmp_path) for make in PAGES]
    found = look(pages, tmp_path, width, scheme)
    assert len(found) == len(pages)
    for title, seen in found.items():
        assert (title, seen.violations) == (title, [])
        assert (seen.contrast, seen.dark, seen.width) == (True, scheme == "dark", width)
        assert (title, seen.cut) == (title, 0)
        assert seen.wide <= width, title
