"""The training workflow, walked down its ladder and through its gate."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from state_machines import definition
from walker import EXECUTION, Ended, TaskError, Walker

from specs import Limit

GROUP = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/slipway-dev-digits-cnn"
BUCKET = "${slipway-dev-foundation:ExportsOutputRefArtifacts82DD59A14F4A635A}"
COMPLETED = {"TrainingJobStatus": "Completed", "SecondaryStatus": "Completed"}
NO_QUOTA = TaskError("SageMaker.ResourceLimitExceededException", "The account-level service limit is 0 Instances")
NO_CAPACITY = {
    "TrainingJobStatus": "Failed",
    "SecondaryStatus": "Failed",
    "FailureReason": "CapacityError: Unable to provision requested ML compute capacity.",
}
INTERRUPTED = COMPLETED | {
    "TrainingStartTime": "2026-11-24T12:00:00.000Z",
    "TrainingEndTime": "2026-11-24T12:10:00.000Z",
    "BillableTimeInSeconds": 200,
    "SecondaryStatusTransitions": [{"Status": name} for name in ("Training", "Interrupted", "Interrupted")],
}
NO_SPOT = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
TIMES = {"ProcessingStartTime": "2026-11-24T12:00:00.000Z", "ProcessingEndTime": "2026-11-24T12:00:30.000Z"}


class Aws:
    """Jobs that end as `outcomes` says, one a candidate; `Completed` when nothing is said."""

    def __init__(self, *outcomes: Any, metrics: dict[str, float] | None = None, champion: dict | None = None) -> None:
        self.outcomes = list(outcomes)
        self.metrics = metrics or {"accuracy": 0.993, "precision": 0.99, "recall": 0.99, "f1": 0.99}
        self.champion = champion
        self.beside: dict[str, Any] = {"problem": "no number was scripted"}
        self.inputs: set[str] = set()
        self.fingerprint = ""
        self.tracking: TaskError | None = None
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.described: dict[str, dict[str, Any]] = {}
        self.processing: dict[str, Any] = {}
        self.marked: set[str] = set()
        self.marked_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.files = [{"Key": "datasets/mnist/raw/a", "Size": 3, "ETag": "1"}]
        self.message: str | None = json.dumps({name: f"of {name}" for name in ("evaluation.json", "report.html")})
        self.measured = "of model.tar.gz"
        self.archive = f"s3://{BUCKET}/registry/digits-cnn/0123456789abcdef/model.tar.gz"
        self.archive_is_there = True
        self.copied: dict[str, Any] = {}

    def __call__(self, _: str, resource: str, arguments: dict[str, Any]) -> Any:
        api = resource.rsplit(":", maxsplit=1)[-1].removesuffix(".sync")
        self.calls.append((api, arguments))
        return getattr(self, api)(arguments)

    def createTrainingJob(self, arguments: dict) -> dict:
        outcome = self.outcomes.pop(0) if self.outcomes else COMPLETED
        if isinstance(outcome, Exception):
            raise outcome
        name = arguments["TrainingJobName"]
        artifact = {"S3ModelArtifacts": f"{arguments['OutputDataConfig']['S3OutputPath']}/{name}/output/model.tar.gz"}
        self.described[name] = {"TrainingJobName": name, "ModelArtifacts": artifact, **outcome}
        if outcome["TrainingJobStatus"] == "Failed":
            raise TaskError("States.TaskFailed", json.dumps(self.described[name]))
        return self.described[name]

    def describeTrainingJob(self, arguments: dict) -> dict:
        if arguments["TrainingJobName"] not in self.described:
            raise TaskError("SageMaker.SageMakerException", "Requested resource not found.")
        return self.described[arguments["TrainingJobName"]]

    def createProcessingJob(self, arguments: dict) -> dict:
        step = arguments["ProcessingJobName"].split("-")[-2]
        self.inputs = {each["InputName"] for each in arguments["ProcessingInputs"]}
        if step in self.processing:
            self.described[arguments["ProcessingJobName"]] = self.processing[step]
            raise TaskError("States.TaskFailed", json.dumps(self.processing[step]))
        return {"ProcessingJobStatus": "Completed"}

    def copyObject(self, arguments: dict) -> dict:
        """A file's checksum is "of" its name, unless `copied` knows another one, or an error."""
        name = arguments["Key"].rpartition("/")[2]
        found = self.copied.get(name, f"of {name}")
        if isinstance(found, Exception):
            raise found
        return {"CopyObjectResult": {"ETag": "new", "ChecksumSHA256": found}}

    def describeProcessingJob(self, arguments: dict) -> dict:
        known = {"ProcessingJobName": arguments["ProcessingJobName"], "ProcessingJobStatus": "Completed"}
        said = {"ExitMessage": self.message} if self.message is not None else {}
        return self.described.get(arguments["ProcessingJobName"], known | TIMES | said)

    def listObjectsV2(self, arguments: dict) -> dict:
        """The raw files, or the marker of prepared data if this one knows it."""
        if arguments["Prefix"].startswith("datasets/"):
            return self._page(arguments)
        self.fingerprint = arguments["Prefix"].split("/")[-2]
        marker = {"Key": arguments["Prefix"], "LastModified": self.marked_at}
        return {"Contents": [marker]} if arguments["Prefix"] in self.marked else {}

    def _page(self, arguments: dict) -> dict:
        """One page of the raw files, as S3 gives it."""
        found = [file for file in self.files if file["Key"] > arguments["StartAfter"]]
        page = found[: arguments["MaxKeys"]]
        return {"IsTruncated": len(found) > len(page)} | ({"Contents": page} if page else {})

    def putObject(self, arguments: dict) -> dict:
        self.marked.add(arguments["Key"])
        return {"ETag": "new"}

    def getObject(self, _: dict) -> dict:
        archive = {"checksum_sha256": self.measured} if self.measured else {}
        champion = {"champion": self.beside} if "champion" in self.inputs else {}
        return {"Body": json.dumps({"metrics": self.metrics, "examples": 10000, "archive": archive} | champion)}

    def headObject(self, _: dict) -> dict:
        if not self.archive_is_there:
            raise TaskError("S3.S3Exception", "Not Found")
        return {"ContentLength": 3}

    def listModelPackages(self, arguments: dict) -> dict:
        arn = f"{GROUP.rpartition('/')[0]}/{arguments['ModelPackageGroupName']}/4"
        return {"ModelPackageSummaryList": [{"ModelPackageArn": arn}] if self.champion is not None else []}

    def describeModelPackage(self, arguments: dict) -> dict:
        """A version of the same data as this execution's, unless the champion says otherwise."""
        model = arguments["ModelPackageName"].split("/")[-2].removeprefix("slipway-dev-")
        same = {"dataFingerprint": self.fingerprint, "judge": self.archive}
        return {
            "ModelPackageArn": arguments["ModelPackageName"],
            "CustomerMetadataProperties": same | (self.champion or {}),
            "InferenceSpecification": {"Containers": [{"ModelDataUrl": self.archive.replace("digits-cnn", model)}]},
        }

    def invoke(self, _: dict) -> dict:
        if self.tracking:
            raise self.tracking
        return {"Payload": {"experiment": "1", "run": "f00d"}}

    def createModelPackage(self, _: dict) -> dict:
        return {"ModelPackageArn": f"{GROUP}/5"}

    def called(self, api: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == api]


