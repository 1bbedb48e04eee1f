"""IAM as AWS enforces it, upon ministack's evaluator: every call by a role is checked and recorded, one module a concern.

Sources: AWS Identity and Access Management User Guide, "Policy evaluation logic", "IAM policy elements: Variables and
tags"; Service Authorization Reference.
"""

from __future__ import annotations

from sandbox.access.record import AccessRecord
from sandbox.seams.iam import encryption, evaluation, gate, requests, targets, workflows

NAMES: dict[str, str] = {}
OVERRIDES: dict[str, str] = {}
for _module in (encryption, evaluation, gate, requests, targets, workflows):
    for _name, _names in _module.NAMES.items():
        NAMES[_name] = f"{NAMES.get(_name, '')} {_names}".strip()
    OVERRIDES |= _module.OVERRIDES


def enforce(record: AccessRecord) -> None:
    """From now on every call is authorized as its role, and counted in the record."""
    evaluation.install()
    gate.install(record, requests.demands)
    requests.install()
    targets.install()
    workflows.install()
