"""The start of every job: `python3 -m training.common.job training.digits_cnn.train`.

Runs the module as a program. It is not the program itself, so that an error while it is imported has its reason, too.
"""

from __future__ import annotations

import runpy
import sys

from training.common import failure
from training.common.container import Container

KILLED = (
    "The process ended without an error in Python: it was killed because the memory was full, stopped from outside, "
    "or crashed in native code"
)
"""Written before the step, and removed after it: a process that is killed can write nothing."""


def run(module: str) -> None:
    """Run a module of the model, and exit with status 1 after an error."""
    container = Container.from_environment()
    failure.write_reason(container, KILLED)
    try:
        failure.run(lambda _: runpy.run_module(module, run_name="__main__", alter_sys=True))
    except SystemExit as end:
        if end.code:
            raise
    failure.remove_reason(container, KILLED)


if __name__ == "__main__":
    run(sys.argv.pop(1))
