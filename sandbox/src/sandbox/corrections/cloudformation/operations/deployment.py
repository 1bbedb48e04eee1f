"""The forward half of a create or update: every resource as soon as its dependencies are ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ministack.services.cloudformation import provisioners, stacks

from sandbox.corrections.cloudformation.operations import resource_calls
from sandbox.corrections.cloudformation.operations.changes import Change, Operation, record_of
from sandbox.corrections.cloudformation.operations.events import StackEvents, failed_to
from sandbox.corrections.cloudformation.operations.graph import Visits, walk
from sandbox.corrections.cloudformation.operations.stack_policies import refusal
from sandbox.corrections.cloudformation.operations.wait_conditions import stop_waiting

_log = logging.getLogger(__name__)
_INITIATED = "Resource creation Initiated"
_REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."
_REPLACED_BY_PROVIDER = "Requested update required the provider to create a new physical resource"
_TYPE_CHANGED = "Update of resource type is not permitted. The new template modifies resource type of the following"


@dataclass(frozen=True)
class _UnderWay:
    verb: str
    type_name: str
    physical_id: str


class Deployment:
    """Concurrent creates and updates until the end, a failure, or a halt from outside."""

    def __init__(self, operation: Operation, events: StackEvents) -> None:
        self.operation, self._events = operation, events
        self._stack_name = operation.stack["StackName"]
        self._records = operation.stack.setdefault("_resources", {})
        self._before = dict(self._records)
        self._halted = asyncio.Event()
        self._under_way: dict[str, _UnderWay] = {}
        self._failed: dict[str, list[str]] = {"CREATE": [], "UPDATE": []}
        self.predecessors: dict[str, Sequence[Callable[[], None]]] = {}
        self.pending: Visits = {}
        self._expired = False
        self.finished = asyncio.Event()

    async def run(self) -> bool:
        """Deploy; return whether everything succeeded. After a failure `pending` holds the unfinished work."""
        self._refuse_removals()
        self.pending = await walk(self.operation.template.graph(), self._visit, self._halted)
        return not self._halted.is_set()

    def halt(self) -> None:
        """Start nothing more, and cancel running work; blocking handlers end in their own time."""
        if self._halted.is_set():
            return
        self._halted.set()
        for logical_id, doing in self._under_way.items():
            cancelled = "Resource creation cancelled" if doing.verb == "CREATE" else "Resource update cancelled"
            self._report(logical_id, doing, "FAILED", cancelled)
            self._failed[doing.verb].append(logical_id)
            stop_waiting(self._events.stack_id, logical_id)
            resource_calls.halt(doing.type_name, self._events.stack_id, logical_id)
        self._under_way.clear()

    def expire(self) -> None:
        """Halt at the end of the time limit."""
        self._expired = True
        self.halt()

    def failures(self) -> str:
        """The failed resources, in the words of the stack's own event."""
        if self._expired:
            return "Stack creation time exceeded the specified timeout."
        return failed_to("create", self._failed["CREATE"]) + failed_to("update", self._failed["UPDATE"])

    def _refuse_removals(self) -> None:
        """Fail the update if the stack policy refuses a removal."""
        for logical_id in [name for name in self._records if name not in self.operation.template.resources]:
            record = self._records[logical_id]
            if reason := refusal(self.operation.policy, "Update:Delete", logical_id, record["ResourceType"]):
                self._fail(record, record, ValueError(reason))

    async def _visit(self, logical_id: str) -> bool:
        before = self._before.get(logical_id)
        type_name = self.operation.template.resources[logical_id]["Type"]
        asked = {"LogicalResourceId": logical_id, "ResourceType": type_name}
        try:
            properties, dynamic = self.operation.template.properties(
                logical_id, self._records, self._known_references(logical_id, before)
            )
        except ValueError as error:
            return self._fail(asked, before, error)
        asked |= {"Properties": properties, **({"_dynamic": dynamic} if dynamic else {})}
        if before is not None:
            return await self._update(asked, before)
        if logical_id in self.operation.imports:
            return self._adopt(asked)
        return await self._create(asked)

    async def _create(self, asked: dict) -> bool:
        logical_id, type_name = asked["LogicalResourceId"], asked["ResourceType"]
        self._begin(logical_id, _UnderWay("CREATE", type_name, ""))
        await asyncio.sleep(0)
        if self._halted.is_set():
            return False
        properties = self.operation.tagged(asked, self.operation.tags)
        self.operation.creating[logical_id] = asked
        try:
            outcome = await resource_calls.create(type_name, logical_id, properties, self._stack_name)
        except Exception as error:
            return self._fail(asked, None, error)
        finally:
            del self.operation.creating[logical_id]
        self._keep("created", record_of(asked, "CREATE_COMPLETE", outcome))
        return self._finish(logical_id, outcome.physical_id, _INITIATED)

    async def _update(self, asked: dict, before: dict) -> bool:
        logical_id, type_name, physical_id = asked["LogicalResourceId"], asked["ResourceType"], self._id(before)
        if type_name != before["ResourceType"]:
            return self._fail(asked, before, ValueError(f"{_TYPE_CHANGED} resources: [{logical_id}]"))
        old = self.operation.tagged(before, self.operation.previous_tags)
        new = self.operation.tagged(asked, self.operation.tags)
        if old == new and not resource_calls.is_nested(type_name):
            return True
        refused = provisioners._custom_named_replacement_error(type_name, old, new, physical_id)
        replacing = not refused and provisioners._replacing_change(type_name, old, new)
        action = "Update:Replace" if replacing else "Update:Modify"
        if old != new and (reason := refusal(self.operation.policy, action, logical_id, type_name)):
            return self._fail(asked, before, ValueError(reason))
        self._begin(logical_id, _UnderWay("UPDATE", type_name, physical_id), _REPLACING if replacing else "")
        await asyncio.sleep(0)
        if self._halted.is_set():
            return False
        try:
            outcome = await resource_calls.update(
                before, old, new, self._stack_name, lambda: self._retained(logical_id)
            )
        except Exception as error:
            return self._fail(asked, before, error)
        replaced = outcome.physical_id != physical_id or bool(outcome.predecessors)
        self.predecessors[logical_id] = outcome.predecessors
        self._keep("replaced" if replaced else "updated", record_of(asked, "UPDATE_COMPLETE", outcome))
        provider = _REPLACED_BY_PROVIDER if replaced and not replacing else ""
        return self._finish(logical_id, outcome.physical_id, _INITIATED if replacing else "", provider)

    def _adopt(self, asked: dict) -> bool:
        """Import an existing resource, with an import's events.

        Source: "CreateChangeSet", ImportExistingResources.
        """
        logical_id, type_name = asked["LogicalResourceId"], asked["ResourceType"]
        identifier = self.operation.imports[logical_id]
        try:
            adopted = stacks._adopt_resource(self._events.stack_id, self._stack_name, logical_id, type_name, identifier)
        except Exception as error:
            self._events.resource(logical_id, type_name, "IMPORT_FAILED", str(error))
            self._failed["CREATE"].append(logical_id)
            self.halt()
            return False
        self._keep("imported", record_of(asked, "UPDATE_COMPLETE", resource_calls.Outcome(adopted[0], adopted[1], "")))
        return True

    def _known_references(self, logical_id: str, before: dict | None) -> tuple[dict, bool, bool]:
        """The values of dynamic references to keep.

        All are kept in an unchanged stack, secrets in an unchanged resource.
        """
        before_all, template = self.operation.before or {}, self.operation.template
        body = before_all.get("_template", {})
        same_stack = body == template.body and before_all.get("_resolved_params") == template.parameters
        same_resource = body.get("Resources", {}).get(logical_id) == template.body["Resources"][logical_id]
        return (before or {}).get("_dynamic") or {}, same_stack, before is not None and same_resource

    def _retained(self, logical_id: str) -> bool:
        policy = self.operation.template.policy(logical_id, "UpdateReplacePolicy", self._records)
        return policy in provisioners._RETAINING_POLICIES

    def _begin(self, logical_id: str, doing: _UnderWay, reason: str = "") -> None:
        self._under_way[logical_id] = doing
        self._report(logical_id, doing, "IN_PROGRESS", reason)

    def _keep(self, kind: str, record: dict) -> None:
        """Record a resource and its change since the stack's last stable state."""
        logical_id = record["LogicalResourceId"]
        self._records[logical_id] = record
        earlier = self.operation.changes.get(logical_id)
        kept = earlier.kind if earlier and earlier.kind in ("created", "replaced") else kind
        self.operation.changes[logical_id] = Change(
            kept,  # type: ignore[arg-type]
            record,
            self.operation.stable_records.get(logical_id),
        )

    def _finish(self, logical_id: str, physical_id: str, initiated: str, reason: str = "") -> bool:
        doing = self._under_way.pop(logical_id, None)
        if doing is None:
            return False
        done = _UnderWay(doing.verb, doing.type_name, physical_id)
        if initiated:
            self._report(logical_id, done, "IN_PROGRESS", initiated)
        self._report(logical_id, done, "COMPLETE", reason)
        return True

    def _fail(self, asked: dict, before: dict | None, error: Exception) -> bool:
        logical_id, type_name = asked["LogicalResourceId"], asked["ResourceType"]
        _log.warning("%s: %s failed: %s", self._stack_name, logical_id, error)
        doing = self._under_way.pop(logical_id, None)
        if isinstance(error, resource_calls.LeftBehind) and before is None:
            self._keep("created", record_of(asked, "CREATE_FAILED", error.outcome))
        elif logical_id not in self.operation.changes:
            failed = {**asked, "PhysicalResourceId": self._id(before)}
            self.operation.changes[logical_id] = Change("failed", failed, self.operation.stable_records.get(logical_id))
        if doing is None and self._halted.is_set():
            return False
        doing = doing or _UnderWay("UPDATE" if before else "CREATE", type_name, self._id(before))
        self._report(logical_id, doing, "FAILED", str(error))
        self._failed[doing.verb].append(logical_id)
        self.halt()
        return False

    def _report(self, logical_id: str, doing: _UnderWay, state: str, reason: str = "") -> None:
        self._events.resource(logical_id, doing.type_name, f"{doing.verb}_{state}", reason, doing.physical_id)

    @staticmethod
    def _id(record: dict | None) -> str:
        return (record or {}).get("PhysicalResourceId", "")
