"""A package that pip installs without an index."""

from __future__ import annotations

import io
import zipfile

WHEEL = "nothing_else-1.0-py3-none-any.whl"


def wheel() -> bytes:
    """The content of the file WHEEL: the module nothing_else, with VALUE 42."""
    about, written = "nothing_else-1.0.dist-info", io.BytesIO()
    files = {
        "nothing_else.py": "VALUE = 42\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: nothing-else\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()
