"""The compute of an execution: every job and candidate with its time, interruptions and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from pages.cost import Job, cost, total_cost
from pages.markup import (
    DASH,
    Cell,
    Markup,
    code,
    duration,
    join,
    missing,
    note,
    number,
    pill,
    table,
    usd,
)
from pages.page import Section

TITLE = "Compute and cost"
COLUMNS = ("job", "instances", "purchase", "status", "interruptions#", "ran for#", "billed#", "cost#")
STATES = {"Completed": "good", "Failed": "bad", "Stopped": "warn", "Refused": "warn"}
BLANK = Markup("")
PRICES = (
    "Cost is billed seconds times instances times the on-demand list price; the billed seconds include the saving by "
    "spot. Storage, requests and the evaluation that wrote this page are not included."
)


def section(execution: Mapping[str, Any], why_missing: str = "") -> Section:
    """The jobs of an execution in order, from execution.json."""
    jobs = execution.get("jobs") or []
    if not jobs:
        return Section(TITLE, missing(why_missing or "The execution's description names no jobs."))
    return Section(TITLE, join(note(PRICES), timeline(jobs), jobs_table(jobs), note(_saved(jobs))))


def jobs_table(jobs: Sequence[Job]) -> Markup:
    """One row for each job, with the reason of a failure below its name."""
    total = total_cost(jobs)
    foot: list[Cell] = [
        f"{len(jobs)} jobs",
        BLANK,
        BLANK,
        BLANK,
        number(sum(job.get("interruptions") or 0 for job in jobs)),
        duration(sum(job.get("seconds") or 0 for job in jobs)),
        duration(sum(job.get("billable_seconds") or 0 for job in jobs)),
        usd(total) if total is not None else f"over {usd(sum(cost(job) or 0 for job in jobs))}",
    ]
    return table("Every job and candidate, in their order", COLUMNS, [_row(job) for job in jobs], foot)


def _row(job: Job) -> list[Cell]:
    price = cost(job)
    return [
        _name(job),
        _instances(job),
        job.get("purchase"),
        pill(str(job.get("status") or DASH), STATES.get(str(job.get("status")), "")),
        number(job.get("interruptions") or 0),
        duration(job.get("seconds")),
        duration(job.get("billable_seconds")),
        usd(price) if price is not None else "price unknown",
    ]


def _name(job: Job) -> Markup:
    name = f'<div class="said">{code(str(job["name"]))}</div>' if job.get("name") else ""
    reason = f'<div class="said">{escape(str(job["reason"]))}</div>' if job.get("reason") else ""
    return Markup(f"{escape(_label(job))}{name}{reason}")


def _label(job: Job) -> str:
    """The kind of the job and the distinct end of its name: training 2."""
    return f"{job.get('kind') or 'job'} {str(job.get('name') or '').rpartition('-')[2]}".strip()


def _instances(job: Job) -> str:
    count = job.get("instance_count") or 1
    several = f"{count} x " if count > 1 else ""
    return f"{several}{job.get('instance_type') or DASH}"


def _saved(jobs: Sequence[Job]) -> str:
    """The saving by spot, by SageMaker's formula: 1 - billable / training seconds."""
    spot = [job for job in jobs if job.get("purchase") == "spot" and job.get("seconds") and job.get("billable_seconds")]
    if not spot:
        return ""
    share = 1 - sum(job["billable_seconds"] for job in spot) / sum(job["seconds"] for job in spot)
    return f"Spot saved {share * 100:.0f} % of the seconds that ran on it." if share > 0 else ""


def timeline(jobs: Sequence[Job]) -> Markup:
    """Bars of the jobs from start to end, below one another."""
    timed = [(job, *times) for job in jobs if (times := _times(job))]
    if len(timed) < 2:
        return Markup("")
    first, last = min(start for _, start, _ in timed), max(end for _, _, end in timed)
    whole = max((last - first).total_seconds(), 1e-9)
    bars = "".join(
        _bar(job, (start - first).total_seconds() / whole, (end - first).total_seconds() / whole)
        for job, start, end in timed
    )
    said = f"{duration(whole)} from the first job's start to the last one's end"
    return Markup(f'<figure class="timeline" aria-label="{said}"><figcaption>{said}</figcaption>{bars}</figure>')


def _bar(job: Job, start: float, end: float) -> str:
    state = STATES.get(str(job.get("status")), "5")
    place = f"left: {start:.2%}; width: max({end - start:.2%}, 3px)"
    name, said = escape(_label(job)), duration(job.get("seconds"))
    return f'<div class="lane"><span>{name}</span><i><b class="c{state}" style="{place}" title="{said}"></b></i></div>'


def _times(job: Job) -> tuple[datetime, datetime] | None:
    try:
        return datetime.fromisoformat(job["started"]), datetime.fromisoformat(job["ended"])
    except (KeyError, TypeError, ValueError):
        return None
