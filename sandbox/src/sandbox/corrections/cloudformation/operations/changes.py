"""The changes of one stack operation by resource, so that it can be undone."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import Literal

from ministack.core.responses import now_iso
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.operations.resource_calls import Outcome
from sandbox.corrections.cloudformation.operations.template import Records, Template

Kind = Literal["created", "updated", "replaced", "imported", "failed"]
RESTORED = ("_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags")
"""The parts of a stack's record that a rollback restores, beside its outputs."""


@dataclass(frozen=True)
class Change:
    """A change of one resource.

    `record` is the resource after the operation, `previous` the one in the stack's last stable state. After a failure
    `record` holds the request to the handler, and a physical id only if one was created.
    """

    kind: Kind
    record: dict
    previous: dict | None = None


@dataclass
class Operation:
    """A create or update of a stack: its target, the state before, and the changes so far.

    `before` and `stable` are parts of the stack's record, None for a new stack: the state that the operation found, and
    the one that a rollback restores. They differ if the operation continues one that failed without rollback; `changes`
    then starts with that one's changes. `imports` are the identifiers of existing resources to adopt, by logical id;
    `policy` is the stack policy of an update; `creating` are the requests to running handlers, by logical id.
    """

    stack: dict
    template: Template
    before: dict | None
    stable: dict | None
    disable_rollback: bool = False
    policy: str = ""
    retain_except_on_create: bool = False
    imports: dict[str, dict] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    creating: dict[str, dict] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        return "CREATE" if self.before is None else "UPDATE"

    @property
    def stable_records(self) -> Records:
        """The resources of the last stable state."""
        return self.stable["_resources"] if self.stable else {}

    def tagged(self, record: dict, tags: list) -> dict:
        """The properties for a resource's handler, with the stack's tags."""
        names = (self.stack["StackName"], self.stack["StackId"], record["LogicalResourceId"])
        return provisioners._with_stack_tags(record["ResourceType"], record["Properties"], tags, *names)

    @property
    def tags(self) -> list:
        return self.stack.get("Tags") or []

    @property
    def previous_tags(self) -> list:
        return (self.before or {}).get("Tags") or []

    def saved(self) -> dict:
        """The operation in JSON types, to be undone later by RollbackStack."""
        return {
            "template": self.template.body,
            "parameters": self.template.parameters,
            "stable": self.stable,
            "retain_except_on_create": self.retain_except_on_create,
            "imports": self.imports,
            "creating": dict(self.creating),
            "changes": {logical_id: asdict(change) for logical_id, change in self.changes.items()},
        }


def state_before(stack: dict) -> dict:
    """A copy of the parts of a stack that a rollback restores."""
    return {name: copy.deepcopy(stack[name]) for name in (*RESTORED, "Outputs") if name in stack}


def restored(stack: dict, saved: dict) -> Operation:
    """The operation of `Operation.saved`."""
    return Operation(
        stack,
        Template(stack, saved["template"], saved["parameters"]),
        saved["stable"],
        saved["stable"],
        retain_except_on_create=saved["retain_except_on_create"],
        imports=saved["imports"],
        changes={logical_id: Change(**change) for logical_id, change in saved["changes"].items()},
    )


def record_of(asked: dict, status: str, outcome: Outcome) -> dict:
    """The stack's record of a resource after its handler; `asked` is the handler's request."""
    seed = {"_name_seed": outcome.name_seed} if outcome.name_seed else {}
    return {
        **asked,
        **seed,
        "PhysicalResourceId": outcome.physical_id,
        "ResourceStatus": status,
        "Attributes": outcome.attributes,
        "Timestamp": now_iso(),
    }
