"""A job finds the packages of its image, and nothing else of this machine."""

from __future__ import annotations

import pytest
from job_lab import Lab

INFERENCE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.20-cpu-py312-amzn2023-sagemaker-v1"
UNKNOWN = "111111111111.dkr.ecr.us-east-1.amazonaws.com/mine:1"
TOLD = """
import importlib, shutil, subprocess, sys

for name in {modules!r}:
    try:
        importlib.import_module(name)
        print(name, "is there")
    except ImportError as error:
        print(error)
print(*(name for name in ("moto_server", "tqdm", "normalizer") if shutil.which(name)))
print(subprocess.run([sys.executable, "-c", "import moto"], capture_output=True, text=True).stderr.splitlines()[-1:])
"""
NO_MOTO = "No module named 'moto'"


def absent(module: str, repository: str, distribution: str) -> str:
    """The beginning of the sentence for what AWS's image holds and this machine does not."""
    return f"No module named '{module}': AWS's image {repository} holds it ({distribution})"


def lines(lab: Lab, kind: str, job: dict[str, str]) -> list[str]:
    assert job[f"{kind}JobStatus"] == "Completed"
    return lab.log(f"/aws/sagemaker/{kind}Jobs", job[f"{kind}JobName"])


def test_a_training_job(lab: Lab) -> None:
    modules = ["tqdm", "PIL", "moto", "optuna", "sandbox", "mpi4py"]
    *found, programs, child = lines(lab, "Training", lab.train(TOLD.format(modules=modules)))
    others = [f"No module named '{name}'" for name in ("moto", "optuna", "sandbox")]
    assert found[:-1] == ["tqdm is there", "PIL is there", *others]
    assert found[-1].startswith(absent("mpi4py", "tensorflow-training", "mpi4py 4.1.1"))
    assert "python -m pip install mpi4py==4.1.1" in found[-1]
    assert (programs, child) == ("tqdm normalizer", f'["ModuleNotFoundError: {NO_MOTO}"]')


@pytest.mark.parametrize("image", [INFERENCE, INFERENCE.partition(":")[0] + "@sha256:" + "0" * 64])
def test_a_processing_job_of_the_inference_image(lab: Lab, image: str) -> None:
    request = lab.processing(TOLD.format(modules=["numpy", "tensorflow", "PIL", "tqdm", "falcon"]))
    request["AppSpecification"]["ImageUri"] = image
    lab.sagemaker.create_processing_job(**request)
    *found, programs, _ = lines(lab, "Processing", lab.processed(request["ProcessingJobName"]))
    assert found[:-1] == ["numpy is there", *(f"No module named '{name}'" for name in ("tensorflow", "PIL", "tqdm"))]
    assert found[-1].startswith(absent("falcon", "tensorflow-inference", "falcon 3.1.0"))
    assert programs == "normalizer"


def test_a_job_of_an_image_of_which_nothing_is_known(lab: Lab) -> None:
    request = lab.processing(TOLD.format(modules=["moto"]))
    request["AppSpecification"]["ImageUri"] = UNKNOWN
    lab.sagemaker.create_processing_job(**request)
    found = lines(lab, "Processing", lab.processed(request["ProcessingJobName"]))
    assert found == ["moto is there", "moto_server tqdm normalizer", "[]"]
