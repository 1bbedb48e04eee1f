"""An environment (environments/*.toml): account, region, network, and compute for models."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PrivateAttr, StrictBool, StrictInt, StrictStr

from specs import aws, names
from specs.account_fields import (
    Boundary,
    PrefixListId,
    RolePath,
    SecurityGroupId,
    SubnetId,
    Tags,
    VpcId,
)
from specs.alarms import Alarms
from specs.base import LEFT_OUT, Declared, Distinct, item_count
from specs.fields import (
    LONGEST_EXECUTION_DAYS,
    ZONE_LETTERS,
    Account,
    BakeTime,
    CanaryWait,
    Cooldown,
    Count,
    Email,
    EnvironmentName,
    ExpiryDays,
    ImageDigest,
    ImageName,
    InstanceTypePattern,
    InterfaceEndpoint,
    MaintenanceWindow,
    Percent,
    PreparedDays,
    ProcessingInstanceType,
    ProcessingVolume,
    Region,
    Seconds,
    ServingInstanceType,
    TrainingInstanceType,
    TrainingVolume,
    Zone,
)
from specs.refusal import refused

SANDBOX_ACCOUNT = "0" * 12


def _cidr(value: str) -> str:
    allowed = "a private IPv4 range of /16 to /20, which has room for the subnets of every zone"
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        raise refused("this is not an IPv4 range", allowed=allowed, write='"10.0.0.0/16"') from None
    if not network.is_private or network.is_loopback or network.is_link_local or network.is_unspecified:
        raise refused("the range is not private", allowed=allowed, write='"10.0.0.0/16"')
    sized = ipaddress.IPv4Network(f"{network.network_address}/{min(max(network.prefixlen, 16), 20)}", strict=False)
    if value != str(sized):
        raise refused("the range has another size, or bits after its prefix", allowed=allowed, write=f'"{sized}"')
    return value


def _log_days(value: int) -> int:
    if value not in aws.LOG_DAYS:
        nearest = min(aws.LOG_DAYS, key=lambda days: abs(days - value))
        allowed = ", ".join(map(str, aws.LOG_DAYS))
        raise refused("CloudWatch Logs has no such retention", allowed=allowed, write=str(nearest))
    return value


class Network(Declared):
    """The VPC of jobs and endpoints: one of its own, or an existing one.

    Its own has a range (`cidr`), and interface endpoints, paid by hour and zone. Of an existing one (`vpc_id`) it needs
    subnets, S3's prefix list, and the security group of interface endpoints, if jobs need any.
    """

    cidr: Annotated[StrictStr, AfterValidator(_cidr)] | None = None
    interface_endpoints: Distinct[InterfaceEndpoint] = ()
    vpc_id: VpcId | None = None
    subnet_ids: Annotated[Distinct[SubnetId], item_count(2, 16, '["subnet-…", "subnet-…"]')] | None = None
    s3_prefix_list: PrefixListId | None = None
    service_security_group: SecurityGroupId | None = None


class Roles(Declared):
    """The permissions boundary of every role, by name or ARN, and the path."""

    permissions_boundary: Boundary | None = None
    path: RolePath = "/"


class Retention(Declared):
    """The fate of data, key and registry in a destroy; protection; days of storage.

    Checkpoints, the models of a search's trials, archives that were not sealed, and prepared data expire so many days
    after they were written. Records and sealed archives never expire.
    """

    data: Literal["retain", "destroy"]
    log_days: Annotated[StrictInt, AfterValidator(_log_days)]
    checkpoint_days: ExpiryDays = 30
    tuning_days: ExpiryDays = 30
    model_days: ExpiryDays = 90
    prepared_days: PreparedDays = 90
    termination_protection: StrictBool | None = None

    @property
    def trusted_days(self) -> int:
        """The age up to which an execution trusts prepared data, which must outlast it."""
        return self.prepared_days - LONGEST_EXECUTION_DAYS

    @property
    def is_protected(self) -> bool:
        """True if CloudFormation refuses to delete the stacks: by default, if data is retained."""
        return self.data == "retain" if self.termination_protection is None else self.termination_protection


class Candidate(Declared):
    """One compute candidate; the next one is tried without capacity, quota, or spot in time."""

    instance_type: TrainingInstanceType
    instance_count: Count = 1
    purchase: Literal["spot", "on-demand"]
    max_wait_seconds: Seconds | None = None


class EnvironmentTraining(Declared):
    candidates: Annotated[tuple[Candidate, ...], item_count(1, 20, "one candidate, with instance_type and purchase")]


class Processing(Declared):
    """The instance of the jobs that prepare data and evaluate models."""

    instance_type: ProcessingInstanceType
    volume_size_gb: ProcessingVolume


class Release(Declared):
    """The source of the served version: the registry's approvals, or `pinned`. Versions are by model name."""

    source: Literal["registry", "pin"]
    approval: Literal["manual", "automatic"]
    pinned: dict[StrictStr, Count] = Field(default_factory=dict)
    initial: dict[StrictStr, Count] = Field(default_factory=dict)


