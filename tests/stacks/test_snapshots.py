"""The templates and workflows as a reviewer reads them: the reference model, then what differs from it.

`pytest tests/stacks/test_snapshots.py --snapshot-update` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import reference_model
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from template_text import Blocks, difference, template_blocks, text, workflow_blocks
from template_tokens import exports_of

from specs import EnvironmentSpec, ModelSpec, Specs

STACKS = (*reference_model.SHARED_STACKS, *reference_model.MODEL_STACKS)
REFERENCE = [*STACKS, "training-workflow", "release-workflow"]
VARIANTS = ["dev", "local", "pin", "judged"]
Synthesize = Callable[[EnvironmentSpec, tuple[ModelSpec, ...]], dict[str, dict[str, Any]]]


class TextFile(SingleFileSnapshotExtension):
    """One file of text a test."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


class Sheets:
    """The text of every snapshot. `others` are further models, which must change nothing."""

    def __init__(self, specs: Specs, synthesize: Synthesize, others: tuple[ModelSpec, ...] = ()) -> None:
        self._synthesize, self._others = synthesize, others
        model, prod = reference_model.reference_model(specs), specs.environment(reference_model.ENVIRONMENT)
        self._reference = self._blocks(prod, model)
        self._variants = {
            "dev": (specs.environment("dev"), model),
            "local": (specs.environment("local"), model),
            "pin": (reference_model.pinned(prod), model),
            "judged": (prod, reference_model.judged(model)),
        }

    def reference(self, name: str) -> str:
        return text(self._reference[name])

    def variant(self, name: str) -> str:
        """All that differs from the reference, by sheet."""
        other = self._blocks(*self._variants[name])
        parts = []
        for sheet in REFERENCE:
            if sheet not in other:
                parts.append(f"===== {sheet}: does not exist\n")
            elif found := difference(self._reference[sheet], other[sheet]):
                parts.append(f"===== {sheet}\n\n{text(found)}")
        return "\n".join(parts)

    def _blocks(self, environment: EnvironmentSpec, model: ModelSpec) -> dict[str, Blocks]:
        """Under the reference environment's name, so that names are no difference."""
        named = environment.model_copy(update={"name": reference_model.ENVIRONMENT})
        overrides = model.environment.get(environment.name)
        overridden = {named.name: overrides} if overrides else {}
        models = [each.model_copy(update={"environment": overridden}) for each in (model, *self._others)]
        templates = self._synthesize(named, tuple(models))
        return blocks(masked(reference_model.by_short_name(templates, named.name), environment))


def blocks(templates: Mapping[str, dict[str, Any]]) -> dict[str, Blocks]:
    exports = exports_of(templates)
    found = {stack: template_blocks(templates[stack], exports) for stack in STACKS}
    found["training-workflow"] = workflow_blocks(templates["training"], exports)
    if any(each["Type"].endswith("::StateMachine") for each in templates["release"]["Resources"].values()):
        found["release-workflow"] = workflow_blocks(templates["release"], exports)
    return found


def masked(templates: Mapping[str, dict[str, Any]], environment: EnvironmentSpec) -> dict[str, dict[str, Any]]:
    """Without account, region, and the line that declares the account."""
    found = json.dumps(templates)
    for name in ("account_line", "account", "region"):
        found = re.sub(rf"\b{re.escape(getattr(environment, name))}\b", f"<{name.replace('_', ' ')}>", found)
    return json.loads(found)


@pytest.fixture(scope="module")
def sheets(specs: Specs, synthesize: Synthesize) -> Sheets:
    return Sheets(specs, synthesize)


@pytest.mark.parametrize("sheet", REFERENCE)
def test_reference(sheets: Sheets, snapshot: Any, sheet: str) -> None:
    """Everything of the reference model in the reference environment."""
    assert sheets.reference(sheet) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant(sheets: Sheets, snapshot: Any, variant: str) -> None:
    """Only what differs from the reference."""
    assert sheets.variant(variant) == snapshot(extension_class=TextFile)


def test_other_models_change_no_snapshot(sheets: Sheets, specs: Specs, synthesize: Synthesize) -> None:
    """Neither an alphabetically earlier model, nor one with the start of the reference's name."""
    others = tuple(
        reference_model.reference_model(specs).model_copy(update={"name": name}) for name in ("churn", "digits")
    )
    crowded = Sheets(specs.model_copy(update={"models": (*others, *specs.models)}), synthesize, others)
    for sheet in REFERENCE:
        assert crowded.reference(sheet) == sheets.reference(sheet), sheet
    for variant in VARIANTS:
        assert crowded.variant(variant) == sheets.variant(variant), variant
