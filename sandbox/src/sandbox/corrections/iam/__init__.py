"""IAM enforcement on ministack's evaluator: every call by a role is checked.

Sources: AWS Identity and Access Management User Guide, "Policy evaluation logic", "IAM policy elements: Variables and
tags"; Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.corrections.iam import (
    attachments,
    deploys,
    evaluation,
    functions,
    managed_policies,
    requests,
    service_calls,
    simulation,
    targets,
    vpc_endpoints,
    workflows,
)
from sandbox.corrections.iam.gate import Gate
from sandbox.corrections.iam.targets import Assume
from sandbox.corrections.stepfunctions import role_of_execution
from sandbox.frame.permissions import Credentials


def enforce(gate: Gate, assume: Assume, acting: Callable[[], Credentials | None]) -> None:
    """Authorize every call as its role; ``acting()`` returns the current thread's credentials."""
    managed_policies.install()
    attachments.install()
    evaluation.install()
    simulation.install()
    vpc_endpoints.install()
    gate.install(requests.demands)
    requests.install()
    service_calls.install()
    targets.install(gate, assume)
    functions.install(assume)
    workflows.install(gate, assume, role_of_execution)
    deploys.install(gate, acting)
