"""A programming error in one sentence: its type, the line of the model's own code, its message."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]
"""The folder of the shipped code; `training/common` is in it, and every model's own package."""
_SHARED = Path("training/common")
_SHIPPED = {"training", "inference", "pages"}
_STARTERS = {Path("training/common/failure.py"), Path("training/common/job.py")}
"""The files that call every step: no place of an error."""

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+), in .*\n(?:(?!\s*File ")[ \t]*\S.*\n)?', re.MULTILINE)
"""A line of a traceback within a message, and the line of code below it: TensorFlow tells so where a graph was made."""
_NOISE = re.compile(
    r"^in user code:$|^Graph execution error:$|^.*\(most recent call last\):$|\{\{.*?\}\}|\[\[.*?\]\]|\[Op:.*?\]"
    r"|(?s:^Arguments received by .*\Z)",
    re.MULTILINE,
)
"""The words of TensorFlow and Keras around their sentence."""


def sentence(error: BaseException) -> str:
    """Say what went wrong and where: `NameError in training/digits_cnn/run.py, line 20: name 'x' is not defined`.

    The place comes first, so that a shortened sentence still has it.
    """
    kind, text = type(error).__name__, _ESCAPES.sub("", str(error))
    place = _place([*_frames(error), *_frames_in(text)])
    message = " ".join(_NOISE.sub("", _FRAME.sub("", text)).split()).removeprefix(f"{kind}: ")
    return f"{kind}{place}: {message}" if message else f"{kind}{place}"


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """Files and lines, the deepest last; for code that is not Python, its own."""
    for frame in traceback.extract_tb(error.__traceback__):
        yield frame.filename, frame.lineno or 0
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 0


def _frames_in(text: str) -> Iterator[tuple[str, int]]:
    """The frames of TensorFlow's graph: no traceback of Python's has the line of an operation in it."""
    for found in _FRAME.finditer(text):
        yield found["file"], int(found["line"])


def _place(frames: list[tuple[str, int]]) -> str:
    """The deepest line of the model's own code, or else of the shared code."""
    shipped = [(path, line) for file, line in frames if (path := _shipped(file))]
    own = [(path, line) for path, line in shipped if not path.is_relative_to(_SHARED)]
    if not shipped:
        return ""
    path, line = (own or shipped)[-1]
    return f" in {path.as_posix()}, line {line}"


def _shipped(file: str) -> Path | None:
    path = Path(file)
    if not path.is_relative_to(CODE):
        return None
    below = path.relative_to(CODE)
    return below if below.parts[0] in _SHIPPED and below not in _STARTERS else None