@pytest.fixture
def train(variants):
    machine = definition(variants["dev"]["training"])

    def run(aws: Aws, given: Any = None) -> Ended:
        return Walker(machine, {} if given is None else given, aws).run()

    return run


def test_whole_path_registers_what_was_measured(train) -> None:
    aws = Aws()
    assert train(aws).path[-1] == "Registered"
    (request,) = aws.called("createModelPackage")
    (job,) = aws.called("createTrainingJob")
    models = job["OutputDataConfig"]["S3OutputPath"]
    assert re.fullmatch(r"s3://\$\{[^}]+\}/models/digits-cnn/[0-9a-f]{16}", models)
    assert request["ClientToken"] == models.rpartition("/")[2], "the same in every attempt of one execution"
    container = request["InferenceSpecification"]["Containers"][0]
    sealed = models.replace("/models/", "/registry/") + "/model.tar.gz"
    assert container["ModelDataUrl"] == sealed
    metrics = request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert metrics == models.replace("/models/", "/records/") + "/evaluation.json"
    properties = request["CustomerMetadataProperties"]
    assert properties["accuracy"] == "0.993"
    assert properties["execution"] == EXECUTION
    assert properties["candidate"] == "ml.g5.xlarge spot"
    assert properties["archiveChecksumSHA256"] == "of model.tar.gz"
    assert {type(value) for value in properties.values()} == {str}


def test_names_of_jobs_are_unique_and_fit(train) -> None:
    aws = Aws(NO_CAPACITY, NO_SPOT)
    train(aws)
    started = [arguments for api, arguments in aws.calls if api in {"createTrainingJob", "createProcessingJob"}]
    names = [arguments.get("TrainingJobName") or arguments["ProcessingJobName"] for arguments in started]
    assert len(names) == len(set(names)) == 5
    assert all(re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name) for name in names)


