"""`pytest --snapshot-update` deletes a snapshot only where every test passed.

Syrupy takes a snapshot that no test asked for as unused. A test does not ask if its fixture fails, after an interrupt,
or after an error in another file: an invalid declaration would delete all snapshots.
Source: Syrupy, "CLI Options" (--snapshot-no-cleanup).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

_SENTENCE = (
    "No snapshot was deleted: a test did not pass, so which are unused is not known. Mend it, then update again."
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Before syrupy's own: it reads the option there."""
    if exitstatus != pytest.ExitCode.OK:
        session.config.option.no_cleanup = True
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if config.option.update_snapshots and exitstatus != pytest.ExitCode.OK:
        terminalreporter.write_line(_SENTENCE)
