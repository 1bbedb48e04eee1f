"""The model that judges another one: its newest Approved version, found before anything is spent."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import EnvironmentSpec, names
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training.newest_approved import NEWEST, NewestApproved
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import fail, jsonata


class Judge(Construct):
    """From `start` to `then`, with the S3 URI of the judge's model.tar.gz in the variable `$judge`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        environment: EnvironmentSpec,
        then: sfn.IChainable,
    ) -> None:
        super().__init__(scope, id_)
        judge = str(settings.model.evaluation.judge)
        self._settings, self._group = settings, names.model_package_group(environment.name, judge)
        sentence = f"{settings.model.name} is judged by {judge}, of which no version is Approved"
        cure = f"train it and approve a version (python -m operations train {environment.name} {judge})"
        missing = fail(self, "No judge", error="NoJudge", cause=f"'{sentence}: {cure}'")
        find = NewestApproved(
            self, "Find the judge", role=settings.workflow_role, group=self._group, assign={"judge": NEWEST}
        )
        describe = self._describe()
        find.next(
            sfn.Choice(self, "Is there a judge?")
            .when(sfn.Condition.jsonata(jsonata("$judge != ''")), describe)
            .otherwise(missing)
        )
        unread = f"'{settings.model.name} is judged by {judge}, whose registry cannot be read: ' & $reason"
        unreadable = fail(self, "Judge not readable", error="NoJudge", cause=unread)
        for task in (find, describe):
            task.add_catch(unreadable, errors=["States.ALL"], assign={"reason": jsonata("$states.errorOutput.Cause")})
        describe.next(then)
        self.start = find

    def _describe(self) -> Task:
        packages = arn(self, "sagemaker", f"model-package/{self._group}/*")
        acknowledge_wildcards(self._settings.workflow_role, "The registry gives the version numbers", packages)
        return Task(
            self,
            "Where is the judge?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": jsonata("$judge")},
            statements=[allow(["sagemaker:DescribeModelPackage"], [packages])],
            assign={"judge": jsonata("$states.result.InferenceSpecification.Containers[0].ModelDataUrl")},
        )
