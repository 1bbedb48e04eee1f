"""MLflow Apps: their API, their data plane by AWS's own client and by hand, their pages, and what is refused."""

from __future__ import annotations

import urllib.parse
from typing import Any

import httpx
import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from iam_lab import IamLab, allow, refusal
from job_lab import unique
from own_sandbox import OwnSandbox

MISSING = "arn:aws:sagemaker:us-east-1:000000000000:mlflow-app/app-ABSENT000000"


class Lab(IamLab):
    """A bucket, a role for apps, and signed requests."""

    def __init__(self, sandbox: OwnSandbox) -> None:
        super().__init__(sandbox)
        self.bucket = unique("mlflow")
        self.aws("s3").create_bucket(Bucket=self.bucket)
        objects, bucket = f"arn:aws:s3:::{self.bucket}/runs/*", f"arn:aws:s3:::{self.bucket}"
        self.statements = [allow("s3:GetObject", "s3:PutObject", on=objects), allow("s3:ListBucket", on=bucket)]
        self.app_role = self.role("sagemaker", *self.statements)
        self.sagemaker = self.aws("sagemaker")

    def request(self, **changes: Any) -> dict[str, Any]:
        store = f"s3://{self.bucket}/runs"
        return {"Name": unique("app"), "ArtifactStoreUri": store, "RoleArn": self.app_role, **changes}

    def caller(self, *statements: dict[str, Any]) -> Credentials:
        keys = self.aws("sts").assume_role(RoleArn=self.role("lambda", *statements), RoleSessionName="tester")
        found = keys["Credentials"]
        return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def call(self, arn: str, path: str, credentials: Credentials, scope: str = "sagemaker") -> httpx.Response:
        headers = {"x-sm-mlflow-app-arn": arn}
        signed = AWSRequest("GET", f"{self.url}{path}", headers=headers)
        SigV4Auth(credentials, scope, "us-east-1").add_auth(signed)
        return httpx.get(f"{self.url}{path}", headers=dict(signed.headers), timeout=60)


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def app(lab: Lab, sandbox: OwnSandbox) -> Any:
    """The ARN of an app; its deletion must remove server and records."""
    arn = lab.sagemaker.create_mlflow_app(**lab.request(WeeklyMaintenanceWindowStart="Sun:03:00"))["Arn"]
    yield arn
    (server,) = servers(sandbox)
    database = sandbox.home / "state" / "mlflow" / f"{arn.rpartition('/')[2]}.db"
    assert database.is_file()
    lab.sagemaker.delete_mlflow_app(Arn=arn)
    assert not database.exists()
    assert not server.is_running()


@pytest.fixture(scope="module")
def run(app: str, lab: Lab, sandbox: OwnSandbox) -> Any:
    """A run that AWS's own client has written, with a file."""
    credentials = lab.caller(allow("sagemaker:CallMlflowAppApi", on=app), *lab.statements)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", lab.url)
        environment.setenv("MLFLOW_S3_ENDPOINT_URL", lab.url)
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_ACCESS_KEY_ID", credentials.access_key)
        environment.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_key)
        environment.setenv("AWS_SESSION_TOKEN", str(credentials.token))
        import mlflow

        mlflow.set_tracking_uri(app)
        mlflow.set_experiment("digits with spaces")
        with mlflow.start_run(run_name="first") as started:
            mlflow.log_param("epochs", 8)
            mlflow.log_metric("train/loss", 0.5, step=100)
            mlflow.log_text("<!doctype html>", "report.html")
        yield started.info


