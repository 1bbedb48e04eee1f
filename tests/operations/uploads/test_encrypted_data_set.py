"""A private data set: encrypted here, kept in S3, decrypted only by jobs with the permission."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from outcome import ROOT
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from waiting import WAITER

from operations.aws.connection import Connection
from operations.uploads.data_set import missing_data, upload
from operations.uploads.state import FOLDER
from specs import ModelSpec, load

PLAIN = b"Jane Doe, born 1970\n" * 100
OWNER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*", "Resource": "*"}
KEY = {
    "Type": "AWS::KMS::Key",
    "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [OWNER]}},
}
FOUNDATION = {
    "Resources": {"Data": {"Type": "AWS::S3::Bucket"}, "Key": KEY},
    "Outputs": {
        "DataBucketName": {"Value": {"Ref": "Data"}},
        "KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}},
    },
}
MAIN = """
import hashlib, sys
from training.common import failure
from training.common.encrypted import open_raw

def main(container):
    for name in ("people", "towns"):
        with open_raw(container.processing_input("raw") / name) as file:
            content = file.read()
        (container.processing_output("prepared") / name).write_text(hashlib.sha256(content).hexdigest())

failure.run(main)
"""
CODE = (
    "__init__.py",
    "common/__init__.py",
    *(f"common/{name}.py" for name in ("container", "defect", "encrypted", "errors", "failure")),
)
BASE = "/opt/ml/processing"


def private(model: ModelSpec) -> ModelSpec:
    data = {"dataset": "people", "files": ("people", "towns"), "encryption": "client-side"}
    return model.model_copy(update={"data": model.data.model_copy(update=data)})


MODEL = private(load(ROOT).models[0])


class PrivateData:
    """A sandbox with a foundation, and an uploaded data set `people`."""

    def __init__(self, sandbox: OwnSandbox, folder: Path) -> None:
        self._sandbox, self.client, self.folder = sandbox, sandbox.aws, folder
        self.s3, self.sagemaker = self.client("s3"), self.client("sagemaker")
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(StackName="slipway-local-foundation", TemplateBody=json.dumps(FOUNDATION))
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="slipway-local-foundation", WaiterConfig=WAITER
        )
        stack = cloudformation.describe_stacks(StackName="slipway-local-foundation")["Stacks"][0]
        outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
        self.bucket, self.key = outputs["DataBucketName"], outputs["KeyArn"]
        for name in CODE:
            self.s3.upload_file(str(ROOT / "training" / name), self.bucket, f"code/training/{name}")
        self.s3.put_object(Bucket=self.bucket, Key="code/main.py", Body=MAIN.encode())
        (folder / "people").write_bytes(PLAIN)
        (folder / "towns").write_bytes(b"")

    def upload(self) -> list[str]:
        """Upload as the command does; returns what became of each file."""
        return [item.outcome for item in upload(self.connection(), MODEL, self.folder, lambda *_: None)]

    def connection(self) -> Connection:
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
        return Connection(load(ROOT).environment("local"), session, self._sandbox.url)

    def job(self, name: str, dataset: str) -> dict[str, Any]:
        """Run a job with the permission to decrypt a data set, to its end."""
        self.sagemaker.create_processing_job(
            ProcessingJobName=name,
            RoleArn=self._role(name, dataset),
            AppSpecification={
                "ImageUri": "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.21-cpu-py312",
                "ContainerEntrypoint": ["python3", f"{BASE}/input/code/main.py"],
            },
            ProcessingInputs=[self._input("code", "code/"), self._input("raw", "datasets/people/raw/")],
            ProcessingOutputConfig={"Outputs": [self._output(name)]},
            ProcessingResources={
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
            },
        )
        deadline = time.monotonic() + 60
        while (job := self.sagemaker.describe_processing_job(ProcessingJobName=name))["ProcessingJobStatus"] not in (
            "Completed", "Failed",
        ):  # fmt: skip
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
        return job

    def _role(self, name: str, dataset: str) -> str:
        """Its statements on the key are those of stacks/constructs/jobs/step_roles.py."""
        data_set = "kms:EncryptionContext:slipway:data-set"
        statements = [
            {"Action": ["s3:*", "logs:*", "cloudwatch:*", "ecr:*"], "Resource": "*"},
            {"Action": "kms:*", "Resource": self.key, "Condition": {"Null": {data_set: "true"}}},
            {"Action": "kms:Decrypt", "Resource": self.key, "Condition": {"StringEquals": {data_set: dataset}}},
        ]
        trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam = self.client("iam")
        role = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
        return role["Role"]["Arn"]

    def _input(self, name: str, prefix: str) -> dict[str, Any]:
        uri, path = f"s3://{self.bucket}/{prefix}", f"{BASE}/input/{name}"
        source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
        return {"InputName": name, "S3Input": source}

    def _output(self, name: str) -> dict[str, Any]:
        uri = f"s3://{self.bucket}/{name}/prepared"
        target = {"S3Uri": uri, "LocalPath": f"{BASE}/output/prepared", "S3UploadMode": "EndOfJob"}
        return {"OutputName": "prepared", "S3Output": target}


@pytest.fixture(scope="module")
def people(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateData]:
    with new_sandbox().running() as sandbox:
        yield PrivateData(sandbox, tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test for an upload's files in the checkout."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_1_nothing_leaves_this_machine_in_plain(people: PrivateData, checkout: Path) -> None:
    assert people.upload() == ["uploaded", "uploaded"]
    listed = people.s3.list_objects_v2(Bucket=people.bucket, Prefix="datasets/")["Contents"]
    stored = {
        item["Key"].rpartition("/")[2]: people.s3.get_object(Bucket=people.bucket, Key=item["Key"]) for item in listed
    }
    assert set(stored) == {"people", "people.instruction", "towns", "towns.instruction"}
    assert all(b"Jane" not in answer["Body"].read() for answer in stored.values())
    assert list((checkout / FOLDER).iterdir()) == [], "no ciphertext is left here"


def test_2_what_is_unchanged_is_known_by_its_key(people: PrivateData) -> None:
    assert people.upload() == ["unchanged", "unchanged"]


def test_2_a_file_without_what_decrypts_it_is_missed(people: PrivateData) -> None:
    assert missing_data(people.connection(), MODEL) == ()
    people.s3.delete_object(Bucket=people.bucket, Key="datasets/people/raw/towns.instruction")
    assert missing_data(people.connection(), MODEL) == ("towns.instruction",)
    assert people.upload() == ["unchanged", "uploaded"]


def test_3_a_job_of_the_data_set_reads_what_its_owner_wrote(people: PrivateData) -> None:
    job = people.job("reader", "people")
    assert job["ProcessingJobStatus"] == "Completed", job
    for name, content in (("people", PLAIN), ("towns", b"")):
        read = people.s3.get_object(Bucket=people.bucket, Key=f"reader/prepared/{name}")["Body"].read().decode()
        assert read == hashlib.sha256(content).hexdigest()


def test_3_a_job_of_another_data_set_does_not(people: PrivateData) -> None:
    job = people.job("stranger", "faces")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["ExitMessage"].startswith("The job's role may not decrypt the data key of people (User: ")
    assert f"kms:Decrypt on resource: {people.key}" in job["ExitMessage"]


def test_4_a_changed_file_is_refused(people: PrivateData) -> None:
    content = people.s3.get_object(Bucket=people.bucket, Key="datasets/people/raw/people")["Body"].read()
    people.s3.put_object(Bucket=people.bucket, Key="datasets/people/raw/people", Body=b"x" + content[1:])
    assert people.job("deceived", "people")["ExitMessage"].startswith(
        "people differs from the encrypted original: it was"
    )
    assert people.upload() == ["uploaded", "unchanged"], "its owner puts it right"