class Autoscaling(Declared):
    """Target tracking on invocations per instance; the least number of instances is `instance_count`."""

    max_instances: Count
    invocations_per_instance: Count
    scale_in_cooldown_seconds: Cooldown
    scale_out_cooldown_seconds: Cooldown


class Canary(Declared):
    """Blue/green updates: `percent` of the instances first for `wait_seconds`, then all, watched for `bake_seconds`."""

    percent: Percent
    wait_seconds: CanaryWait
    bake_seconds: BakeTime


class EnvironmentServing(Declared):
    instance_type: ServingInstanceType
    instance_count: Count
    autoscaling: Annotated[Autoscaling | None, LEFT_OUT] = None
    canary: Annotated[Canary | None, LEFT_OUT] = None
    alarms: Alarms = Alarms()


class Tracking(Declared):
    """An MLflow App that records the runs. AWS maintains it weekly; without a window it chooses the time."""

    maintenance_window: MaintenanceWindow | None = None


class Limits(Declared):
    """The most that an environment allows: its own values, those of models, and their overrides.

    `max_instances` bounds the instances of one job or one endpoint, autoscaled ones included.
    """

    instance_types: Annotated[Distinct[InstanceTypePattern], item_count(1, 100, '["ml.m5.*"]')] | None = None
    max_instances: Count | None = None
    max_runtime_seconds: Seconds | None = None
    max_volume_size_gb: TrainingVolume | None = None


class EnvironmentSpec(Declared):
    """One file of environments/, which has its name. `images` are digests by repository:tag; without it, tags."""

    name: EnvironmentName
    account: Account
    region: Region
    availability_zones: Annotated[Distinct[Zone], item_count(2, len(ZONE_LETTERS), '["eu-west-1a", "eu-west-1b"]')]
    alarm_email: Email | None = None
    network: Network
    retention: Retention
    training: EnvironmentTraining
    processing: Processing
    release: Release
    serving: EnvironmentServing
    tracking: Tracking | None = None
    limits: Limits = Limits()
    tags: Tags = Field(default_factory=dict)
    roles: Roles = Roles()
    images: dict[ImageName, ImageDigest] | None = None

    _account_line: str = PrivateAttr(default="")

    @property
    def account_line(self) -> str:
        """The place of the account's declaration, in words: environments/dev.toml, line 4."""
        return self._account_line or f"environments/{self.name}.toml"

    @property
    def has_placeholder_account(self) -> bool:
        """Recognise a placeholder account: twelve equal digits, except the sandbox's zeros."""
        return len(set(self.account)) == 1 and self.account != SANDBOX_ACCOUNT

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags of everything in the environment: the declared ones, and its name."""
        return {**self.tags, names.ENVIRONMENT_TAG: self.name}

    @property
    def boundary_arn(self) -> str | None:
        """The ARN of the permissions boundary of every role, if there is one."""
        boundary = self.roles.permissions_boundary
        if boundary is None or boundary.startswith("arn:"):
            return boundary
        return f"arn:aws:iam::{self.account}:policy/{boundary}"

    def declared_at(self, line: str) -> EnvironmentSpec:
        """A copy that knows the place of its account's declaration."""
        located = self.model_copy()
        located._account_line = line
        return located
