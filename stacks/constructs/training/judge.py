"""The model that judges another one: its newest Approved version, found before money is spent."""

from __future__ import annotations

from constructs import Construct

from specs import hints, names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training.newest_approved import NEWEST, NewestApproved
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata, starts_with
from stacks.constructs.workflows.states import Fail, catch
from stacks.constructs.workflows.task import Task


class Judge(Construct):
    """Leaves with the S3 URI of the judge's sealed model.tar.gz in the variable `$judge`."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, judge: str) -> None:
        super().__init__(scope, id_)
        model, environment, role = settings.model.name, settings.environment, settings.workflow_role
        group = names.model_package_group(environment.name, judge)
        sentence = f"{judge}, the judge of {model}, has no Approved version"
        cure = f"train it and approve a version ({hints.train(environment.name, judge)})"
        missing = Fail(self, "No judge", error="NoJudge", cause=Jsonata(f"'{sentence}: {cure}'"))
        unread = f"'the versions of {judge}, the judge of {model}, cannot be read: ' & $reason"
        unreadable = Fail(self, "Judge not readable", error="NoJudge", cause=Jsonata(unread))
        find = NewestApproved(self, "Find the judge", role=role, group=group, assign={"judge": NEWEST})
        packages = arn(self, "sagemaker", f"model-package/{group}/*")
        acknowledge_wildcards(role, "The registry gives the version numbers", packages)
        describe = Task(
            self,
            "Where is the judge?",
            role=role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": Jsonata("$judge")},
            statements=[allow(["sagemaker:DescribeModelPackage"], [packages])],
            assign={"judge": Jsonata(f"{RESULT}.InferenceSpecification.Containers[0].ModelDataUrl")},
        )
        place = f"s3://{settings.foundation.artifacts.bucket_name}/{names.artifacts(names.REGISTRY, judge)}"
        where = (
            f"'{judge}, the judge of {model}, has its archive at ' & $judge & ', not below {place}, where no job writes"
        )
        unsealed = Fail(self, "Judge not sealed", error="NoJudge", cause=Jsonata(f"{where}: {cure}'"))
        sealed = Otherwise()
        describe.next(
            Choice(
                self,
                "Is the judge sealed?",
                Branch(Jsonata(f"$not({starts_with('$judge', place)})"), unsealed),
                sealed,
            )
        )
        found = Branch(Jsonata("$judge != ''"), describe)
        find.next(Choice(self, "Is there a judge?", found, Otherwise(missing)))
        for task in (find, describe):
            catch(task, unreadable, assign={"reason": ERROR_CAUSE})
        self.start, self.exits = find, [sealed]
