"""No input gives a traceback: whatever stands in a file, `load` gives specs or problems that can be printed."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

from declared import FILES, Root
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specs import SpecError, resolve, words

SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**30, max_value=10**400),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.dates(),
    st.times(),
    st.sampled_from(
        ["dev", "local", "ml.m5.large", "0" * 12, "spot", "10.0.0.0/16", "us-east-1a", "[key]", "a" * 3000]
    ),
)
KEYS = st.one_of(
    st.sampled_from(["name", "training", "[key]", ""]), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def load_or_report(root: Root) -> None:
    """Load and resolve every model everywhere, or report a SpecError fit for a terminal."""
    try:
        specs = root.load()
    except SpecError as error:
        report = str(error)
    else:
        pairs = [resolve(model, environment) for model in specs.models for environment in specs.environments]
        report = f"{len(pairs)} models in environments"
    assert not report.startswith("0 ")
    assert all(character.isprintable() or character == "\n" for character in report)
    assert report.encode()


def places(table: Any, above: words.Path = ()) -> list[words.Path]:
    """Every place in a document that a value can be put."""
    items = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    found = [(*above, "new")] if isinstance(table, dict) else []
    for key, value in items:
        found += [(*above, key), *places(value, (*above, key))]
    return found


@QUICK
@given(st.data())
def test_any_value_anywhere(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        for _ in range(data.draw(st.integers(1, 3))):
            file = data.draw(st.sampled_from(FILES))
            root.put(file, data.draw(st.sampled_from(places(root.files[file]))), data.draw(VALUES))
        load_or_report(root)


OVERRIDES: dict[str, Any] = {
    "training": {"candidates": [{"instance_type": "ml.m5.large", "purchase": "on-demand"}]},
    "processing": {"volume_size_gb": 40},
    "serving": {"instance_count": 3, "autoscaling": {"max_instances": 4}, "canary": False},
}


@QUICK
@given(st.data())
def test_any_value_in_an_override(data: st.DataObject) -> None:
    """And in the environment that is overridden."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        for name in ("dev", "prod"):
            root.put(FILES[0], ("environment", name), copy.deepcopy(OVERRIDES))
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.sampled_from(places(root.files[FILES[0]]["environment"])))
            root.put(FILES[0], ("environment", *place), data.draw(VALUES))
        if data.draw(st.booleans()):
            root.put(FILES[2], data.draw(st.sampled_from(places(root.files[FILES[2]]))), data.draw(VALUES))
        load_or_report(root)


@QUICK
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from(FILES))
def test_any_document(document: dict[str, Any], file: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        root.files[file] = document
        load_or_report(root)


@QUICK
@given(st.binary(max_size=60), st.data())
def test_any_bytes(content: bytes, data: st.DataObject) -> None:
    """Some bytes in the middle of a file that is otherwise right."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        file = data.draw(st.sampled_from(FILES))
        right = (Path(__file__).resolve().parents[2] / file).read_bytes()
        cut = data.draw(st.integers(0, len(right)))
        load_or_report(root.write(file, right[:cut] + content + right[cut:]))


@QUICK
@given(st.text(alphabet="[]{}=\"'.,#\n\\ ax1-", max_size=40))
def test_any_text_of_toml_signs(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        load_or_report(Root(Path(folder)).write(FILES[0], text.encode()))
