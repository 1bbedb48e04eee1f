"""The report's section on how often the test split was looked at: each look makes its numbers a little too good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.markup import join, note, table
from pages.page import Section
from training.common.manifest import Manifest
from training.reviews_lstm import snippets

TITLE = "Looks at the test split"
LOOKS = (
    ("the first network, while it was chosen", 4),
    ("the spike of the present one, after its choices", 9),
    ("the present one with five seeds, after its choices on validation reviews", 5),
)
"""Trained models that were measured on the snippets' test split during development. Add to it what you measure."""


def section(manifest: Manifest, execution: Mapping[str, Any]) -> Section:
    """The looks during development, and those that execution.json knows of."""
    if manifest.source != snippets.ORIGIN.source:
        developed = note(
            "No choice of the network was made with this data set: its test split is unseen by development."
        )
    else:
        total = sum(count for _, count in LOOKS)
        said = f"During development {total} trained models were measured on this test split."
        developed = join(note(said), table("Models measured in development", ("what", "models#"), LOOKS))
    return Section(TITLE, join(developed, note(_registered(execution))))


def _registered(execution: Mapping[str, Any]) -> str:
    said = "Each evaluation of the training workflow looks once more, this one too"
    version = str((execution.get("champion") or {}).get("version") or "").rpartition("/")[2]
    if not version.isdecimal():
        return f"{said}. No champion is known, so earlier ones are not counted here."
    return (
        f"{said}: the champion is version {version}, so at least {version} came before, on the test split of their "
        "time. Executions that registered no version are not counted."
    )
