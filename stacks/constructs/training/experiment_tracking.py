"""The function that copies runs to MLflow, and the steps that call it (docs/decisions/0015)."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from constructs import Construct

from specs import names
from stacks.constructs.archives.function_archive import function_code
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.logs.log_group import LogGroup
from stacks.constructs.security.acknowledge import acknowledge
from stacks.constructs.security.bucket_access import grant_objects, grant_read
from stacks.constructs.security.policy_order import after_policy
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow
from stacks.constructs.security.trust import service_of_this_account
from stacks.constructs.shared.tracking_app import ARTIFACTS
from stacks.constructs.training.tracking_call import TrackingCall
from stacks.constructs.workflows.jsonata import Jsonata

ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT = Duration.minutes(5)


class ExperimentTracking(Construct):
    """The function, and the two steps that call it: for each finished run, then for its version if it gets one."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, app: str) -> None:
        super().__init__(scope, id_)
        called = self._function(settings, app)
        self.of_run = TrackingCall(self, "Track", failed="Not tracked", settings=settings, function=called, payload={})
        self.of_version = TrackingCall(
            self,
            "Track the version",
            failed="Version not tracked",
            settings=settings,
            function=called,
            payload={"version": Jsonata("$version")},
        )

    def _function(self, settings: JobSettings, app: str) -> functions.Function:
        """Outside the VPC: it reads S3 and calls the app, which is a public, signed API, and needs no endpoint."""
        log_group = LogGroup(self, "Logs", days=settings.environment.retention.log_days)
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

    def _role(self, settings: JobSettings, app: str, log_group: LogGroup) -> iam.Role:
        """Reads this model's records, writes below the app's prefix, and calls this app.

        One action covers an app's whole REST API (Service Authorization Reference, CallMlflowAppApi).
        """
        foundation = settings.foundation
        role = iam.Role(self, "Role", assumed_by=service_of_this_account(self, "lambda.amazonaws.com"))
        grant_read(role, foundation.artifacts, names.artifacts(names.RECORDS, settings.model.name))
        grant_objects(role, foundation.artifacts, ARTIFACTS, ["s3:PutObject"])
        role.add_to_policy(use_of_key(["kms:Decrypt", "kms:GenerateDataKey"], foundation.key.key_arn))
        role.add_to_policy(allow(["sagemaker:CallMlflowAppApi"], [app]))
        role.add_to_policy(allow(["logs:CreateLogStream", "logs:PutLogEvents"], [log_group.log_group_arn]))
        return role