@pytest.mark.parametrize("lacking", [NO_QUOTA, NO_CAPACITY, NO_SPOT], ids=["quota", "capacity", "spot"])
def test_next_candidate_is_tried_without_compute_with_the_same_checkpoints(train, lacking) -> None:
    aws = Aws(lacking)
    assert train(aws).path[-1] == "Registered"
    first, second = aws.called("createTrainingJob")
    assert first["CheckpointConfig"] == second["CheckpointConfig"]
    assert first["EnableManagedSpotTraining"]
    assert "EnableManagedSpotTraining" not in second
    assert aws.called("createModelPackage")[0]["CustomerMetadataProperties"]["candidate"] == "ml.g5.xlarge on-demand"


def test_last_candidate_exhausted_tells_who_was_tried_and_why(train) -> None:
    ended = train(Aws(NO_SPOT, NO_QUOTA, NO_CAPACITY, NO_CAPACITY))
    assert ended.path[-1] == "No candidate left"
    cause = ended.cause or ""
    for words in (
        "ml.g5.xlarge spot: MaxWaitTimeExceeded",
        "service limit is 0",
        "ml.c5.2xlarge on-demand: CapacityError",
    ):
        assert words in cause


@pytest.mark.parametrize(
    ("outcome", "error", "words"),
    [
        (
            {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed",
             "FailureReason": "AlgorithmError: the loss is NaN at step 12"},
            "TrainingFailed",
            "the loss is NaN at step 12",
        ),
        (
            {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed",
             "FailureReason": "AlgorithmError: CapacityError in our own queue"},
            "TrainingFailed",
            "our own queue",
        ),
        ({"TrainingJobStatus": "Stopped", "SecondaryStatus": "Stopped"}, "TrainingStopped", "was stopped"),
        ({"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}, "TrainingStopped", "MaxRuntime"),
        (
            TaskError("SageMaker.AmazonSageMakerException", "not authorized to perform: sagemaker:CreateTrainingJob"),
            "TrainingFailed",
            "not authorized",
        ),
    ],
    ids=["code", "code with the word", "stopped", "too long", "refused"],
)  # fmt: skip
def test_everything_else_ends_with_its_reason_on_the_first_candidate(train, outcome, error, words) -> None:
    aws = Aws(*[outcome] * 10)
    ended = train(aws)
    assert ended.error == error
    assert words in (ended.cause or "")
    assert {job["TrainingJobName"][-9:] for job in aws.called("createTrainingJob")} == {"train-0-0"}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ({"ExitMessage": "there is no train-images-idx3-ubyte"}, "there is no train-images-idx3-ubyte"),
        ({"FailureReason": "ClientError: No S3 objects found under S3 URL"}, "No S3 objects found"),
    ],
)
def test_failed_preparation_tells_the_job_s_reason(train, reason, words) -> None:
    aws = Aws()
    aws.processing["prepare"] = {"ProcessingJobStatus": "Failed", **reason}
    ended = train(aws)
    assert words in (ended.cause or "")
    assert aws.called("createTrainingJob") == []


@pytest.mark.parametrize(
    ("accuracy", "champion", "end"),
    [
        (0.99, None, "Registered"),
        (0.9899, None, "by 0.0001"),
        (0.991, {"accuracy": "0.993"}, "Registered"),  # exactly the tolerance
        (0.9909, {"accuracy": "0.993"}, "by 0.0021"),
        (0.9999, {"accuracy": "0.993"}, "Registered"),
        (0.99, {"auc": "1.0"}, "Registered"),  # that champion never measured this metric
        (0.9, {"accuracy": "0.9"}, "by 0.09"),
        (1, {"accuracy": "1"}, "Registered"),
    ],
)
def test_gate(train, accuracy, champion, end) -> None:
    ended = train(Aws(metrics={"accuracy": accuracy, "precision": 0.9, "recall": 0.9, "f1": 0.9}, champion=champion))
    if end == "Registered":
        assert ended.path[-1] == end, ended.cause
    else:
        assert end in (ended.cause or "")
        assert "accuracy" in (ended.cause or "")
        assert str(accuracy) in (ended.cause or "")


OTHER_DATA = {"dataFingerprint": "of other files"}


def registered(aws: Aws) -> dict[str, Any]:
    (request,) = aws.called("createModelPackage")
    return request


def test_numbers_of_other_data_do_not_promote_a_worse_model(train) -> None:
    """The new test split is easier: the champion, at 0.985 on the old one, has 0.997 on it."""
    aws = Aws(metrics={"accuracy": 0.99}, champion={"accuracy": "0.985"} | OTHER_DATA)
    aws.beside = {"metrics": {"accuracy": 0.997}}
    ended = train(aws)
    assert ended.error == "GateFailed", ended.path
    assert ended.cause == (
        f"accuracy 0.99 is worse than that of the champion {GROUP}/4 (0.997, measured again on the same test split, "
        "because data or code have changed since) by 0.007, more than the tolerance 0.002"
    )


