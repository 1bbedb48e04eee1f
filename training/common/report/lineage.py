"""The origin of the model: data, code, image, commit, hyperparameters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pages.bars import Bars
from pages.chart import side_by_side
from pages.markup import Cell, Markup, code, commit, facts, join, missing, number, pill, table
from pages.page import Section

TITLE = "Lineage"
NO_COMMIT = "not told when the execution was started"
Mapped = Mapping[str, Any]


def section(execution: Mapped, manifest: Mapped, why_missing: Sequence[str] = ()) -> Section:
    """The origins by execution.json and the data set's manifest.json."""
    parts = [missing(sentence) for sentence in why_missing]
    if execution:
        parts += [_origin(execution), _hyperparameters(execution)]
    if manifest:
        parts += [Markup("<h3>Data set</h3>"), _data(manifest), _splits(manifest), _balance(manifest)]
    return Section(TITLE, join(*parts))


def _origin(execution: Mapped) -> Markup:
    data = _table(execution, "data")
    images = dict.fromkeys(job.get("image") for job in execution.get("jobs") or [] if job.get("image"))
    rows: list[tuple[str, Cell]] = [
        ("Execution", code(execution.get("execution"))),
        ("Environment", ", ".join(str(execution[key]) for key in ("environment", "region") if execution.get(key))),
        ("Commit", commit(str(execution["commit"])) if execution.get("commit") else NO_COMMIT),
        ("Code", code(_table(execution, "code").get("s3_uri"))),
        ("Raw data", code(data.get("raw"))),
        ("Prepared data", join(code(data.get("prepared")), _prepared(data))),
        ("Fingerprint", code(data.get("fingerprint"))),
        *(("Image", code(image)) for image in images),
    ]
    return facts(rows)


def _prepared(data: Mapped) -> Markup:
    if "prepared_again" not in data:
        return Markup("")
    return Markup(" prepared by this execution" if data["prepared_again"] else " as an earlier execution prepared it")


def _hyperparameters(execution: Mapped) -> Markup:
    values, given = _table(execution, "hyperparameters"), _table(execution, "overrides")
    searched = _table(_table(execution, "search"), "ranges")
    declared = f"models/{execution.get('model') or 'MODEL'}.toml"
    rows = [(name, str(values[name]), _from(name, given, searched) or declared) for name in sorted(values)]
    return join(table("Hyperparameters", ("name", "value#", "from"), rows) if rows else "")


def _from(name: str, given: Mapped, searched: Mapped) -> Cell:
    if name in searched:
        return pill("search", "good")
    return pill("set for this execution", "warn") if name in given else None


def _data(manifest: Mapped) -> Markup:
    words = (("source", "Source"), ("licence", "Licence"), ("split_rule", "Split rule"))
    return facts([(word, str(manifest[name])) for name, word in words if manifest.get(name)])


def _splits(manifest: Mapped) -> Markup:
    rows = [
        (name, number(split.get("records", 0)), str(len(split.get("shards") or [])), code(fingerprint(split)))
        for name, split in _table(manifest, "splits").items()
    ]
    return (
        table("Splits", ("split", "records#", "shards#", "SHA-256 over its shards' checksums"), rows)
        if rows
        else Markup("")
    )


def fingerprint(split: Mapped) -> str:
    """One checksum for a whole split, computed as by Manifest."""
    sums = "".join(str(shard.get("sha256", "")) for shard in split.get("shards") or [])
    return hashlib.sha256(sums.encode()).hexdigest()


def _balance(manifest: Mapped) -> Markup:
    """Examples by class, one chart for each split."""
    charts = [
        Bars(f"Classes in {name}", split["classes"])
        for name, split in _table(manifest, "splits").items()
        if split.get("classes")
    ]
    return side_by_side(charts) if charts else Markup("")


def _table(mapping: Mapped, key: str) -> Mapped:
    value = mapping.get(key)
    return value if isinstance(value, Mapping) else {}
