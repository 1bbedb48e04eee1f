"""The sections of every report: champion first; search, compute, lineage and reproduction last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pages.cost import total_cost
from pages.markup import Cell, commit, duration, missing, moment, usd
from pages.page import NO_VERSION, Figure, Section
from training.common.champion import Champion
from training.common.report import compute, lineage, reproduce, search, versus
from training.common.report.facts import EXECUTION, MANIFEST, Facts

SHORT = 12
"""How many digits of the commit the top of the page has; the section on lineage has all."""
UNEXPECTED = (AttributeError, KeyError, TypeError, ValueError)


def compared(
    facts: Facts, metrics: Mapping[str, float], shares: Mapping[str, int], champion: Champion
) -> list[Section]:
    """The comparison with the champion; empty for a first version."""
    found = _whole(versus.TITLE, lambda: versus.section(facts.execution, metrics, shares, champion))
    return [found] if found else []


def sections(facts: Facts) -> list[Section]:
    """The sections with content; a missing or malformed file is reported in its section."""
    why = facts.missing.get(EXECUTION, "")
    both = [facts.missing[name] for name in (EXECUTION, MANIFEST) if name in facts.missing]
    found = [
        _whole(search.TITLE, lambda: search.section(facts.execution)),
        _whole(compute.TITLE, lambda: compute.section(facts.execution, why)),
        _whole(lineage.TITLE, lambda: lineage.section(facts.execution, facts.manifest, both)),
        _whole(reproduce.TITLE, lambda: reproduce.section(facts.execution, why)),
    ]
    return [each for each in found if each]


def _whole(title: str, make: Callable[[], Section | None]) -> Section | None:
    """A section, or a sentence on its error: a report must never fail the training."""
    try:
        return make()
    except UNEXPECTED as error:
        sentence = (
            f"This cannot be shown: {EXECUTION} or {MANIFEST} is not as expected ({type(error).__name__}: {error})."
        )
        return Section(title, missing(sentence))


def figures(facts: Facts) -> list[Figure]:
    """The cost of the run as a key figure; empty if it is unknown."""
    try:
        jobs = facts.execution.get("jobs") or []
        total = total_cost(jobs)
        billed = duration(sum(job.get("billable_seconds") or 0 for job in jobs))
    except UNEXPECTED:
        return []
    counted = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    return [Figure("cost at list price", usd(total), f"{counted}, {billed} billed")] if jobs and total else []


def about(facts: Facts) -> list[tuple[str, Cell]]:
    """The facts below the title: version, date, commit, execution, environment."""
    execution = facts.execution
    name = str(execution.get("execution", "")).rpartition(":")[2]
    where = ", ".join(str(execution[key]) for key in ("environment", "region") if execution.get(key))
    known: list[tuple[str, Cell]] = [
        ("Version", NO_VERSION if name else "none: this model was not made by a workflow"),
        ("Evaluated", moment(datetime.now(UTC))),
        ("Commit", commit(str(execution["commit"]), SHORT) if execution.get("commit") else lineage.NO_COMMIT),
    ]
    return known + [(word, value) for word, value in (("Execution", name), ("Environment", where)) if value]
