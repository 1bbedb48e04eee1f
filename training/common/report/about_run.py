"""The sections that every model's report ends with: search, compute, lineage, reproduction."""

from __future__ import annotations

from training.common.report import compute, lineage, reproduce, search
from training.common.report.facts import EXECUTION, MANIFEST, Facts
from training.common.report.markup import duration, usd
from training.common.report.page import Figure, Section


def sections(facts: Facts) -> list[Section]:
    """As many as there is something to say in; what is missing is said where it would be."""
    why = facts.missing.get(EXECUTION, "")
    found = [
        search.section(facts.execution),
        compute.section(facts.execution, why),
        lineage.section(
            facts.execution,
            facts.manifest,
            [facts.missing[name] for name in (EXECUTION, MANIFEST) if name in facts.missing],
        ),
        reproduce.section(facts.execution, why),
    ]
    return [each for each in found if each]


def figures(facts: Facts) -> list[Figure]:
    """What the run cost, as a key figure; none where nothing is known of it."""
    jobs = facts.execution.get("jobs") or []
    total = compute.total_cost(jobs)
    if not jobs or total is None:
        return []
    billed = duration(sum(job.get("billable_seconds") or 0 for job in jobs))
    return [Figure("cost at list price", usd(total), f"{len(jobs)} jobs, {billed} billed")]


def subtitle(facts: Facts, what: str) -> str:
    """What was evaluated, in which execution."""
    execution = facts.execution
    name = str(execution.get("execution", "")).rpartition(":")[2]
    where = ", ".join(str(execution[key]) for key in ("environment", "region") if execution.get(key))
    return " · ".join(part for part in (what, f"execution {name}" if name else "", where) if part)
