"""The champion: the version to beat, and whether its stored number is of the same test split (docs/decisions/0028)."""

from __future__ import annotations

from constructs import Construct

from specs import ModelSpec, names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training.artifact_access import RUN_REASON, reading
from stacks.constructs.training.newest_approved import NEWEST, NewestApproved
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of, starts_with
from stacks.constructs.workflows.states import Pass, catch
from stacks.constructs.workflows.step import Exit
from stacks.constructs.workflows.task import Task

NO_CHAMPION = {"value": 0, "again": "", "archive": "", "problem": ""}
MEASURED_AGAIN = Jsonata("$champion.again != '' and $champion.problem = ''")
"""True if the evaluation has to measure the champion, and finds its archive."""

_PROPERTIES = f"{RESULT}.CustomerMetadataProperties"


class Champion(Construct):
    """Leaves with the variable `$champion`, of the group's newest Approved version.

    `version` is its ARN, empty without one; `value` is its number, as stored. `again` says why that number is not of
    this execution's test split: then the evaluation measures `archive`, unless there is a `problem`.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, group: str) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        none, same = Otherwise(), Branch(Jsonata("$champion.again = ''"))
        self.start = NewestApproved(
            self,
            "Find the champion",
            role=settings.workflow_role,
            group=group,
            assign={"champion": {**NO_CHAMPION, "version": NEWEST}},
        )
        describe, look = self._describe(group), self._look()
        unsealed = Branch(
            Jsonata(f"$not({starts_with('$champion.archive', self._place)})"),
            assign=_problem(f"its archive is not below {self._place}, where no job writes"),
        )
        unread = Pass(
            self,
            "Champion not readable",
            assign=_problem("its archive is not there any more, or cannot be read"),
        )
        self.start.next(
            Choice(self, "Is there a champion?", Branch(Jsonata("$champion.version != ''"), describe), none)
        )
        describe.next(Choice(self, "Is its number of the same data?", same, unsealed, Otherwise(look)))
        catch(look, unread)
        self.exits: list[Exit] = [none, same, unsealed, look, unread]

    @property
    def _place(self) -> str:
        """The prefix of the model's sealed archives, as an S3 URI."""
        settings = self._settings
        bucket = settings.foundation.artifacts.bucket_name
        return f"s3://{bucket}/{names.artifacts(names.REGISTRY, settings.model.name)}"

    def _describe(self, group: str) -> Task:
        settings = self._settings
        value = _stored(settings.model)
        packages = arn(self, "sagemaker", f"model-package/{group}/*")
        return Task(
            self,
            "How good is the champion?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeModelPackage",
            arguments={"ModelPackageName": Jsonata("$champion.version")},
            statements=[allow(["sagemaker:DescribeModelPackage"], [packages])],
            assign={
                "champion": {
                    "version": Jsonata("$champion.version"),
                    "value": Jsonata(f"$exists({value}) ? $number({value}) : 0"),
                    "again": why_again(settings.model),
                    "archive": first_of(f"{RESULT}.InferenceSpecification.Containers[0].ModelDataUrl", "''"),
                    "problem": "",
                }
            },
        )

    def _look(self) -> Task:
        """Look before the evaluation: without the object the job fails, and with it the whole training."""
        settings = self._settings
        bucket = settings.foundation.artifacts.bucket_name
        return Task(
            self,
            "Is its archive there?",
            role=settings.workflow_role,
            resource="aws-sdk:s3:headObject",
            arguments={"Bucket": bucket, "Key": Jsonata(f"$substringAfter($champion.archive, '{bucket}/')")},
            statements=reading(settings, f"{names.artifacts(names.REGISTRY, settings.model.name)}*", RUN_REASON),
        )


def why_again(model: ModelSpec) -> Jsonata:
    """Say why the stored number is not of this test split; '' if it is.

    The fingerprint is of the raw files and the code (docs/decisions/0013): the same one means the same split, measured
    by the same code. A metric that another model judges also depends on that model's version.
    """
    evaluation, stored = model.evaluation, _stored(model)
    fingerprint, judge = f"{_PROPERTIES}.{names.FINGERPRINT}", f"{_PROPERTIES}.{names.JUDGE}"
    reasons = [
        (f"$not($exists({fingerprint}))", "its data were not noted when it was registered"),
        (f"{fingerprint} != $fingerprint", "data or code have changed since"),
        (f"$not($exists({stored}))", f"it was registered without {evaluation.metric}"),
    ]
    if evaluation.judge:
        another = f"$not($exists({judge})) or {judge} != $judge"
        reasons.append((another, f"it was judged by another version of {evaluation.judge}"))
    return Jsonata("".join(f"{condition} ? '{reason}' : " for condition, reason in reasons) + "''")


def _stored(model: ModelSpec) -> Jsonata:
    return Jsonata(f"$lookup({_PROPERTIES}, '{model.evaluation.metric}')")


def _problem(sentence: str) -> dict[str, Jsonata]:
    return {"champion": Jsonata(f"$merge([$champion, {{'problem': '{sentence}'}}])")}
