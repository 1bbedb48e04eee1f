"""`python3 -m install PYTHON [MORE...]`, which `make` runs before everything else, from the checkout's folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from install import place, pythons, steps
from install.progress import Progress
from install.refused import Refused

LOG = Path("build/install.log")
LOCK = Path(".cache/install.lock")


def install(asked: str, more: list[str], progress: Progress) -> None:
    """Bring the checkout up to date; says nothing if it is. Raises ``Refused``."""
    place.check(Path.cwd())
    wanted = (*steps.ALWAYS, *(steps.MORE[name] for name in more))
    reason = pythons.stale(steps.VENV, asked)
    if reason is None and all(step.is_done for step in wanted):
        return
    for folder in (LOG.parent, LOCK.parent):
        folder.mkdir(exist_ok=True)
    with _alone(progress):
        _renew(asked, progress)
        for step in wanted:
            if not step.is_done:
                progress.begin(step.part, step.takes)
                step.install(progress)
                step.stamp.touch()
                progress.end()


def _renew(asked: str, progress: Progress) -> None:
    """Make .venv, unless a usable one exists. Raises ``Refused``."""
    reason = pythons.stale(steps.VENV, asked)
    if reason is None and steps.VENV.exists():
        return
    python = pythons.choose(asked, steps.VENV)
    if reason is not None:
        progress.say(f".venv is made anew: {reason}.")
        steps.remove_environment()
    steps.make_environment(python, progress)


@contextlib.contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """Wait while another process installs into this checkout. The lock ends with its process, however that ends."""
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            progress.say(
                f"Process {lock.read().strip()} installs into this checkout; waiting for it (Ctrl-C ends this)."
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def main() -> int:
    """Exit code 2 for what a person has to change, 130 after Ctrl-C."""
    asked, *more = sys.argv[1:]
    try:
        install(asked, more, Progress(LOG))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. The next `make` goes on with what is missing.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
