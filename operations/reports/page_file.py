"""HTML pages as files on this machine, and a browser that shows them."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

from operations.errors import BadInput

FOLDER = Path("build") / "reports"


def write(content: bytes, output: Path | None, name: str) -> Path:
    """Write a page to `output`, or to build/reports/NAME; returns its absolute path. Raises ``BadInput``."""
    path = (output or FOLDER / name).absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}. Name another file with --output.") from None
    return path


def open_in_browser(path: Path) -> None:
    """Open a page if there is a display; a browser inside the terminal would disturb."""
    if has_display():
        webbrowser.open(path.as_uri())


def has_display() -> bool:
    """Tell whether this machine can show a window to the command's user."""
    if sys.platform in ("darwin", "win32"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
