"""The needs of a job: what must exist in the account before the job is created."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.services.sagemaker.base import execution_roles
from sandbox.services.sagemaker.base.execution_roles import require_permissions
from sandbox.services.sagemaker.base.preconditions import assume_role, require_keys, require_objects, require_vpc


@dataclass(frozen=True)
class JobNeeds:
    """A job's role, image, network, keys, inputs (S3 URIs) and log group."""

    log_group: str
    role_arn: str
    image: str
    vpc_config: dict[str, Any] | None
    output_key: str | None
    volume_key: str | None
    inputs: Sequence[str]

    def require(self, host: Host, job_arn: str) -> Credentials:
        """The job's credentials, if all of it exists and the role may use it. Raises ValidationException.

        SageMaker looks at the inputs from outside the VPC; the job's calls come from within.
        """
        credentials = assume_role(host, self.role_arn, "SageMaker", job_arn)
        require_keys(host, self.output_key, self.volume_key)
        require_vpc(host, self.vpc_config)
        name = job_arn.rpartition("/")[2]
        require_permissions(
            host,
            credentials,
            execution_roles.image(self.image),
            execution_roles.network(host, self.vpc_config),
            execution_roles.output(host, self.output_key),
            execution_roles.volumes(host, self.volume_key),
            execution_roles.logs(host, self.log_group, f"{name}/algo-1"),
            execution_roles.metrics(self.log_group),
        )
        for uri in self.inputs:
            require_objects(host, uri, self.role_arn, credentials)
        if self.vpc_config is None:
            return credentials
        return assume_role(host, self.role_arn, "SageMaker", job_arn, self.vpc_config["Subnets"])
