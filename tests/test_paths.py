"""Links and paths in the pages lead to files of the checkout."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)")
QUOTED = re.compile(r"`([a-z_]+/[\w./-]+\w/?)`")
"""A path in code quotes that begins with a folder; capitals stand for any name: models/NAME.toml."""


def files() -> set[str]:
    """The files that git tracks, and their folders."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = {name for name in listed.splitlines() if (ROOT / name).exists()}
    return named | {str(folder) for name in named for folder in Path(name).parents}


FILES = files()
PAGES = sorted(name for name in FILES if name.endswith(".md"))
ROOMS = {name for name in FILES if "/" not in name and (ROOT / name).is_dir()}


def lost(page: str, text: str) -> list[str]:
    """The links and paths of a page that lead nowhere."""
    folder = os.path.dirname(page)
    links = [link for link in LINK.findall(text) if "://" not in link]
    paths = [path for path in QUOTED.findall(text) if path.split("/")[0] in ROOMS and not re.search(r"[A-Z]{4}", path)]
    broken = [link for link in links if os.path.normpath(os.path.join(folder, link)) not in FILES]
    return broken + [path for path in paths if not {path.rstrip("/"), os.path.join(folder, path.rstrip("/"))} & FILES]


def test_a_lost_path_is_found() -> None:
    text = "[a](no.md) [b](../README.md#top) [c](https://x.y/z) `specs/no.py` `specs/load.py` `models/NAME.toml` `a/b`"
    assert lost("docs/x.md", text) == ["no.md", "specs/no.py"]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_to_files(page: str) -> None:
    assert lost(page, (ROOT / page).read_text()) == []
