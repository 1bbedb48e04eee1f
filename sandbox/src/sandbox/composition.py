"""All parts of a sandbox put together: ministack, what is corrected of it, and the services that are ours."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from sandbox import corrections
from sandbox.corrections import cloudformation, data_plane, faults, iam, identity, services, stepfunctions
from sandbox.corrections.cloudwatch import Alarms
from sandbox.corrections.iam.access_record import AccessRecord
from sandbox.corrections.stepfunctions.sdk_tasks import SdkTasks
from sandbox.faults import Faults
from sandbox.frame.host import Host
from sandbox.machines.front_door.connection import FastPath
from sandbox.machines.peers import Peers
from sandbox.server.settings import Settings
from sandbox.services.autoscaling import plugin as autoscaling
from sandbox.services.autoscaling.service import ApplicationAutoScaling
from sandbox.services.sagemaker import plugin as sagemaker
from sandbox.services.sagemaker.endpoints.fast_path import InvocationPath
from sandbox.services.sagemaker.service import SageMaker
from sandbox.state.survival import Survival


@dataclass(frozen=True)
class Parts:
    """What the server serves, watches, saves and closes."""

    application: Any
    """The ASGI application that answers every request."""
    fast_path: FastPath
    """What may answer a request before it."""
    alarms: Alarms
    plugins: tuple[Any, ...]
    """Our own services, in the order in which they close."""
    survival: Survival
    record: AccessRecord
    """Which permissions roles have used."""


def compose(settings: Settings) -> Parts:
    """Correct ministack, add our services, and restore their state.

    Exits with the seams that a ministack has lost, or with the reason why a state cannot be read.
    """
    if moved := corrections.check():
        sys.exit("The sandbox cannot start on this ministack:\n  " + "\n  ".join(moved))
    record = AccessRecord(settings.access)
    gate = iam.Gate(record)
    host = Host(settings.url, settings.home, identity.Ministack(gate), time_scale=settings.time_scale)
    services.accept_loopback_as_secure()
    peers = Peers()
    identity.only_root_is_root("test", peers.is_job)
    identity.know_the_release_role()
    engine = cloudformation.deploy_as_aws_does()
    cloudformation.read_templates_as_aws_does()
    iam.enforce(gate, host.assume, host.acting)
    stepfunctions.run_as_aws_does(host.assume, SdkTasks(host))
    faults.install(Faults(settings.home))
    models, scaling = SageMaker(host), ApplicationAutoScaling(host)
    sagemaker.install(models)
    autoscaling.install(scaling)
    alarms = Alarms(settings.time_scale)
    alarms.install()
    plugins = (scaling, models)
    survival = Survival(plugins, engine, settings.state)
    application = peers.guard(models.mlflow_pages.guard(services.gateway))
    return Parts(
        application, InvocationPath(host, models.runtime, data_plane.allows), alarms, plugins, survival, record
    )