def servers(sandbox: OwnSandbox) -> list[psutil.Process]:
    """The MLflow servers of this sandbox."""
    folder = f"{sandbox.home}/mlflow/"
    found = []
    for process in psutil.process_iter():
        try:
            if "mlflow.server.fastapi_app:app" in process.cmdline() and process.cwd().startswith(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_an_app_starts_no_server_before_it_is_asked(lab: Lab, sandbox: OwnSandbox) -> None:
    before = len(servers(sandbox))
    arn = lab.sagemaker.create_mlflow_app(**lab.request())["Arn"]
    assert lab.sagemaker.describe_mlflow_app(Arn=arn)["Status"] == "Created"
    lab.sagemaker.delete_mlflow_app(Arn=arn)
    assert len(servers(sandbox)) == before


def test_an_app_is_described_listed_and_updated(lab: Lab, app: str) -> None:
    described = lab.sagemaker.describe_mlflow_app(Arn=app)
    assert described["WeeklyMaintenanceWindowStart"] == "Sun:03:00"
    assert described["MlflowVersion"].startswith("3.")
    assert app in [each["Arn"] for each in lab.sagemaker.list_mlflow_apps(Status="Created")["Summaries"]]
    name = unique("renamed")
    assert lab.sagemaker.update_mlflow_app(Arn=app, Name=name)["Arn"] == app
    changed = lab.sagemaker.describe_mlflow_app(Arn=app)
    assert (changed["Name"], changed["Status"]) == (name, "Updated")


def test_the_client_of_aws_writes_a_run(run: Any, lab: Lab, app: str) -> None:
    assert run.artifact_uri.startswith(f"s3://{lab.bucket}/runs/")
    key = urllib.parse.urlsplit(run.artifact_uri).path.lstrip("/") + "/report.html"
    assert lab.aws("s3").get_object(Bucket=lab.bucket, Key=key)["Body"].read() == b"<!doctype html>"
    answer = lab.call(app, f"/api/2.0/mlflow/runs/get?run_id={run.run_id}", lab.caller(allow("sagemaker:*")))
    assert answer.json()["run"]["data"]["params"] == [{"key": "epochs", "value": "8"}]


def test_a_page_needs_a_session_and_shows_the_run(run: Any, lab: Lab, app: str) -> None:
    signed_in = urllib.parse.urlsplit(lab.sagemaker.create_presigned_mlflow_app_url(Arn=app)["AuthorizedUrl"])
    assert signed_in.hostname == f"{app.rpartition('/')[2].lower()}.mlflow.localhost"
    host = {"Host": signed_in.netloc}
    with httpx.Client(base_url=lab.url, headers=host, timeout=60) as browser:
        assert browser.get("/").status_code == 403
        opened = browser.get(f"{signed_in.path}?{signed_in.query}")
        assert (opened.status_code, opened.headers["location"]) == (302, "/")
        cookie = {"Cookie": opened.headers["set-cookie"].partition(";")[0]}
        assert "<title>MLflow</title>" in browser.get("/", headers=cookie).text
        artifact = browser.get(f"/get-artifact?path=report.html&run_uuid={run.run_id}", headers=cookie)
        assert artifact.text == "<!doctype html>"
        again = browser.get(f"{signed_in.path}?{signed_in.query}")
        assert (again.status_code, "CreatePresignedMlflowAppUrl" in again.text) == (403, True)
        other = browser.get("/", headers={**cookie, "Host": f"app-other.mlflow.localhost:{signed_in.port}"})
        assert other.status_code == 403


def test_a_caller_needs_the_permission_on_this_app(lab: Lab, app: str) -> None:
    path = "/api/2.0/mlflow/experiments/get?experiment_id=0"
    answer = lab.call(app, path, lab.caller(allow("sagemaker:CallMlflowAppApi", on=MISSING)))
    assert answer.status_code == 403
    assert f"is not authorized to perform: sagemaker:CallMlflowAppApi on resource: {app}" in answer.text


def test_a_signature_for_another_service_is_refused(lab: Lab, app: str) -> None:
    path = "/api/2.0/mlflow/experiments/get?experiment_id=0"
    answer = lab.call(app, path, lab.caller(allow("sagemaker:*")), scope="sagemaker-mlflow")
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Credential should be scoped to correct service: 'sagemaker'.",
    )


def test_an_unsigned_request_is_refused(lab: Lab, app: str) -> None:
    url = f"{lab.url}/api/2.0/mlflow/experiments/get?experiment_id=0"
    assert httpx.get(url, headers={"x-sm-mlflow-app-arn": app}).status_code == 403


def test_an_app_that_does_not_exist_is_named(lab: Lab) -> None:
    sentence = f"MlflowApp {MISSING} does not exist."
    for call in (
        lab.sagemaker.describe_mlflow_app,
        lab.sagemaker.update_mlflow_app,
        lab.sagemaker.delete_mlflow_app,
        lab.sagemaker.create_presigned_mlflow_app_url,
    ):
        assert refusal(call, Arn=MISSING) == ("ResourceNotFound", sentence)
    answer = lab.call(MISSING, "/api/2.0/mlflow/experiments/get", lab.caller(allow("sagemaker:*")))
    assert (answer.status_code, answer.json()["message"]) == (404, sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"RoleArn": "arn:aws:iam::000000000000:role/absent"}, "Could not assume role"),
        (
            {"ArtifactStoreUri": "s3://no-such-bucket-here/runs"},
            "ArtifactStoreUri s3://no-such-bucket-here/runs does not",
        ),
        ({"ArtifactStoreUri": "https://example.com/runs"}, "https://example.com/runs is no S3 URI"),
        ({"ModelRegistrationMode": "AutoModelRegistrationEnabled"}, "AutoModelRegistrationEnabled (it implements:"),
        ({"KmsKeyId": "alias/x"}, "the sandbox does not implement CreateMlflowApp.KmsKeyId"),
        ({"WeeklyMaintenanceWindowStart": "Sunday"}, "failed to satisfy constraint"),
        ({"ArtifactStoreUri": "s3://{bucket}/elsewhere"}, "not authorized to perform: s3:GetObject"),
    ],
    ids=["role", "bucket", "scheme", "registration", "key", "window", "permissions"],
)
def test_what_cannot_be_is_refused(lab: Lab, changes: dict[str, str], sentence: str) -> None:
    given = {name: value.format(bucket=lab.bucket) for name, value in changes.items()}
    code, message = refusal(lab.sagemaker.create_mlflow_app, **lab.request(**given))
    assert code == "ValidationException"
    assert sentence in message
