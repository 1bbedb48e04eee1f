"""A call of the tracking function. The workflow goes on whether MLflow answers or not."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_lambda as functions
from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.jsonata import RESULT, Jsonata
from stacks.constructs.workflows.states import Pass, catch
from stacks.constructs.workflows.step import Exit
from stacks.constructs.workflows.task import Task

# Exceptions of a function arrive as JSON; errors of the service itself do not.
_REASON = Jsonata(
    "($cause := $states.errorOutput.Cause; $raised := $substring($cause, 0, 1) = '{' ? $parse($cause) : {}; "
    "$exists($raised.errorMessage) ? $raised.errorMessage : $cause)"
)


class TrackingCall:
    """One call for the run of this execution. A failure is noted in `$tracked`.

    Whether a model is good, and whether its version stands, does not depend on MLflow.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        failed: str,
        settings: JobSettings,
        function: functions.Function,
        payload: Mapping[str, Jsonata],
    ) -> None:
        call = Task(
            scope,
            name,
            role=settings.workflow_role,
            resource="lambda:invoke",
            arguments={
                "FunctionName": function.function_arn,
                "Payload": {"records": settings.location(names.RECORDS), **payload},
            },
            statements=[allow(["lambda:InvokeFunction"], [function.function_arn])],
            assign={"tracked": Jsonata(f"{RESULT}.Payload")},
        )
        noted = Pass(scope, failed, comment="tracked.reason says why; the workflow goes on all the same")
        catch(call, noted, assign={"tracked": {"reason": _REASON}})
        self.start = call
        self.exits: list[Exit] = [call, noted]
