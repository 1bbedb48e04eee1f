"""Only root is root: no foreign key, no unsigned request, and no job with any key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from iam_lab import IamLab, allow, refusal
from job_lab import Lab, output


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("iam", "list_roles", {}),
        ("sagemaker", "list_models", {}),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "any", "Body": b"{}"}),
        ("s3", "list_buckets", {}),
        ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "sagemaker"}),
    ],
)
def test_an_unsigned_request_is_nobodys(iam: IamLab, service: str, operation: str, arguments: dict[str, Any]) -> None:
    client = iam.aws(service, config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}))
    code, _ = refusal(getattr(client, operation), **arguments)
    assert code in {"MissingAuthenticationToken", "MissingAuthenticationTokenException", "AccessDenied"}


@pytest.mark.parametrize("key", ["000000000000", "111111111111", "AKIAIOSFODNN7EXAMPLE"])
def test_no_other_key_is_root(iam: IamLab, key: str) -> None:
    client = iam.aws("iam", aws_access_key_id=key, aws_secret_access_key="test")
    assert refusal(client.list_roles)[0] == "InvalidClientTokenId"


def test_a_role_cannot_sign_as_another_one(iam: IamLab) -> None:
    role = iam.role("lambda", allow("*"))
    keys = iam.aws("sts").assume_role(RoleArn=role, RoleSessionName="owner")["Credentials"]
    thief = iam.aws("iam", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key="guessed")
    assert refusal(thief.list_roles)[0] in {"SignatureDoesNotMatch", "InvalidClientTokenId"}


ATTEMPTS = """
import json, os, boto3, urllib.request
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

url = os.environ["AWS_ENDPOINT_URL"]
def attempt(**keys):
    once = keys.pop("config", None) or Config(retries={"total_max_attempts": 1})
    try:
        client = boto3.client("iam", endpoint_url=url, region_name="us-east-1", config=once, **keys)
        return client.list_roles() and "root"
    except ClientError as error:
        return error.response["Error"]["Code"]
def administer():
    try:
        return urllib.request.urlopen(url + "/_ministack/config", data=b"{}").status
    except urllib.error.HTTPError as error:
        return error.code
found = {
    "root": attempt(aws_access_key_id="test", aws_secret_access_key="test"),
    "account": attempt(aws_access_key_id="000000000000", aws_secret_access_key="test"),
    "unsigned": attempt(config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})),
    "own": attempt(),
    "administration": administer(),
    "environment": sorted(name for name in os.environ if name.startswith("AWS_")),
}
with open(os.environ["SAGEMAKER_BASE_DIR"] + "/processing/output/found/found.json", "w") as file:
    json.dump(found, file)
"""


def test_a_job_stays_what_its_role_is(aws: Any, iam: IamLab) -> None:
    lab = Lab(aws)
    role = iam.role("sagemaker", allow("s3:*", "logs:*", "cloudwatch:*", "ecr:*"))
    outputs = {"Outputs": [output("found", lab.uri("found"), "/opt/ml/processing/output/found")]}
    ended = lab.process(ATTEMPTS, RoleArn=role, ProcessingOutputConfig=outputs)
    assert ended["ProcessingJobStatus"] == "Completed", ended
    found = json.loads(lab.get("found/found.json"))
    assert found.pop("environment") == [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ]
    assert found == {
        "root": "InvalidClientTokenId",
        "account": "InvalidClientTokenId",
        "unsigned": "MissingAuthenticationToken",
        "own": "AccessDenied",
        "administration": 403,
    }
