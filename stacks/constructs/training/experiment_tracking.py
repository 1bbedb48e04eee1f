"""One step of the training workflow: a function copies the finished run to MLflow (docs/decisions/0015)."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import names
from stacks.constructs.archives.function_archive import function_code
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.security.bucket_access import grant_objects, grant_read
from stacks.constructs.security.policy_order import after_policy
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow
from stacks.constructs.security.trust import service_of_this_account
from stacks.constructs.shared.tracking_app import ARTIFACTS
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import jsonata

ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT = Duration.minutes(5)
# What a function raises arrives as JSON; errors of the service itself do not.
_REASON = (
    "($cause := $states.errorOutput.Cause; $raised := $substring($cause, 0, 1) = '{' ? $parse($cause) : {}; "
    "$exists($raised.errorMessage) ? $raised.errorMessage : $cause)"
)


class ExperimentTracking(Construct):
    """From the evaluation to `then`, tracked or not; `start` is where to enter.

    Whether a model is good does not depend on MLflow: a failure is noted in the execution, which goes on.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: JobSettings, app: str, log_days: int, then: sfn.IChainable
    ) -> None:
        super().__init__(scope, id_)
        function = self._function(settings, app, log_days)
        track = Task(
            self,
            "Track",
            role=settings.workflow_role,
            resource="lambda:invoke",
            arguments={
                "FunctionName": function.function_arn,
                "Payload": {
                    "execution": settings.location(names.EXECUTION),
                    "evaluation": settings.location("evaluation"),
                    "artifact": jsonata("$job.artifact"),
                },
            },
            statements=[allow(["lambda:InvokeFunction"], [function.function_arn])],
            assign={"tracked": jsonata("$states.result.Payload")},
        )
        noted = sfn.Pass(self, "Not tracked", comment="tracked.reason says why; the model is judged all the same")
        track.add_catch(noted, errors=["States.ALL"], assign={"tracked": {"reason": jsonata(_REASON)}})
        track.next(then)
        noted.next(then)
        self.start = track

    def _function(self, settings: JobSettings, app: str, log_days: int) -> functions.Function:
        """Outside the VPC: it reads S3 and calls the app, which is a public, signed API, and needs no endpoint."""
        log_group = logs.LogGroup(self, "Logs", removal_policy=RemovalPolicy.DESTROY)
        cast(logs.CfnLogGroup, log_group.node.default_child).retention_in_days = log_days
        role = self._role(settings, app, log_group)
        function = functions.Function(
            self,
            "Function",
            description=f"Copies finished runs of {settings.model.name} to MLflow",
            runtime=functions.Runtime.PYTHON_3_13,
            handler="tracking.handler.handler",
            code=function_code(ROOT, "tracking"),
            environment={"MLFLOW_APP_ARN": app},
            memory_size=256,
            timeout=_TIMEOUT,
            role=role,
            log_group=log_group,
        )
        after_policy(function.node.default_child, role)
        acknowledge(
            function, "Python 3.13 is patched until 2029, and the function asks for nothing that is newer", "L1"
        )
        return function

    def _role(self, settings: JobSettings, app: str, log_group: logs.LogGroup) -> iam.Role:
        """Reads this model's files, writes below the app's prefix, and calls this app.

        One action covers an app's whole REST API (Service Authorization Reference, CallMlflowAppApi).
        """
        foundation = settings.foundation
        role = iam.Role(self, "Role", assumed_by=service_of_this_account(self, "lambda.amazonaws.com"))
        grant_read(role, foundation.artifacts, names.artifacts(settings.model.name))
        grant_objects(role, foundation.artifacts, ARTIFACTS, ["s3:PutObject"])
        role.add_to_policy(use_of_key(["kms:Decrypt", "kms:GenerateDataKey"], foundation.key.key_arn))
        role.add_to_policy(allow(["sagemaker:CallMlflowAppApi"], [app]))
        role.add_to_policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"], [log_group.log_group_arn]))
        return role
