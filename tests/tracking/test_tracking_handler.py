"""The function against a real MLflow, and what it says when something is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from mlflow_lab import APP, EXECUTION, S3, Wire, archive, as_json, execution, mlflow_application

from tracking import handler as function
from tracking import view
from tracking.error import TrackingError
from tracking.finished_run import FinishedRun

RUN = "s3://artifacts/records/digits-cnn/0123456789abcdef"
EVENT = {"records": RUN}
HISTORY = {"train:loss": [[100, 0.5], [200, 0.25]], "validation:accuracy": [[200, float("nan")]]}


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return mlflow_application(tmp_path_factory.mktemp("mlflow"))


@pytest.fixture
def wire(mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    found = Wire(mlflow)
    monkeypatch.setattr("tracking.mlflow_app.URLLib3Session", lambda **_: found)
    return found


@pytest.fixture
def s3(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> S3:
    """An execution's files, and the function's surroundings."""
    found = S3()
    monkeypatch.setattr("boto3.Session.client", lambda *_: found)
    monkeypatch.setenv("MLFLOW_APP_ARN", APP)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    found.objects = {
        f"{RUN}/execution.json": as_json(execution()),
        f"{RUN}/evaluation.json": as_json({"metrics": {"accuracy": 0.991}}),
        f"{RUN}/report.html": b"<!doctype html>",
        f"{RUN}/output.tar.gz": archive({"data/history.json": as_json(HISTORY)}),
    }
    return found


def with_execution(s3: S3, name: str, **changes: Any) -> None:
    s3.objects[f"{RUN}/execution.json"] = as_json(execution(execution=f"{EXECUTION}-{name}", **changes))


def asked(mlflow: Any, name: str, **query: Any) -> dict[str, Any]:
    return mlflow.get(f"/api/2.0/mlflow/{name}", query_string=query).json


def test_a_run_has_parameters_metrics_tags_and_files(mlflow: Any, s3: S3) -> None:
    made = function.handler(EVENT, None)
    run = asked(mlflow, "runs/get", run_id=made["run"])["run"]
    info, data = run["info"], run["data"]
    assert (info["run_name"], info["status"]) == ("learning_rate=0.001", "FINISHED")
    assert info["experiment_id"] == made["experiment"]
    assert info["end_time"] - info["start_time"] == 1800 * 1000
    assert {entry["key"]: entry["value"] for entry in data["params"]} == {"epochs": "8", "learning_rate": "0.001"}
    metrics = {entry["key"]: entry["value"] for entry in data["metrics"]}
    assert metrics["accuracy"] == 0.991
    assert metrics["compute/usd"] == 0.785
    tags = {entry["key"]: entry["value"] for entry in data["tags"]}
    assert tags["execution"] == EXECUTION
    assert (tags["job"], tags["candidate"], tags["data.fingerprint"]) == (
        "digits-2",
        "ml.g5.xlarge on-demand",
        "f" * 64,
    )
    assert tags["commit"] == tags["mlflow.source.git.commit"] == "a" * 40
    assert s3.objects[f"{info['artifact_uri']}/report.html"] == b"<!doctype html>"
    assert s3.types[f"{info['artifact_uri']}/report.html"] == "text/html"


def test_a_run_has_its_data_set_and_its_source(mlflow: Any, s3: S3) -> None:
    with_execution(s3, "origin", commit="b" * 40 + "-dirty")
    run = asked(mlflow, "runs/get", run_id=function.handler(EVENT, None)["run"])["run"]
    (used,) = run["inputs"]["dataset_inputs"]
    assert (used["dataset"]["name"], used["dataset"]["digest"], used["dataset"]["source_type"]) == (
        "mnist",
        "f" * 8,
        "s3",
    )
    assert json.loads(used["dataset"]["source"]) == {"uri": "s3://data/datasets/mnist/prepared/"}
    assert used["tags"] == [{"key": "mlflow.data.context", "value": "training"}]
    tags = {entry["key"]: entry["value"] for entry in run["data"]["tags"]}
    assert (tags["mlflow.source.name"], tags["mlflow.source.type"]) == ("training/digits_cnn", "PROJECT")
    assert (tags["commit"], tags["mlflow.source.git.commit"]) == ("b" * 40 + "-dirty", "b" * 40)


def test_a_registered_run_is_called_by_its_version(mlflow: Any, s3: S3) -> None:
    with_execution(s3, "registered", overrides={"seed": 1})
    first = function.handler(EVENT, None)
    version = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/slipway-dev-digits-cnn/2"
    assert function.handler({**EVENT, "version": version}, None) == first
    run = asked(mlflow, "runs/get", run_id=first["run"])["run"]
    assert (run["info"]["run_name"], run["info"]["status"]) == ("v2 seed=1", "FINISHED")
    tags = {entry["key"]: entry["value"] for entry in run["data"]["tags"]}
    assert (tags["version"], tags["mlflow.runName"]) == ("2", "v2 seed=1")


def test_a_version_is_told_even_if_its_run_was_not_tracked_before(mlflow: Any, s3: S3) -> None:
    with_execution(s3, "late", overrides={})
    version = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/slipway-dev-digits-cnn/7"
    run = asked(mlflow, "runs/get", run_id=function.handler({**EVENT, "version": version}, None)["run"])["run"]
    assert (run["info"]["run_name"], run["info"]["status"]) == ("v7", "FINISHED")
    assert {entry["key"] for entry in run["data"]["metrics"]} >= {"accuracy", "compute/usd"}


@pytest.mark.parametrize(
    ("version", "changes", "name"),
    [
        (None, {"overrides": {}}, "defaults"),
        ("3", {"overrides": {}, "search": {"job": "tuning-1"}}, "v3 tuned"),
        ("4", {"overrides": {"seed": 1, "dropout": 0.2}}, "v4 dropout=0.2 seed=1"),
        (None, {"overrides": {"epochs": 1.0, "peak_learning_rate": 0.0001}}, "epochs=1 peak_learning_rate=0.0001"),
        ("5", {"overrides": dict.fromkeys("abcdef", 1)}, "v5 a=1 b=1 c=1 +3"),
    ],
)
def test_names_of_runs(version: str | None, changes: dict[str, Any], name: str) -> None:
    assert FinishedRun(execution(**changes), {}, {}, version).name == name


def test_the_page_begins_with_the_metric_of_the_gate(mlflow: Any, s3: S3) -> None:
    metrics = {"precision": 0.9, "note": "text", "recall": 0.8, "f1": 0.85, "accuracy": 0.991, "a": 1.0, "b": 2.0}
    s3.objects[f"{RUN}/evaluation.json"] = as_json({"metrics": metrics})
    made = function.handler(EVENT, None)
    experiment = asked(mlflow, "experiments/get", experiment_id=made["experiment"])["experiment"]
    (saved,) = [tag for tag in experiment["tags"] if tag["key"] == "mlflow.sharedViewState.slipway"]
    state = json.loads(saved["value"])
    assert state["columnOrder"] == state["selectedColumns"]
    assert state["columnOrder"] == [
        "metrics.`accuracy`",
        "metrics.`precision`",
        "metrics.`recall`",
        "metrics.`f1`",
        "metrics.`a`",
        "metrics.`compute/usd`",
        "attributes.`Dataset`",
        "attributes.`Source`",
    ]
    assert (state["orderByKey"], state["orderByAsc"]) == ("attributes.start_time", False)
    assert "viewStateShareKey=slipway&" in view.page(made["experiment"])


def test_curves_have_their_steps(mlflow: Any, s3: S3) -> None:
    with_execution(s3, "curves")
    run = function.handler(EVENT, None)["run"]
    curve = asked(mlflow, "metrics/get-history", run_id=run, metric_key="train/loss")["metrics"]
    assert [(point["step"], point["value"]) for point in curve] == [(100, 0.5), (200, 0.25)]
    (point,) = asked(mlflow, "metrics/get-history", run_id=run, metric_key="validation/accuracy")["metrics"]
    assert point["value"] == "NaN"


def test_a_second_attempt_completes_the_first(mlflow: Any, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    with_execution(s3, "twice")
    with monkeypatch.context() as broken:
        broken.setattr(S3, "put_object", _refused)
        with pytest.raises(RuntimeError):
            function.handler(EVENT, None)
    made = function.handler(EVENT, None)
    assert function.handler(EVENT, None) == made
    filter_ = f"tags.execution = '{EXECUTION}-twice'"
    wanted = {"experiment_ids": [made["experiment"]], "filter": filter_}
    (run,) = mlflow.post("/api/2.0/mlflow/runs/search", json=wanted).json["runs"]
    assert run["info"]["status"] == "FINISHED"
    curve = asked(mlflow, "metrics/get-history", run_id=made["run"], metric_key="train/loss")["metrics"]
    assert len(curve) == 2


def test_long_curves_go_in_parts(mlflow: Any, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.tracker._MOST_METRICS", 10)
    with_execution(s3, "long")
    long = {"train:loss": [[step, 1.0] for step in range(25)]}
    s3.objects[f"{RUN}/output.tar.gz"] = archive({"./data/history.json": as_json(long)})
    run = function.handler(EVENT, None)["run"]
    curve = asked(mlflow, "metrics/get-history", run_id=run, metric_key="train/loss")["metrics"]
    assert [point["step"] for point in curve] == list(range(25))


@pytest.mark.parametrize("output", [None, archive({"data/other.txt": b""})], ids=["no archive", "no history"])
def test_a_job_without_history_is_tracked_all_the_same(mlflow: Any, s3: S3, output: bytes | None) -> None:
    with_execution(s3, f"bare-{output is None}", commit=None, jobs=[])
    del s3.objects[f"{RUN}/output.tar.gz"]
    if output is not None:
        s3.objects[f"{RUN}/output.tar.gz"] = output
    run = asked(mlflow, "runs/get", run_id=function.handler(EVENT, None)["run"])["run"]
    assert [entry["key"] for entry in run["data"]["metrics"]] == ["accuracy"]
    assert "commit" not in {entry["key"] for entry in run["data"]["tags"]}


def test_requests_are_signed_for_sagemaker_and_name_the_app(wire: Wire, s3: S3) -> None:
    function.handler(EVENT, None)
    for request in wire.sent:
        assert request.url.startswith("https://mlflow.sagemaker.eu-west-1.app.aws/api/2.0/mlflow/")
        headers = dict(request.headers)
        assert headers["x-sm-mlflow-app-arn"] == APP
        assert "/eu-west-1/sagemaker/aws4_request" in headers["Authorization"]
        assert "x-sm-mlflow-app-arn" in headers["Authorization"]


def test_missing_files_are_named(s3: S3) -> None:
    del s3.objects[f"{RUN}/report.html"]
    with pytest.raises(TrackingError, match=r"records/digits-cnn/\w+/report\.html cannot be read: Access Denied"):
        function.handler(EVENT, None)


def test_what_is_not_json_is_named(s3: S3) -> None:
    s3.objects[f"{RUN}/execution.json"] = b"{"
    with pytest.raises(TrackingError, match=r"execution\.json is not JSON: "):
        function.handler(EVENT, None)


def test_a_refusal_gives_status_call_and_sentence(s3: S3) -> None:
    with_execution(s3, "bad", hyperparameters={"what?": "1"})
    with pytest.raises(
        TrackingError, match=r"app-0123456789AB answers 400 to runs/log-batch: Invalid value \"what\?\""
    ):
        function.handler(EVENT, None)


def test_an_app_that_does_not_answer_is_named(wire: Wire, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://mlflow.sagemaker.eu-west-1.app.aws")

    monkeypatch.setattr(wire, "send", silent)
    with pytest.raises(TrackingError, match="does not answer experiments/get-by-name: Could not connect"):
        function.handler(EVENT, None)


def _refused(*_: Any, **__: Any) -> None:
    raise RuntimeError("cut off")
