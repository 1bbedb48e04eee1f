"""AWS's managed policies, from moto's copy of them.

Sources: IAM User Guide, "AWS managed policies"; IAM API Reference, "ListPolicies". moto renews its copy from an account
of AWS's before each release.
"""

from __future__ import annotations

import functools
import json
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ministack.services import iam

NAMES = {
    "ministack.services.iam": "_AWS_MANAGED_POLICY_PREFIX _IAM_HANDLERS _aws_managed_attachment_counts "
    "_aws_managed_policies _boundary_usage_counts _error _is_aws_managed_arn _lookup_policy _make_aws_managed_record "
    "_managed_policy_xml _p _policies _xml",
}
OVERRIDES = {
    "IAM: AWS's managed policies": "ministack knows 35 of 1,582, so that roles with others may do nothing; of each the "
    "default version is known",
    "IAM: ListPolicies": "ministack ignores OnlyAttached, PolicyUsageFilter, MaxItems and Marker",
}

Parameters = dict[str, Any]
_PAGE = 100


def install() -> None:
    """Know every managed policy of AWS, and list policies as IAM does."""
    look_up = iam._lookup_policy

    def lookup_policy(arn: str) -> dict[str, Any] | None:
        if iam._is_aws_managed_arn(arn):
            _know_all()
        return look_up(arn)

    iam._lookup_policy = lookup_policy
    iam._IAM_HANDLERS["ListPolicies"] = _list_policies


@functools.cache
def _know_all() -> None:
    """Give ministack every policy, when the first is asked for: that takes a quarter of a second."""
    iam._aws_managed_policies.clear()
    for name, found in _policies().items():
        record = iam._make_aws_managed_record(f"{found['Path'][1:]}{name}", json.dumps(found["Document"]))
        version, created, changed = found["DefaultVersionId"], found["CreateDate"], found["UpdateDate"]
        (first,) = record["Versions"].values()
        record |= {"DefaultVersionId": version, "CreateDate": created, "UpdateDate": changed}
        record["Versions"] = {version: first | {"VersionId": version, "CreateDate": changed}}
        iam._aws_managed_policies[record["Arn"]] = record


def _policies() -> dict[str, Any]:
    """Path, document, version and dates by name. The file runs alone: `import moto` would change boto3's clients."""
    spec = find_spec("moto")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "moto is not installed, which has AWS's managed policies: run make again, or uv pip "
            "install -r requirements.txt -c constraints.txt"
        )
    data = runpy.run_path(str(Path(spec.origin).parent / "iam" / "aws_managed_policies.py"))
    return json.loads(data["aws_managed_policies_data"])


def _list_policies(parameters: Parameters) -> tuple:
    marker, size = iam._p(parameters, "Marker") or "0", int(iam._p(parameters, "MaxItems") or _PAGE)
    if not marker.isdecimal():
        return iam._error(400, "ValidationError", f"Invalid Marker: {marker}")
    boundaries = iam._boundary_usage_counts()
    chosen = [arn for arn, policy in _in_scope(parameters) if _passes(arn, policy, parameters, boundaries)]
    end = int(marker) + size
    members = "".join(
        f"<member>{iam._managed_policy_xml(arn, boundaries)}</member>" for arn in chosen[int(marker) : end]
    )
    more = f"<Marker>{end}</Marker>" if end < len(chosen) else ""
    page = f"<Policies>{members}</Policies><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}"
    return iam._xml(200, "ListPoliciesResponse", f"<ListPoliciesResult>{page}</ListPoliciesResult>", ns="iam")


def _in_scope(parameters: Parameters) -> list[tuple[str, dict[str, Any]]]:
    """ARN and record of the customer's policies, of AWS's, or of both."""
    scope = iam._p(parameters, "Scope") or "All"
    _know_all()
    own = [] if scope == "AWS" else list(iam._policies.items())
    return own if scope == "Local" else own + list(iam._aws_managed_policies.items())


def _passes(arn: str, policy: dict[str, Any], parameters: Parameters, boundaries: dict[str, int]) -> bool:
    usage = iam._p(parameters, "PolicyUsageFilter")
    only_attached = iam._p(parameters, "OnlyAttached") == "true" or usage == "PermissionsPolicy"
    attached = iam._aws_managed_attachment_counts.get(arn, 0) or policy["AttachmentCount"]
    return (
        policy["Path"].startswith(iam._p(parameters, "PathPrefix") or "/")
        and (bool(attached) or not only_attached)
        and (arn in boundaries or usage != "PermissionsBoundary")
    )
