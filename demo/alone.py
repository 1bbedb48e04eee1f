"""One demo at a time for a cloud assembly: two would synthesize into one folder, and update the same stacks."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from operations.errors import Failed

LOCK = "demo.lock"


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Hold the lock, which ends with this process, however that ends. Raises ``Failed`` with the one who has it."""
    folder = Path(os.environ.get("CDK_OUTPUT", "cdk.out"))  # the CLI's own variable
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failed(
                f"{lock.read() or 'Another demo runs'}, in this checkout. Wait for its end, or end it with Ctrl-C "
                f"there; then run `{what}` again. Another sandbox at the same time needs a checkout of its own."
            ) from None
        lock.truncate(0)
        lock.write(f"`{what}` runs as process {os.getpid()} since {datetime.now():%H:%M:%S}")
        lock.flush()
        yield
