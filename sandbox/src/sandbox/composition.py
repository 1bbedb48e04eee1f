"""All parts of a sandbox put together: ministack, its corrections, and the services that it lacks."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from sandbox import catalogue
from sandbox.corrections import (
    cloud_control,
    cloudformation,
    ec2,
    faults,
    functions,
    gateway,
    iam,
    identity,
    private_names,
    s3,
    stepfunctions,
    targets,
    throttling,
    unknown_services,
)
from sandbox.corrections.cloudwatch.alarms import Alarms
from sandbox.corrections.iam.access_record import AccessRecord
from sandbox.corrections.offering import offer
from sandbox.corrections.stepfunctions.sdk_tasks import SdkTasks
from sandbox.faults import Faults
from sandbox.frame.fast_path import FastPath
from sandbox.frame.host import Host
from sandbox.frame.service import Application, Service
from sandbox.machines.peers import Peers
from sandbox.settings import Settings
from sandbox.state.survival import Survival


@dataclass(frozen=True)
class Parts:
    """The parts that the server serves, watches, saves and closes."""

    services: tuple[Service, ...]
    survival: Survival
    alarms: Alarms
    application: Application
    """Answers every request."""
    fast_path: FastPath
    """May answer a request before the application."""
    record: AccessRecord
    """The permissions that roles have used."""


def compose(settings: Settings) -> Parts:
    """Correct ministack, offer our services, and restore their state.

    Exits with the names that a ministack has lost, or with the reason why a state cannot be read.
    """
    if moved := private_names.check():
        sys.exit("The sandbox cannot start on this ministack:\n  " + "\n  ".join(moved))
    record = AccessRecord(settings.access)
    peers = Peers(settings.port)
    gate = iam.Gate(record)
    host = Host(settings.url, settings.home, identity.Ministack(gate), time_scale=settings.time_scale)
    engine = _correct(settings, host, gate, peers)
    services = (*catalogue.services(host), cloud_control.declare())
    for service in services:
        offer(service)
    throttling.install(Faults(settings.home))
    alarms = Alarms(settings.time_scale)
    alarms.install()
    survival = Survival(services, engine, settings.state)
    return Parts(services, survival, alarms, _application(services, peers), _fast_path(services), record)


def _correct(settings: Settings, host: Host, gate: iam.Gate, peers: Peers) -> cloudformation.Engine:
    """Correct ministack where AWS behaves otherwise."""
    gateway.accept_loopback_as_secure()
    gateway.send_no_body_where_http_has_none()
    identity.only_root_is_root("test", peers.is_job)
    identity.know_the_release_role()
    engine = cloudformation.deploy_as_aws_does()
    cloudformation.read_templates_as_aws_does()
    ec2.refuse_wrong_networks()
    iam.enforce(gate, host.assume, host.acting)
    functions.run_as_lambda_does(settings.home)
    s3.serve_as_aws_does()
    targets.refuse_what_never_fires()
    unknown_services.refuse_unknown_services()
    stepfunctions.run_as_aws_does(host.assume, SdkTasks(host))
    faults.install(Faults(settings.home))
    return engine


def _application(services: tuple[Service, ...], peers: Peers) -> Application:
    """The gateway, behind the services' own pages and the guard against jobs."""
    application = gateway.gateway
    for service in services:
        application = service.guard(application)
    return peers.guard(application)


def _fast_path(services: tuple[Service, ...]) -> FastPath:
    return next(service.fast_path for service in services if service.fast_path is not None)
