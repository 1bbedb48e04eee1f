"""Settings of all jobs of one model: names, S3 locations, code, and the statements to start them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam

from specs import names
from stacks.constructs.archives.code_archive import CodeArchive
from stacks.constructs.catalog.instance_types import has_local_storage
from stacks.constructs.jobs.step_roles import StepRoles
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, pass_role, tag_at_creation
from stacks.constructs.workflows.jsonata import Jsonata, first_of
from stacks.model_settings import ModelSettings

# A redriven execution keeps its id, and job names can never be used again.
_ATTEMPT = Jsonata(f"$string({first_of('$states.context.Execution.RedriveCount', '0')})")
_RUN = f"$substring($run, 0, {names.JOB_DIGITS})"


@dataclass(frozen=True)
class JobSettings(ModelSettings):
    """One model in one environment, with the code and roles of its jobs.

    ``$run`` and ``$fingerprint`` are variables of the workflow.
    """

    code: CodeArchive
    roles: StepRoles
    workflow_role: iam.Role

    def location(self, path: str) -> Jsonata:
        """The S3 URI of an execution's files, by kind and name: `records/execution.json`."""
        return self._of_run(f"s3://{self.foundation.artifacts.bucket_name}/", path)

    def key(self, path: str) -> Jsonata:
        """The key of one of an execution's files in the artifacts bucket."""
        return self._of_run("", path)

    def _of_run(self, root: str, path: str) -> Jsonata:
        kind, slash, name = path.partition("/")
        below = f" & '{slash}{name}'" if slash else ""
        return Jsonata(f"'{root}{names.artifacts(kind, self.model.name)}' & $run{below}")

    def raw_data(self) -> str:
        """The S3 URI of the raw files."""
        return f"s3://{self.foundation.data.bucket_name}/{names.raw_data(self.model.data.dataset)}"

    def prepared(self, path: str) -> Jsonata:
        """An S3 URI in the prepared data, which executions share."""
        prefix = f"s3://{self.foundation.artifacts.bucket_name}/{names.prepared_data(self.model.name)}"
        return Jsonata(f"'{prefix}' & $fingerprint & '/{path}'")

    def job_name(self, step: str) -> Jsonata:
        """Model, environment, execution, step and attempt: at most 63 characters, never the same twice."""
        return Jsonata(f"'{names.job_prefix(*self._owner)}' & {_RUN} & '-{step}-' & {_ATTEMPT}")

    def job_arn(self, kind: str) -> str:
        """The model's jobs of a kind: `training-job`, `processing-job`."""
        return arn(self.workflow_role, "sagemaker", f"{kind}/{names.job_prefix(*self._owner)}*")

    def tuning_job_name(self) -> Jsonata:
        """The same for a tuning job: at most 32 characters."""
        return Jsonata(f"'{names.tuning_prefix(*self._owner)}' & {_RUN} & '-' & {_ATTEMPT}")

    def tuning_arn(self, kind: str) -> str:
        """The model's tuning jobs, or their training jobs."""
        return arn(self.workflow_role, "sagemaker", f"{kind}/{names.tuning_prefix(*self._owner)}*")

    @property
    def _owner(self) -> tuple[str, str]:
        return self.environment.name, self.model.name

    def entry_point(self, step: str, code_folder: str) -> list[str]:
        """Unpack the code and run one step of it."""
        module = f"training.{self.model.training.package}.{step}"
        unpack = f"mkdir -p /opt/ml/code && tar xzf {code_folder}/*.gz -C /opt/ml/code"
        return ["sh", "-c", f"{unpack} && cd /opt/ml/code && exec python3 -m training.common.job {module}"]

    def statements(self, kind: str, role: iam.Role) -> list[iam.PolicyStatement]:
        """Allow `.sync` to start, watch, tag and stop jobs of a kind with their role.

        `kind` is ``Training`` or ``Processing``. Source: Step Functions Developer Guide, "Create and manage Amazon
        SageMaker AI jobs with Step Functions": ListTags is there because the page grants it, without a reason. AddTags
        is for our own tags (aws-cdk #26012).
        """
        actions = [f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop")]
        scope = self.workflow_role
        jobs = self.job_arn(f"{kind.lower()}-job")
        acknowledge_wildcards(scope, "The names of jobs end with a hash of their execution", jobs)
        rule = f"rule/StepFunctionsGetEventsForSageMaker{kind}JobsRule"
        return [
            allow([*actions, "sagemaker:ListTags"], [jobs]),
            tag_at_creation([f"Create{kind}Job"], [jobs]),
            allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [arn(scope, "events", rule)]),
            pass_role(role, "sagemaker.amazonaws.com"),
        ]

    def volume(self, instance_type: str, gigabytes: int) -> dict[str, Any]:
        key = {} if has_local_storage(instance_type) else {"VolumeKmsKeyId": self.foundation.key.key_arn}
        return {"VolumeSizeInGB": gigabytes, **key}

    def tags(self) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in sorted(self.resolved.tags.items())]
