"""The start of a function's process, with the environment and the packages of Lambda's runtimes.

`python -I -S function_process.py python PACKAGES SCRIPT` or `... node NODE SCRIPT`; the function's own variables come
to the script later, by its first message.
"""

from __future__ import annotations

import os
import runpy
import sys

_KEPT = ("AWS_", "LAMBDA_", "_LAMBDA_", "_MINISTACK_", "NODE_PATH")
_GIVEN = {"LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin", "TZ": ":UTC"}


def main(language: str, where: str, script: str) -> None:
    """Become the function's process."""
    for name in set(os.environ):
        if not name.startswith(_KEPT):
            del os.environ[name]
    os.environ.update(_GIVEN)
    if language == "node":
        os.execv(where, [where, script])
    sys.path.append(where)
    sys.argv = [script]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
