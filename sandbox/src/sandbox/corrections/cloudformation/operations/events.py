"""The events of one stack, and its resulting status."""

from __future__ import annotations

from ministack.core.responses import now_iso
from ministack.services.cloudformation import stacks

STACK = "AWS::CloudFormation::Stack"


class StackEvents:
    """A recorder of the events of a stack and its resources, in order."""

    def __init__(self, stack: dict) -> None:
        self._stack = stack

    def stack(self, status: str, reason: str = "") -> None:
        """Set the stack's status ("View stack events", stack status codes)."""
        self._stack["StackStatus"], self._stack["StackStatusReason"] = status, reason
        if status == "DELETE_COMPLETE":
            self._stack["DeletionTime"] = now_iso()
        self.resource(self._stack["StackName"], STACK, status, reason, self.stack_id)

    def resource(self, logical_id: str, type_name: str, status: str, reason: str = "", physical_id: str = "") -> None:
        stacks._add_event(self.stack_id, self._stack["StackName"], logical_id, type_name, status, reason, physical_id)

    @property
    def stack_id(self) -> str:
        return self._stack["StackId"]


def failed_to(verb: str, logical_ids: list[str]) -> str:
    """ "The following resource(s) failed to create: [A, B]. ", or empty without failures."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. " if logical_ids else ""
