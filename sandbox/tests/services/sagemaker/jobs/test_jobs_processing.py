"""Processing jobs: the container contract, and every way in which one ends."""

from __future__ import annotations

import json

import pytest
from job_lab import Lab, given, output
from waiting import until

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
HERE = "import json, os, pathlib, sys, time; base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
OUT = "/opt/ml/processing/output"


def test_a_completed_job(lab: Lab) -> None:
    lab.put("raw/images/a.bin", b"\x00\x01")
    script = HERE + (
        "source = base / 'processing/input/raw/images/a.bin'\n"
        "target = base / 'processing/output/prepared/train'\n"
        "target.mkdir(); (target / 'shard').write_bytes(source.read_bytes() * 2)\n"
        "(base / 'processing/output/report/report.json').write_text('{}')\n"
        "(base / 'output/message').write_text('prepared 1 image')"
    )
    outputs = [
        output("prepared", lab.uri("prepared"), f"{OUT}/prepared"),
        output("r", lab.uri("reports/1/"), f"{OUT}/report"),
    ]
    request = lab.processing(script, ProcessingOutputConfig={"Outputs": outputs})
    request["ProcessingInputs"].append(given("raw", lab.uri("raw"), "/opt/ml/processing/input/raw"))
    lab.sagemaker.create_processing_job(**request)
    job = lab.processed(request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Completed", job
    assert job["ExitMessage"] == "prepared 1 image"
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert lab.get("prepared/train/shard") == b"\x00\x01\x00\x01"
    assert lab.keys("reports") == ["reports/1/report.json"]
    assert job["ProcessingOutputConfig"] == {"Outputs": outputs}
    assert job["ProcessingInputs"] == request["ProcessingInputs"]


def test_the_container_sees_its_configuration(lab: Lab) -> None:
    script = HERE + (
        "seen = {name: json.loads((base / 'config' / (name + '.json')).read_text())\n"
        "        for name in ('processingjobconfig', 'resourceconfig')}\n"
        "print(json.dumps(seen)); print(os.environ['TARGET']); print(sys.argv[1]); print(base)"
    )
    request = lab.processing(script, Environment={"TARGET": OUT})
    request["AppSpecification"]["ContainerArguments"] = ["/opt/ml/processing"]
    lab.sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]
    assert lab.processed(name)["ProcessingJobStatus"] == "Completed"
    seen, target, argument, base = lab.log(LOG_GROUP, name)
    assert (target, argument) == (f"{base}/processing/output", f"{base}/processing")
    config = json.loads(seen)
    assert config["resourceconfig"] == {"current_host": "algo-1", "hosts": ["algo-1"]}
    job = config["processingjobconfig"]
    assert job["ProcessingJobName"] == name
    assert job["ProcessingInputs"][0]["S3Input"]["LocalPath"] == f"{base}/processing/input/code"
    assert job["ProcessingResources"] == request["ProcessingResources"]


def test_a_failed_job_uploads_nothing(lab: Lab) -> None:
    script = HERE + (
        "(base / 'processing/output/prepared/half').write_text('x')\n"
        "(base / 'output/message').write_text('no images'); sys.exit(2)"
    )
    outputs = [output("prepared", lab.uri("failed"), f"{OUT}/prepared")]
    job = lab.process(script, ProcessingOutputConfig={"Outputs": outputs})
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert job["ExitMessage"] == "no images"
    assert lab.keys("failed") == []


def test_a_message_that_is_not_text_fails_the_job(lab: Lab) -> None:
    job = lab.process(HERE + "(base / 'output/message').write_bytes(b'\\xff\\xfe')")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: /opt/ml/output/message is not UTF-8 encoded"


def test_a_job_is_stopped(lab: Lab) -> None:
    request = lab.processing("import time; print('ready'); time.sleep(600)")
    lab.sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]
    until(lambda: "ProcessingStartTime" in lab.sagemaker.describe_processing_job(ProcessingJobName=name))
    lab.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert lab.processed(name)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(lab.sagemaker.exceptions.ClientError, match="because the processing job is in status Stopped"):
        lab.sagemaker.stop_processing_job(ProcessingJobName=name)


def test_a_job_ends_at_its_time_limit(lab: Lab) -> None:
    job = lab.process("import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert job["ProcessingJobStatus"] == "Stopped"


def test_outputs_are_encrypted_with_the_key(lab: Lab) -> None:
    key = lab.aws("kms").create_key()["KeyMetadata"]["Arn"]
    outputs = [output("report", lab.uri("secret"), f"{OUT}/report")]
    job = lab.process(
        HERE + "(base / 'processing/output/report/a').write_text('x')",
        ProcessingOutputConfig={"Outputs": outputs, "KmsKeyId": key},
    )
    assert job["ProcessingJobStatus"] == "Completed"
    head = lab.s3.head_object(Bucket=lab.bucket, Key="secret/a")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_jobs_are_listed(lab: Lab) -> None:
    name = lab.process("")["ProcessingJobName"]
    (job,) = lab.sagemaker.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]
    assert (job["ProcessingJobName"], job["ProcessingJobStatus"]) == (name, "Completed")


def test_an_unknown_job(lab: Lab) -> None:
    with pytest.raises(lab.sagemaker.exceptions.ClientError) as refusal:
        lab.sagemaker.describe_processing_job(ProcessingJobName="nobody")
    assert refusal.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Could not find requested job with name: nobody",
    }