def test_numbers_of_other_data_do_not_stop_a_better_model(train) -> None:
    """The new test split is harder."""
    aws = Aws(metrics={"accuracy": 0.991}, champion={"accuracy": "0.999"} | OTHER_DATA)
    aws.beside = {"metrics": {"accuracy": 0.98234567}}
    ended = train(aws)
    assert ended.path[-1] == "Registered", ended.cause
    said = (
        f"accuracy 0.991, compared with that of the champion {GROUP}/4 (0.9823, measured again on the same test split, "
        "because data or code have changed since)"
    )
    assert ended.output == {"gate": said}
    assert registered(aws)["ModelPackageDescription"] == said
    assert registered(aws)["ModelApprovalStatus"] == "Approved"
    assert registered(aws)["CustomerMetadataProperties"]["dataFingerprint"] == aws.fingerprint


def test_the_evaluation_gets_the_archive_of_the_champion(train) -> None:
    aws = Aws(champion={"accuracy": "0.985"} | OTHER_DATA)
    aws.beside = {"metrics": {"accuracy": 0.98}}
    train(aws)
    evaluate = aws.called("createProcessingJob")[-1]
    inputs = {each["InputName"]: each["S3Input"] for each in evaluate["ProcessingInputs"]}
    assert inputs["champion"]["S3Uri"] == aws.archive
    assert inputs["champion"]["LocalPath"] == "/opt/ml/processing/input/champion"
    assert aws.called("headObject") == [{"Bucket": BUCKET, "Key": aws.archive.partition(f"{BUCKET}/")[2]}]


def test_numbers_of_the_same_data_are_compared_as_they_are_stored(train) -> None:
    aws = Aws(champion={"accuracy": "0.992"})
    train(aws)
    assert "champion" not in aws.inputs
    assert aws.called("headObject") == []
    assert registered(aws)["ModelPackageDescription"] == (
        f"accuracy 0.993, compared with that of the champion {GROUP}/4 "
        "(0.992, as stored with it, of the same test split)"
    )


def test_a_first_version_is_compared_with_nothing(train) -> None:
    aws = Aws()
    train(aws)
    assert "champion" not in aws.inputs
    said = "accuracy 0.993, and there is no champion: only the threshold 0.99 counts"
    assert registered(aws)["ModelPackageDescription"] == said


def gone(aws: Aws) -> None:
    aws.archive_is_there = False


def unsealed(aws: Aws) -> None:
    aws.archive = f"s3://{BUCKET}/models/digits-cnn/0123456789abcdef/model.tar.gz"


def inside_another_uri(aws: Aws) -> None:
    aws.archive = f"s3://elsewhere/s3://{BUCKET}/registry/digits-cnn/0123456789abcdef/model.tar.gz"


def unloadable(aws: Aws) -> None:
    aws.beside = {"problem": "TypeError: the signature takes no images"}


def unsaid(aws: Aws) -> None:
    aws.beside = {"metrics": {"f1": 0.9}}


@pytest.mark.parametrize(
    ("arrange", "problem", "given"),
    [
        (gone, "its archive is not there any more, or cannot be read", False),
        (unsealed, f"its archive is not below s3://{BUCKET}/registry/digits-cnn/, where no job writes", False),
        (
            inside_another_uri,
            f"its archive is not below s3://{BUCKET}/registry/digits-cnn/, where no job writes",
            False,
        ),
        (unloadable, "TypeError: the signature takes no images", True),
        (unsaid, "evaluation.json has no number accuracy of it", True),
    ],
)
def test_a_champion_that_cannot_be_measured_leaves_it_to_a_person(train, arrange, problem, given) -> None:
    """Although approval is automatic in this environment: no number says that the new version is no worse."""
    aws = Aws(champion={"accuracy": "0.999"} | OTHER_DATA)
    arrange(aws)
    ended = train(aws)
    assert ended.path[-1] == "Registered", ended.cause
    assert ("champion" in aws.inputs) is given
    assert registered(aws)["ModelApprovalStatus"] == "PendingManualApproval"
    assert registered(aws)["ModelPackageDescription"] == (
        f"accuracy 0.993, not compared with the champion {GROUP}/4, which was not measured: {problem}"
    )


def test_a_champion_that_cannot_be_measured_does_not_replace_the_threshold(train) -> None:
    aws = Aws(metrics={"accuracy": 0.98}, champion={"accuracy": "0.9"} | OTHER_DATA)
    assert "below the threshold 0.99" in (train(aws).cause or "")


