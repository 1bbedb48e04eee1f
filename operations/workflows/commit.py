"""The commit of this checkout."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_COMMIT = re.compile("[0-9a-f]{40}")


def commit(root: Path) -> str | None:
    """The commit's 40 hexadecimal digits, with `-dirty` if the tree differs.

    None without git or a commit.
    """
    head = _git(root, "rev-parse", "HEAD")
    if head is None or not _COMMIT.fullmatch(head):
        return None
    return head if _git(root, "status", "--porcelain") == "" else f"{head}-dirty"


def _git(root: Path, *arguments: str) -> str | None:
    try:
        found = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() if found.returncode == 0 else None
