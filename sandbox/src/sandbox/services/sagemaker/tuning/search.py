"""The search of a tuning job: which hyperparameters are tried next."""

from __future__ import annotations

from typing import Protocol


class Search(Protocol):
    """Asked for the next trial, and told how each ended."""

    def ask(self) -> tuple[int, dict[str, str]] | None:
        """The number of a trial and its values as hyperparameters. None when nothing is left to try."""

    def tell(self, number: int, objective: float | None) -> None:
        """Take a trial's objective, or None without one."""