def test_champion_is_named_in_the_refusal(train) -> None:
    cause = train(Aws(metrics={"accuracy": 0.991}, champion={"accuracy": "0.999"})).cause or ""
    assert "0.999" in cause
    assert "0.002" in cause


def test_missing_metric_is_a_sentence(train) -> None:
    ended = train(Aws(metrics={"auc": 0.9}))
    assert "accuracy" in (ended.cause or "")
    assert "auc" in (ended.cause or "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"hyperparameters": {}}, {}),
        ({"hyperparameters": {"seed": 7}}, {"seed": "7"}),
        (
            {"hyperparameters": {"epochs": 0.5, "augment": True, "precision": "float32"}},
            {"epochs": "0.5", "augment": "true", "precision": "float32"},
        ),
    ],
)
def test_input_overrides_hyperparameters_as_strings(train, model, given, expected) -> None:
    declared = model.training.hyperparameters
    aws = Aws()
    train(aws, given)
    sent = aws.called("createTrainingJob")[0]["HyperParameters"]
    assert sent == {name: str(value) for name, value in declared.items()} | expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"epochs": 3}, "epochs"),
        ({"hyperparameters": {}, "instance": "ml.m5.large", "spot": True}, "instance, spot"),
        ([], "array"),
        ({"commit": "main"}, "40 hexadecimal digits"),
        ({"commit": 3}, "40 hexadecimal digits"),
        ("epochs", "string"),
        ({"hyperparameters": [1]}, "array"),
        ({"hyperparameters": "epochs=3"}, "string"),
        ({"hyperparameters": {"epochs": [1, 2], "seed": 1}}, "epochs"),
        ({"hyperparameters": {"epochs": None}}, "epochs"),
    ],
)
def test_other_input_is_refused_with_a_sentence(train, given, words) -> None:
    aws = Aws()
    ended = train(aws, given)
    assert ended.error
    assert words in (ended.cause or "")
    assert aws.calls == []


BALANCED = {"balance": 0.98, "noise": 0.1}


@pytest.fixture(scope="module")
def judged(specs, model, synthesize) -> dict[str, Any]:
    """The workflow of a model where less is better, and which the reference model judges."""
    gate = {"metric": "distance", "goal": "minimize", "threshold": 12.5, "tolerance": 0.5, "judge": "digits-cnn"}
    gate["also"] = (Limit(metric="balance", threshold=0.98), Limit(metric="noise", goal="minimize", threshold=0.1))
    evaluation = model.evaluation.model_copy(update=gate)
    gan = model.model_copy(update={"name": "digits-gan", "evaluation": evaluation})
    templates = synthesize(specs.environment("dev"), (model, gan))
    return templates["slipway-dev-digits-gan-training"]


@pytest.mark.parametrize(
    ("distance", "champion", "end"),
    [
        (12.5, {}, "Registered"),
        (12.6, {}, "distance 12.6 is above the threshold 12.5, by 0.1"),
        (10.5, {"distance": "10"}, "Registered"),
        (10.6, {"distance": "10"}, "by 0.6, more than the tolerance 0.5"),
        (12.5, {"accuracy": "0.9"}, "Registered"),
    ],
)
def test_less_can_be_better(judged, distance, champion, end) -> None:
    aws = Aws(metrics={"distance": distance} | BALANCED, champion=champion)
    ended = Walker(definition(judged), {}, aws).run()
    assert end in (ended.cause or ended.path[-1])
    (evaluate,) = [job for job in aws.called("createProcessingJob") if "-evaluate-" in job["ProcessingJobName"]]
    inputs = {each["InputName"]: each["S3Input"]["S3Uri"] for each in evaluate["ProcessingInputs"]}
    assert inputs["judge"] == aws.archive


@pytest.mark.parametrize(
    ("metrics", "error", "cause"),
    [
        ({"balance": 0.9542}, "GateFailed", "balance 0.9542 is below the threshold 0.98, by 0.0258"),
        ({"noise": 0.11}, "GateFailed", "noise 0.11 is above the threshold 0.1, by 0.01"),
        (
            {"distance": 13, "balance": 0.9},
            "GateFailed",
            "distance 13 is above the threshold 12.5, by 0.5; balance 0.9 is below the threshold 0.98, by 0.08",
        ),
        ({"balance": "all"}, "MetricMissing", "evaluation.json has no number balance; it has distance, balance, noise"),
        ({"balance": "all", "noise": None}, "MetricMissing", "evaluation.json has no number balance, noise; it has"),
    ],
)
def test_each_metric_of_the_gate_can_refuse(judged, metrics, error, cause) -> None:
    ended = Walker(definition(judged), {}, Aws(metrics={"distance": 9} | BALANCED | metrics, champion={})).run()
    assert ended.error == error, ended.path
    assert (ended.cause or "").startswith(cause)


