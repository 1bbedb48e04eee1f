"""The folder /opt/ml of a job: its own, or rewritten in the request where the machine permits no mounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import Lab, output
from sandbox.machines.containers.private_mounts import can_mount_over
from sandboxes import NewSandbox

OWN_ROOT = pytest.mark.skipif(not can_mount_over("/opt/ml"), reason="this machine permits no mount namespaces")
FORBID = """
echo 0 > /proc/sys/user/max_user_namespaces &&
exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@"
"""
CODE = "import json, os, pathlib, sys; print(json.dumps([sys.argv[1], os.environ['DATA'], os.getcwd()]))"


@pytest.fixture(scope="module")
def confined(new_sandbox: NewSandbox) -> Iterator[Lab]:
    """A sandbox that may make no namespaces, as in a Docker container without privileges."""
    sandbox = new_sandbox("confined")
    if can_mount_over("/opt/ml"):
        sandbox.launcher = ["unshare", "--user", "--map-root-user", "sh", "-c", FORBID, "sh"]
    with sandbox.running():
        yield Lab(sandbox.aws)


def training(lab: Lab) -> dict[str, Any]:
    """A job that names /opt/ml in its command, its argument and its environment."""
    request = lab.training(CODE, Environment={"DATA": "/opt/ml/input/data"})
    request["AlgorithmSpecification"]["ContainerArguments"] = ["/opt/ml/model"]
    return request


def said(lab: Lab, request: dict[str, Any]) -> list[str]:
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    job = lab.trained(name)
    assert job["TrainingJobStatus"] == "Completed", (job, lab.log("/aws/sagemaker/TrainingJobs", name))
    return json.loads(lab.log("/aws/sagemaker/TrainingJobs", name)[-1])


@OWN_ROOT
def test_a_job_finds_its_folder_at_opt_ml(lab: Lab) -> None:
    assert said(lab, training(lab)) == ["/opt/ml/model", "/opt/ml/input/data", "/opt/ml"]


@OWN_ROOT
def test_a_shell_script_names_opt_ml(lab: Lab) -> None:
    """No text of the request says what the script reads and writes."""
    request = lab.training("")
    lab.put(f"code/{request['TrainingJobName']}/run.sh", "cp /opt/ml/input/config/*.json /opt/ml/model/")
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = lab.uri(f"code/{request['TrainingJobName']}")
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["sh", "-c", "cd /opt/ml; sh input/data/code/run.sh"]
    lab.sagemaker.create_training_job(**request)
    job = lab.trained(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    kept = lab.archive(f"models/{request['TrainingJobName']}/output/model.tar.gz")
    assert sorted(kept) == ["hyperparameters.json", "inputdataconfig.json", "resourceconfig.json"]


@OWN_ROOT
def test_a_processing_job_finds_its_folder_at_opt_ml(lab: Lab) -> None:
    script = (
        "import json, pathlib; folder = pathlib.Path('/opt/ml/processing/output/found')\n"
        "config = json.loads(pathlib.Path('/opt/ml/config/processingjobconfig.json').read_text())\n"
        "(folder / 'config.json').write_text(json.dumps(config['ProcessingInputs'][0]['S3Input']['LocalPath']))"
    )
    outputs = {"Outputs": [output("found", lab.uri("found-root"), "/opt/ml/processing/output/found")]}
    job = lab.process(script, ProcessingOutputConfig=outputs)
    assert job["ProcessingJobStatus"] == "Completed", job
    assert json.loads(lab.get("found-root/config.json")) == "/opt/ml/processing/input/code"


def test_without_mounts_the_request_is_rewritten(confined: Lab) -> None:
    argument, variable, folder = said(confined, training(confined))
    assert folder.endswith("/algo-1")
    assert (argument, variable) == (f"{folder}/model", f"{folder}/input/data")


SDK = "/opt/ml/input/data/sm_drivers/sm_train.sh"


def test_without_mounts_the_sdks_scripts_are_refused(confined: Lab) -> None:
    request = confined.training("")
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["/bin/bash"],
        "ContainerArguments": ["-c", f"chmod +x {SDK} && {SDK}"],
    }
    with pytest.raises(ClientError, match=r"names /opt/ml, and this machine permits no mount namespace.* --privileged"):
        confined.sagemaker.create_training_job(**request)
    processing = confined.processing("")
    words = ["/bin/bash", "/opt/ml/processing/input/entrypoint/runproc.sh"]
    processing["AppSpecification"]["ContainerEntrypoint"] = words
    with pytest.raises(ClientError, match=r"cannot run '/opt/ml/processing/input/entrypoint/runproc.sh'"):
        confined.sagemaker.create_processing_job(**processing)
