"""The simulation of roles and users below a path, such as the console's `service-role/`.

IAM User Guide, "IAM identifiers": a path is part of the ARN, not of the name.
"""

from __future__ import annotations

from collections.abc import Callable

from ministack.core import iam_evaluator

NAMES = {"ministack.core.iam_evaluator": "_gather_role_policies _gather_user_policies"}
OVERRIDES = {
    "IAM: SimulatePrincipalPolicy": "ministack looks for a role or user by path and name, and finds no policy; the "
    "SageMaker SDK then refuses the role",
}


def install() -> None:
    """Find the policies of a principal by the last part of its ARN."""
    iam_evaluator._gather_role_policies = _by_name(iam_evaluator._gather_role_policies)
    iam_evaluator._gather_user_policies = _by_name(iam_evaluator._gather_user_policies)


def _by_name(gather: Callable[[str, str], list]) -> Callable[[str, str], list]:
    return lambda principal, account: gather(principal.rpartition("/")[2], account)
