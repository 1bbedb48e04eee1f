"""After the update: compare the endpoint with the stack, and delete the replaced resources."""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import names
from stacks.constructs.release.rejection import Rejection
from stacks.constructs.release.release_settings import PROBLEM, ReleaseSettings
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import RESULT, Jsonata
from stacks.constructs.workflows.states import Fail, Map, Pass, catch
from stacks.constructs.workflows.step import Exit
from stacks.constructs.workflows.task import Task

# Another release may begin between reading the stack and reading the endpoint: a difference must last.
LOOKS = 3
KEPT = Jsonata(f"$append([$config], [{RESULT}.ProductionVariants.ModelName])")
# SageMaker's ARNs are in lower case, whatever the name: a second release of one event lists what serves, too.
REPLACED = Jsonata(f"($keep := {KEPT}.$lowercase($); [$existing[$not($lowercase($split($, '/')[-1]) in $keep)]])")


class ServedVersion(Construct):
    """Compares the endpoint with `$meant`, prunes replaced resources, and ends the execution.

    A difference leads to `look_again` a few times, then to `rejection`.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: ReleaseSettings, look_again: sfn.State, rejection: Rejection
    ) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.start, models, prune, other = self._serves(), self._models(), self._prune(), self._serves_another()
        self.start.next(
            Choice(
                self,
                "As meant?",
                Branch(Jsonata("$config = $meant"), models),
                Branch(Jsonata(f"$looks < {LOOKS}"), look_again, assign={"looks": Jsonata("$looks + 1")}),
                Otherwise(other),
            )
        )
        other.next(rejection)
        models.next(prune)
        prune.next(sfn.Succeed(self, "Released"))
        self.exits: list[Exit] = []

    def _serves(self) -> Task:
        endpoint = self._settings.endpoint
        return Task(
            self,
            "What does the endpoint serve?",
            role=self._settings.role,
            resource="aws-sdk:sagemaker:describeEndpoint",
            arguments={"EndpointName": endpoint},
            statements=[allow(["sagemaker:DescribeEndpoint"], [arn(self, "sagemaker", f"endpoint/{endpoint}")])],
            assign={"config": Jsonata(f"{RESULT}.EndpointConfigName")},
        )

    def _serves_another(self) -> Pass:
        problem = Jsonata("'the endpoint serves ' & $config & ', but the stack means ' & $meant")
        return Pass(self, "Serves another", assign={"problem": problem})

    def _models(self) -> Task:
        return Task(
            self,
            "Which models are in service?",
            role=self._settings.role,
            resource="aws-sdk:sagemaker:describeEndpointConfig",
            arguments={"EndpointConfigName": Jsonata("$config")},
            statements=[allow(["sagemaker:DescribeEndpointConfig"], [arn(self, "sagemaker", "endpoint-config/*")])],
            assign={"replaced": REPLACED},
        )

    def _prune(self) -> Map:
        not_deleted = self._not_deleted()
        which = Choice(
            self,
            "Model or configuration?",
            Branch(Jsonata("$contains($states.input, ':model/')"), self._delete("Model", "model", not_deleted)),
            Otherwise(self._delete("EndpointConfig", "endpoint-config", not_deleted)),
        )
        prune = Map(self, "Prune", items=Jsonata("$replaced"), each=which, at_once=1)
        cause = Jsonata("$package & ' is in service, but what it replaced could not be deleted: ' & $problem")
        catch(prune, Fail(self, "Pruning failed", error="PruningFailed", cause=cause), assign=PROBLEM)
        return prune

    def _delete(self, kind: str, resource: str, not_deleted: Choice) -> Task:
        delete = Task(
            self,
            f"Delete the {resource.replace('-', ' ')}",
            role=self._settings.role,
            resource=f"aws-sdk:sagemaker:delete{kind}",
            arguments={f"{kind}Name": Jsonata("$split($states.input, '/')[-1]")},
            statements=[
                allow(
                    [f"sagemaker:Delete{kind}"],
                    [arn(self, "sagemaker", f"{resource}/*")],
                    {"StringEquals": {f"aws:ResourceTag/{names.STACK_TAG}": self._settings.serving_stack}},
                )
            ],
        )
        catch(delete, not_deleted, errors=["States.TaskFailed"])
        return delete

    def _not_deleted(self) -> Choice:
        """Accept what another release has deleted already; a caught error is the next state's input."""
        error, cause = Jsonata("$states.input.Error"), Jsonata("$states.input.Cause")
        return Choice(
            self,
            "Gone already?",
            Branch(Jsonata(f"$contains({cause}, 'Could not find')"), sfn.Pass(self, "Gone already")),
            Otherwise(Fail(self, "Not deleted", error=error, cause=cause)),
        )
