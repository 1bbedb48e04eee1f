"""Our engine for stack operations in place of ministack's, with all their events.

ministack handles the resources one after another on the event loop; AWS creates, updates, deletes and rolls back
independent resources concurrently, and reports it in the stack's events. Requests, change sets, the resolution of
templates and the resource handlers stay ministack's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from sandbox.corrections.cloudformation.operations.changes import Operation, restored
from sandbox.corrections.cloudformation.operations.completion import complete
from sandbox.corrections.cloudformation.operations.deletion import StackDeletion
from sandbox.corrections.cloudformation.operations.deployment import Deployment
from sandbox.corrections.cloudformation.operations.events import StackEvents
from sandbox.corrections.cloudformation.operations.exports import ExportRefused, publish
from sandbox.corrections.cloudformation.operations.resource_calls import deploy_role, preserve_nested
from sandbox.corrections.cloudformation.operations.rollback import Rollback
from sandbox.corrections.cloudformation.operations.template import Template
from sandbox.corrections.cloudformation.operations.under_way import UnderWay, unfinished

_log = logging.getLogger(__name__)


class Engine:
    """The running stack operations; methods have the signatures of ministack's coroutines."""

    def __init__(self, minute: float = 60.0) -> None:
        self._minute = minute
        self.running: dict[str, Deployment] = {}
        self.under_way = UnderWay()

    async def deploy(  # noqa: PLR0917 -- as ministack calls it
        self,
        stack_name: str,
        stack_id: str,
        template: dict,
        param_values: dict,
        disable_rollback: bool,
        tags: list,
        is_update: bool = False,
        previous_stack: dict | None = None,
        retain_except_on_create: bool = False,
        imports: dict | None = None,
    ) -> None:
        """Create or update a stack (ministack's `_deploy_stack_async`)."""
        stack = cloudformation._stacks[stack_name]
        deploy_role.set(stack.get("RoleARN"))
        events = StackEvents(stack)
        try:
            operation = self.operation(stack, template, param_values, previous_stack if is_update else None)
            operation.disable_rollback = disable_rollback
            policy = stack.pop("_update_policy", stack.get("_stack_policy", ""))
            operation.policy = policy if is_update else ""
            operation.retain_except_on_create, operation.imports = retain_except_on_create, imports or {}
            with self.under_way.operation(operation):
                if not self.is_refused(operation, disable_rollback):
                    await self._deploy(operation, events)
        except Exception as error:
            _log.exception("%s could not be deployed", stack_name)
            events.stack(f"{'UPDATE' if is_update else 'CREATE'}_FAILED", f"Internal Failure: {error}")

    async def delete(
        self, stack_name: str, stack_id: str, retain_resources: Collection[str] = (), force: bool = False
    ) -> None:
        """Delete a stack once its running creations have ended (ministack's `_delete_stack_async`)."""
        stack = cloudformation._stacks[stack_name]
        deploy_role.set(stack.get("RoleARN"))
        events, former_status = StackEvents(stack), stack["StackStatus"]
        with self.under_way.deletion(stack_id, retain_resources, force):
            events.stack("DELETE_IN_PROGRESS", "User Initiated")
            if deployment := self.running.get(stack_id):
                deployment.halt()
                await deployment.finished.wait()
            try:
                deletion = StackDeletion(stack, events, retain_resources)
                if not deletion.refused(former_status):
                    await (deletion.force() if force else deletion.run())
            except Exception as error:
                _log.exception("%s could not be deleted", stack_name)
                events.stack("DELETE_FAILED", f"Internal Failure: {error}")
        if stack["StackStatus"] == "DELETE_COMPLETE":  # Its name is free now; it is found by its id.
            cloudformation._stacks[stack_id] = cloudformation._stacks.pop(stack_name)

    async def roll_back(
        self, stack_name: str, stack_id: str, stack: dict, operation: dict, reason_override: str = ""
    ) -> None:
        """Roll back a stack that failed with its rollback disabled (ministack's `_roll_back_operation`)."""
        deploy_role.set(stack.get("RoleARN"))
        stack.pop("_failed_operation", None)
        if "changes" in operation:
            failed = restored(stack, operation)
        else:  # It failed before its first resource.
            template = Template(stack, stack["_template"], stack["_resolved_params"])
            failed = Operation(stack, template, operation["previous_stack"], operation["previous_stack"])
        with self.under_way.operation(failed):
            await Rollback(failed, StackEvents(stack), {}).run(reason_override)

    async def recover(self, stack: dict, cut_off: dict | None, reason: str) -> None:
        """End a stack operation that the sandbox's end interrupted; `cut_off` is its saved state."""
        status, names = stack["StackStatus"], (stack["StackName"], stack["StackId"])
        if status == "DELETE_IN_PROGRESS":
            await self.delete(*names, **(cut_off or {}))
        elif status.startswith("IMPORT_"):  # an import changes no resource
            StackEvents(stack).stack("IMPORT_ROLLBACK_COMPLETE" if stack["_template"] else "ROLLBACK_COMPLETE", reason)
        elif cut_off is None:  # it had changed nothing yet
            StackEvents(stack).stack(
                "ROLLBACK_COMPLETE" if status[:6] == "CREATE" else "UPDATE_ROLLBACK_COMPLETE", reason
            )
        elif status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
            operation, events = restored(stack, cut_off), StackEvents(stack)
            with self.under_way.operation(operation):
                await complete(Deployment(operation, events), events)
        else:
            for logical_id, change in unfinished(stack, cut_off).items():
                cut_off["changes"][logical_id] = change
                stack["_resources"][logical_id] = change["record"]
            await self.roll_back(*names, stack, cut_off, reason)

    @staticmethod
    def give_up(stack: dict, reason: str) -> None:
        """Set a failed status that allows deletion, if an operation cannot be undone."""
        failed = {"CREATE": "ROLLBACK", "ROLLBA": "ROLLBACK", "DELETE": "DELETE"}
        verb = failed.get(stack["StackStatus"][:6], "UPDATE_ROLLBACK")
        StackEvents(stack).stack(f"{verb}_FAILED", reason)

    def cancel(self, stack_id: str) -> None:
        """Cancel a running update (CancelUpdateStack)."""
        if deployment := self.running.get(stack_id):
            deployment.halt()

    def operation(self, stack: dict, body: dict, parameters: dict, before: dict | None) -> Operation:
        """The operation; on a stack that failed without rollback it continues the failed one."""
        template = Template(stack, body, parameters)
        failed = stack.pop("_failed_operation", None)
        if failed is None:
            return Operation(stack, template, before, before)
        continued = restored(stack, failed)
        return Operation(stack, template, before, continued.stable, changes=continued.changes)

    def is_refused(self, operation: Operation, disable_rollback: bool) -> bool:
        """Validate the template before the first resource; record events of a refusal and return it."""
        stack, template = operation.stack, operation.template
        # A name that is taken is no conflict for a resource to adopt.
        order = [logical_id for logical_id in template.order() if logical_id not in operation.imports]
        if stack.get("_disable_validation"):
            return False
        return stacks._fail_property_validation(
            stack,
            stack["StackId"],
            stack["StackName"],
            template.body.get("Resources", {}),
            order,
            template.parameters,
            template.conditions,
            template.body.get("Mappings", {}),
            disable_rollback,
            previous_stack=operation.before,
        )

    async def _deploy(self, operation: Operation, events: StackEvents) -> None:
        deployment, failure = await self.advance(operation, events)
        if operation.stack["StackStatus"] == "DELETE_IN_PROGRESS":
            return
        if failure:
            await self._fail(deployment, events, failure)
        else:
            await complete(deployment, events)

    async def advance(self, operation: Operation, events: StackEvents) -> tuple[Deployment, str]:
        """Bring the resources to what the template says; return also the reason of a failure.

        The stack may be deleted meanwhile, which is no failure.
        """
        stack, stack_id = operation.stack, operation.stack["StackId"]
        deployment = self.running[stack_id] = Deployment(operation, events)
        limit = None
        if operation.before is None:
            stack["_template"], stack["_resolved_params"] = operation.template.body, operation.template.parameters
            limit = self._limit(stack, deployment)
        try:
            deployed = await deployment.run()
            if stack["StackStatus"] == "DELETE_IN_PROGRESS":
                await asyncio.gather(*deployment.pending.values())
                return deployment, ""
        finally:
            del self.running[stack_id]
            deployment.finished.set()
            if limit is not None:
                limit.cancel()
        return deployment, self._publish(operation) if deployed else self._cancelled(stack) or deployment.failures()

    def _limit(self, stack: dict, deployment: Deployment) -> asyncio.TimerHandle | None:
        """Begin the time limit of a creation (TimeoutInMinutes)."""
        if minutes := stack.get("TimeoutInMinutes"):
            return asyncio.get_running_loop().call_later(minutes * self._minute, deployment.expire)
        return None

    @staticmethod
    def _publish(operation: Operation) -> str:
        """Set the outputs and the exports; return the reason of a failure."""
        stack, template = operation.stack, operation.template
        surviving = {name: record for name, record in stack["_resources"].items() if name in template.resources}
        try:
            outputs, exports = template.outputs(surviving)
            publish(stack, exports)
        except (ValueError, ExportRefused) as refusal:
            return str(refusal)
        stack["Outputs"] = outputs
        return ""

    @staticmethod
    def _cancelled(stack: dict) -> str:
        """The reason of a cancelled update; later events carry the cancel's request token."""
        if not stack.pop("_cancel_requested", False):
            return ""
        stacks.CLIENT_REQUEST_TOKEN.set(stack.pop("_cancel_token", ""))
        return "User Initiated"

    @staticmethod
    async def _fail(deployment: Deployment, events: StackEvents, reason: str) -> None:
        operation = deployment.operation
        if operation.disable_rollback:
            await asyncio.gather(*deployment.pending.values())
            preserve_nested(operation.stack["_resources"])
            operation.stack["_failed_operation"] = operation.saved()
            events.stack(f"{operation.verb}_FAILED", reason)
            return
        if operation.verb == "CREATE":
            reason = f"{reason.rstrip(' .')}. Rollback requested by user."
        await Rollback(operation, events, deployment.pending).run(reason)