def test_a_further_metric_is_not_compared_with_the_champion(judged) -> None:
    aws = Aws(metrics={"distance": 9} | BALANCED, champion={"distance": "9", "balance": "1.0"})
    ended = Walker(definition(judged), {}, aws).run()
    assert ended.path[-1] == "Registered", ended.cause
    assert ended.output["gate"].endswith("; balance 0.98; noise 0.1")


def test_another_version_of_the_judge_is_other_data(judged) -> None:
    aws = Aws(metrics={"distance": 9} | BALANCED, champion={"distance": "3", "judge": "s3://another/version"})
    aws.beside = {"metrics": {"distance": 9.4}}
    ended = Walker(definition(judged), {}, aws).run()
    assert ended.path[-1] == "Registered", ended.cause
    assert (
        "(9.4, measured again on the same test split, because it was judged by another version of digits-cnn)"
        in (registered(aws)["ModelPackageDescription"])
    )
    assert registered(aws)["CustomerMetadataProperties"]["judge"] == aws.archive


def test_without_a_judge_nothing_is_spent(judged) -> None:
    aws = Aws()
    ended = Walker(definition(judged), {}, aws).run()
    assert ended.error == "NoJudge"
    assert "digits-cnn, the judge of digits-gan, has no Approved version" in (ended.cause or "")
    assert [name for name, _ in aws.calls] == ["listModelPackages"]


@pytest.mark.parametrize(
    "archive",
    [
        f"s3://{BUCKET}/models/digits-cnn/0123456789abcdef/job/output/model.tar.gz",
        f"s3://elsewhere/s3://{BUCKET}/registry/digits-cnn/0123456789abcdef/model.tar.gz",
    ],
)
def test_a_judge_whose_archive_jobs_can_write_judges_nothing(judged, archive) -> None:
    aws = Aws(champion={})
    aws.archive = archive
    ended = Walker(definition(judged), {}, aws).run()
    assert ended.error == "NoJudge"
    assert f"the judge of digits-gan, has its archive at {aws.archive}, not below" in (ended.cause or "")
    assert "python -m operations train dev digits-cnn" in (ended.cause or "")
    assert aws.called("createProcessingJob") == []


def test_all_metrics_that_are_numbers_are_registered(train) -> None:
    aws = Aws(metrics={"accuracy": 1, "auc": 0.5, "loss": -2e-5, "note": "text"})
    train(aws)
    properties = aws.called("createModelPackage")[0]["CustomerMetadataProperties"]
    assert set(properties) == {
        "accuracy",
        "auc",
        "loss",
        "execution",
        "trainingJob",
        "candidate",
        "archiveChecksumSHA256",
        "dataFingerprint",
    }
    assert float(properties["loss"]) == -2e-5


def test_more_metrics_than_the_registry_holds_are_refused(train) -> None:
    ended = train(Aws(metrics={"accuracy": 1} | {f"m{number}": 1 for number in range(46)}))
    assert "has 47 metrics; at most 44 fit" in (ended.cause or "")


def test_same_files_are_prepared_once(train) -> None:
    aws = Aws()
    train(aws)
    first = aws.called("createProcessingJob")
    assert train(aws).path[-1] == "Registered"
    again = aws.called("createProcessingJob")[len(first) :]
    assert [job["ProcessingJobName"].split("-")[-2] for job in again] == ["evaluate"]
    channels = [job["InputDataConfig"][1]["DataSource"]["S3DataSource"] for job in aws.called("createTrainingJob")]
    assert channels[0] == channels[1]
    aws.files[0]["ETag"] = "2"
    train(aws)
    assert "-prepare-" in aws.called("createProcessingJob")[-2]["ProcessingJobName"]


@pytest.mark.parametrize(("days_ago", "again"), [(0, False), (59, False), (61, True), (89, True)])
def test_data_that_would_expire_during_an_execution_are_prepared_again(train, days_ago: int, again: bool) -> None:
    """They expire after 90 days by default. An execution may need them for 30."""
    aws = Aws()
    train(aws)
    first = len(aws.called("createProcessingJob"))
    aws.marked_at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="milliseconds")
    train(aws)
    steps = [job["ProcessingJobName"].split("-")[-2] for job in aws.called("createProcessingJob")[first:]]
    assert steps == (["prepare", "evaluate"] if again else ["evaluate"])


