"""Wait conditions of a cancelled operation, which stop waiting for signals."""

from __future__ import annotations

from ministack.services.cloudformation import wait_conditions


def stop_waiting(stack_id: str, logical_id: str) -> None:
    """End the wait if this resource is a WaitCondition; its handler fails at once."""
    with wait_conditions._changed:
        waiting = wait_conditions._waiting.get((stack_id, logical_id))
        if waiting and (handle := wait_conditions._handles.get(waiting["token"])):
            handle["signals"]["cancelled"] = {"Status": "FAILURE", "Reason": "Resource creation cancelled", "Data": ""}
            wait_conditions._changed.notify_all()
