"""Lambda functions of one file, for tests."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from job_lab import unique


def zipped(code: str, file: str = "index.py") -> bytes:
    """An archive that holds one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(file, code)
    return content.getvalue()


def make_function(
    aws: Any, role: str, code: str, *, runtime: str = "python3.11", file: str = "index.py", **members: Any
) -> dict[str, Any]:
    """Make a function with the handler `index.handler`; gives Lambda's answer. `members` go to CreateFunction."""
    request = {"FunctionName": unique("function"), "Handler": "index.handler", "Timeout": 60, **members}
    return aws("lambda").create_function(Runtime=runtime, Role=role, Code={"ZipFile": zipped(code, file)}, **request)
