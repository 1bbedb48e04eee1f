"""HTML pages on this machine: where they are written, and how a person gets to see them."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from operations.errors import BadInput

FOLDER = Path("build") / "reports"

OutputFile = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Where to write the page; default: below build/reports.")
]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Write the page only; do not open it in a browser.")]


def write(content: bytes, output: Path | None, name: str) -> Path:
    """Write a page to the path given, or to build/reports/NAME; its absolute path. Raises ``BadInput``."""
    path = (output or FOLDER / name).absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}. Name another file with --output.") from None
    return path


def open_in_browser(path: Path) -> None:
    """Open a page where there is a display to show it on; a browser in the terminal would only be in the way."""
    if has_display():
        webbrowser.open(path.as_uri())


def has_display() -> bool:
    """Whether this machine shows windows to whoever runs the command."""
    if sys.platform in ("darwin", "win32"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