def test_failed_preparation_is_not_marked(train) -> None:
    aws = Aws()
    aws.processing["prepare"] = {"ProcessingJobStatus": "Failed", "FailureReason": "no"}
    train(aws)
    assert aws.marked == set()


def test_no_data_names_the_command(train) -> None:
    aws = Aws()
    aws.files = []
    ended = train(aws)
    assert ended.error == "NoData"
    assert "python -m operations upload dev digits-cnn FOLDER" in (ended.cause or "")


def raw_files(count: int) -> list[dict[str, Any]]:
    """Files with keys of 1,024 bytes, the longest, and all that S3 tells of one."""
    folder = "datasets/mnist/raw/"
    more = {"LastModified": "2026-11-24T12:00:00.000Z", "StorageClass": "STANDARD", "ChecksumType": "FULL_OBJECT"}
    return [
        {"Key": f"{folder}{number:0{1024 - len(folder)}d}", "Size": 10**9, "ETag": '"' + "0" * 32 + '"', **more}
        for number in range(count)
    ]


@pytest.mark.parametrize(("count", "error"), [(100, None), (101, None), (1000, None), (1001, "TooManyFiles")])
def test_many_files_with_long_names_fit_the_states(train, count: int, error: str | None) -> None:
    aws = Aws()
    aws.files = raw_files(count)
    assert train(aws).error == error


def test_every_file_of_every_page_counts_in_the_fingerprint(train) -> None:
    fingerprints = set()
    for changed in (None, 0, 99, 100, 150):
        aws = Aws()
        aws.files = raw_files(151)
        if changed is not None:
            aws.files[changed]["ETag"] = "other"
        train(aws)
        (facts,) = [call["Body"] for call in aws.called("putObject") if call["Key"].endswith("/execution.json")]
        fingerprints.add(facts["data"]["fingerprint"])
        assert len(facts["data"]["fingerprint"]) == 32
    assert len(fingerprints) == 5


def test_execution_json_has_every_job_and_where_its_data_came_from(train) -> None:
    aws = Aws(NO_QUOTA, NO_CAPACITY, INTERRUPTED)
    train(aws, {"commit": "a" * 40, "hyperparameters": {"seed": 7}})
    (facts,) = [call["Body"] for call in aws.called("putObject") if call["Key"].endswith("/execution.json")]
    assert [job["status"] for job in facts["jobs"]] == ["Completed", "Refused", "Failed", "Completed"]
    prepare, refused, failed, trained = facts["jobs"]
    assert (prepare["kind"], prepare["seconds"], prepare["billable_seconds"]) == ("processing", 30, 30)
    assert "service limit is 0" in refused["reason"]
    assert (failed["started"], failed["seconds"], failed["usd_per_hour"]) == (None, 0, 1.57)
    assert (trained["seconds"], trained["billable_seconds"], trained["interruptions"]) == (600, 200, 2)
    assert facts["commit"] == "a" * 40
    assert facts["overrides"] == {"seed": 7}
    assert facts["hyperparameters"]["seed"] == "7"
    assert facts["gate"] == {
        "metric": "accuracy",
        "goal": "maximize",
        "threshold": 0.99,
        "tolerance": 0.002,
        "also": [],
    }
    assert facts["data"]["prepared"].endswith(f"/prepared/digits-cnn/{facts['data']['fingerprint']}/")
    assert facts["data"]["prepared_again"] is True
    assert facts["search"] is None


def test_a_run_is_tracked_before_it_is_judged(train) -> None:
    aws = Aws(metrics={"accuracy": 0.1})
    path = train(aws).path
    assert path.index("Evaluate") < path.index("Track") < path.index("Read the metrics")
    (call,) = aws.called("invoke")
    (job,) = aws.called("createTrainingJob")
    records = job["OutputDataConfig"]["S3OutputPath"].replace("/models/", "/records/")
    assert call["Payload"] == {"records": records}


def test_a_tracked_run_is_told_its_version_at_the_end(train) -> None:
    aws = Aws()
    ended = train(aws)
    first, second = aws.called("invoke")
    assert second["Payload"] == {**first["Payload"], "version": f"{GROUP}/5"}
    assert ended.path[-3:] == ["Register", "Track the version", "Registered"]
    assert ended.output["gate"].startswith("accuracy 0.99")


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (
            TaskError("TrackingError", json.dumps({"errorMessage": "it answers 503", "errorType": "T"})),
            "it answers 503",
        ),
        (TaskError("Lambda.TooManyRequestsException", "Rate Exceeded."), "Rate Exceeded."),
    ],
    ids=["raised", "refused"],
)
def test_a_failure_to_track_fails_no_training(variants, failure, reason) -> None:
    aws = Aws()
    aws.tracking = failure
    walker = Walker(definition(variants["dev"]["training"]), {}, aws)
    assert walker.run().path[-1] == "Registered"
    assert {"Not tracked", "Version not tracked"} < set(walker.path)
    assert walker.variables["tracked"] == {"reason": reason}


