"""The small states, with JSONata as a type: Pass, Wait, Map, Succeed and Fail; and the catch of an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.workflows.jsonata import Jsonata, field
from stacks.constructs.workflows.step import Exit, OneState

ANY_ERROR = "States.ALL"


class Pass(OneState, sfn.Pass):
    """Assign variables, and nothing else."""

    def __init__(
        self, scope: Construct, id_: str, *, assign: Mapping[str, Any] | None = None, comment: str | None = None
    ) -> None:
        super().__init__(scope, id_, assign=field(assign), comment=comment)


class Wait(OneState, sfn.Wait):
    """Wait for a number of seconds."""

    def __init__(self, scope: Construct, id_: str, *, seconds: Jsonata) -> None:
        super().__init__(scope, id_, time=sfn.WaitTime.seconds(seconds.wrapped))


class Map(OneState, sfn.Map):
    """Run the same states for each item, at most `at_once` of them side by side."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        items: Jsonata,
        each: sfn.IChainable,
        at_once: int,
        assign: Mapping[str, Any] | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            items=sfn.ProvideItems.jsonata(items.wrapped),
            max_concurrency=at_once,
            assign=field(assign),
            outputs=field(output),
        )
        self.item_processor(each)


class Succeed(sfn.Succeed):
    """End the execution with an output; a step without exits."""

    def __init__(self, scope: Construct, id_: str, *, output: Mapping[str, Any]) -> None:
        super().__init__(scope, id_, outputs=field(output))

    @property
    def start(self) -> sfn.State:
        return self

    @property
    def exits(self) -> list[Exit]:
        return []


class Fail(sfn.Fail):
    """End the execution as a failure. `cause` is the sentence that a person reads."""

    def __init__(self, scope: Construct, id_: str, *, error: str | Jsonata, cause: Jsonata) -> None:
        super().__init__(scope, id_, error=field(error), cause=cause.wrapped)


def catch(
    state: sfn.CustomState | sfn.Map,
    handler: sfn.IChainable,
    *,
    errors: Sequence[str] = (ANY_ERROR,),
    assign: Mapping[str, Any] | None = None,
) -> None:
    """Go on at `handler` after these errors. The catches of a state are tried in the order in which they were added."""
    state.add_catch(handler, errors=list(errors), assign=field(assign))
