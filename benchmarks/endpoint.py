"""An endpoint in a sandbox, created by boto3 alone, and signed requests to it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.http_load import request
from benchmarks.running import client

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.20-cpu-py312-amzn2023-sagemaker-v1"
NAME = "benchmark"
ROOT_USER = Credentials("test", "test")


@dataclass(frozen=True)
class Endpoint:
    """The ports of the sandbox and its model server, and a role that may invoke."""

    port: int
    model_port: int
    role: Credentials

    def signed(self, body: bytes, credentials: Credentials) -> bytes:
        """InvokeEndpoint with JSON, as HTTP."""
        path, host = f"/endpoints/{NAME}/invocations", f"127.0.0.1:{self.port}"
        wanted = AWSRequest("POST", f"http://{host}{path}", {"Content-Type": "application/json", "Host": host}, body)
        SigV4Auth(credentials, "sagemaker", "us-east-1").add_auth(wanted)
        headers = {name: value for name, value in wanted.headers.items() if name != "Host"}
        return request(self.port, path, headers, body)


def deploy(port: int, archive: bytes) -> Endpoint:
    """Bring the archive into service. Exits if the endpoint fails."""
    s3, sagemaker = client("s3", port), client("sagemaker", port)
    s3.create_bucket(Bucket=NAME)
    s3.put_object(Bucket=NAME, Key="model.tar.gz", Body=archive)
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{NAME}/model.tar.gz"}
    role = make_role(port, "execution", {"Service": "sagemaker.amazonaws.com"}, "*")
    sagemaker.create_model(ModelName=NAME, ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": NAME, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    while (found := sagemaker.describe_endpoint(EndpointName=NAME))["EndpointStatus"] == "Creating":
        time.sleep(0.2)
    if found["EndpointStatus"] != "InService":
        raise SystemExit(f"The endpoint does not come into service: {found.get('FailureReason')}")
    return Endpoint(port, _model_port(), _invoker(port))


def _invoker(port: int) -> Credentials:
    arn = make_role(port, "invoker", {"AWS": "*"}, "sagemaker:InvokeEndpoint")
    found = client("sts", port).assume_role(RoleArn=arn, RoleSessionName=NAME)["Credentials"]
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def make_role(port: int, name: str, principal: dict[str, str], action: str) -> str:
    """Create a role with this principal that allows the action; return its ARN."""
    iam = client("iam", port)
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(allowed))
    return role["Arn"]


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _model_port() -> int:
    """The model server's port, read from its command because no API returns it."""
    for process in psutil.Process().children(recursive=True) + list(psutil.process_iter()):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "sandbox.machines.model_server" in words and any(f"/endpoints/{NAME}/" in word for word in words):
            return int(words[words.index("--port") + 1])
    raise SystemExit("No model server runs.")