def test_what_is_judged_and_served_is_copied_to_where_no_job_writes(train) -> None:
    aws = Aws()
    train(aws)
    (job,) = aws.called("createTrainingJob")
    bucket, run = job["OutputDataConfig"]["S3OutputPath"].removeprefix("s3://").split("/models/")
    output = f"{bucket}/models/{run}/{job['TrainingJobName']}/output"
    copies = {call["Key"]: call["CopySource"] for call in aws.called("copyObject")}
    assert copies == {
        f"records/{run}/evaluation.json": f"{bucket}/evaluation/{run}/evaluation.json",
        f"records/{run}/report.html": f"{bucket}/evaluation/{run}/report.html",
        f"records/{run}/output.tar.gz": f"{output}/output.tar.gz",
        f"registry/{run}/model.tar.gz": f"{output}/model.tar.gz",
    }
    assert {call["ChecksumAlgorithm"] for call in aws.called("copyObject")} == {"SHA256"}
    replaced = {call["TaggingDirective"] for call in aws.called("copyObject")}
    assert replaced == {"REPLACE"}, "to copy the tags of a scanner, the role would need to read them"
    read = [name for name, _ in aws.calls].index("getObject")
    assert [name for name, _ in aws.calls][:read].count("copyObject") == 3, "the copies are judged"
    assert aws.called("getObject")[0]["Key"] == f"records/{run}/evaluation.json"


def test_an_execution_below_the_gate_leaves_no_archive_in_the_registry(train) -> None:
    aws = Aws(metrics={"accuracy": 0.1})
    assert train(aws).error == "GateFailed"
    assert [call["Key"] for call in aws.called("copyObject") if call["Key"].startswith("registry/")] == []


@pytest.mark.parametrize("name", ["evaluation.json", "report.html"])
def test_an_evaluation_that_another_job_rewrote_is_not_judged(train, name) -> None:
    """Between the end of the evaluation and the gate; the job's message cannot be rewritten."""
    aws = Aws()
    aws.copied[name] = "of a better one"
    ended = train(aws)
    assert ended.error == "EvaluationChanged"
    assert re.match(rf"{name} at s3://\S+/evaluation/digits-cnn/[0-9a-f]{{16}}/ is not what the", ended.cause or "")
    assert aws.called("getObject") == aws.called("createModelPackage") == []


@pytest.mark.parametrize("message", [None, "done", "{}", '{"evaluation.json": "of evaluation.json"}'])
def test_an_evaluation_that_does_not_say_what_it_wrote_is_refused(train, message) -> None:
    aws = Aws()
    aws.message = message
    ended = train(aws)
    assert ended.error == "ChecksumsMissing"
    assert "holds no checksums of evaluation.json and report.html" in (ended.cause or "")
    assert aws.called("copyObject") == []


def test_an_archive_that_was_not_measured_is_not_registered(train) -> None:
    aws = Aws()
    aws.copied["model.tar.gz"] = "of another one"
    ended = train(aws)
    assert ended.error == "ArchiveChanged"
    assert "has the SHA-256 of another one, but the evaluation measured one with of model.tar.gz" in (ended.cause or "")
    assert aws.called("createModelPackage") == []


@pytest.mark.parametrize("copied", ["of model.tar.gz", ""])
def test_an_archive_without_a_measured_checksum_is_not_registered(train, copied) -> None:
    aws = Aws()
    aws.measured, aws.copied["model.tar.gz"] = "", copied
    ended = train(aws)
    assert ended.error == "ArchiveChanged"
    assert "measured one with none" in (ended.cause or "")


def test_an_archive_above_the_limit_of_a_copy_fails_with_a_sentence(train) -> None:
    aws = Aws()
    too_large = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
    aws.copied["model.tar.gz"] = TaskError("S3.S3Exception", too_large)
    ended = train(aws)
    assert ended.error == "ArchiveNotSealed"
    assert "(it may have at most 5 GB): " + too_large in (ended.cause or "")


def test_records_that_cannot_be_copied_end_the_execution(train) -> None:
    aws = Aws()
    aws.copied["output.tar.gz"] = TaskError("S3.NoSuchKeyException", "The specified key does not exist.")
    ended = train(aws)
    assert ended.error == "RecordsNotKept"
    assert "cannot be copied: The specified key does not exist." in (ended.cause or "")
