"""The reports of real evaluations: axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import digits_lab
import numpy as np
import pytest
import reviews_lab
from accessible import violations

from pages.page import render
from training.digits_gan.judge import Judged
from training.digits_gan.sections import balance_section, drawn_section, samples_section

pytestmark = pytest.mark.tensorflow


def test_reports_of_classifiers() -> None:
    pages = [lab.evaluated() / "report.html" for lab in (digits_lab, reviews_lab)]
    assert violations(*pages) == {str(page): [] for page in pages}


def test_no_report_shows_its_own_markup() -> None:
    pages = [(lab.evaluated() / "report.html").read_text(encoding="utf-8") for lab in (digits_lab, reviews_lab)]
    assert ["&lt;p class" in page or "&lt;svg" in page for page in pages] == [False, False]


def test_sections_of_a_generator(tmp_path: Path) -> None:
    judged = Judged(np.ones((40, 2)), np.eye(10)[np.arange(40) % 10])
    drawn = drawn_section(np.zeros((40, 28, 28), np.uint8), judged)
    sections = [samples_section([(1, b"")]), drawn, balance_section(judged, {"class_balance": 1.0})]
    page = tmp_path / "report.html"
    page.write_text(render("digits-gan", "", [], sections), encoding="utf-8")
    assert violations(page)[str(page)] == []
