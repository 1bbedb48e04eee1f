"""The services that the sandbox adds to ministack's. A new one is a folder in `services/` and a line here."""

from __future__ import annotations

from pathlib import Path

from sandbox.frame.host import Host, NoAws
from sandbox.frame.service import Service
from sandbox.services.autoscaling import declaration as autoscaling
from sandbox.services.budgets import declaration as budgets
from sandbox.services.ec2 import declaration as ec2
from sandbox.services.sagemaker import declaration as sagemaker

_SERVICES = (
    autoscaling.declare,
    budgets.declare,
    ec2.declare,
    sagemaker.declare,
)
"""In the order in which they restore their state, resume and close."""


def services(host: Host) -> tuple[Service, ...]:
    """Every service, made for the AWS around it."""
    return tuple(declare(host) for declare in _SERVICES)


def declared() -> tuple[Service, ...]:
    """Every service, for readers of the declarations; nothing needs to run."""
    return services(Host(url="", home=Path(), aws=NoAws()))
