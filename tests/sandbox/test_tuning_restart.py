"""What is left of tuning jobs when the sandbox ends and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from state_lab import OwnSandbox
from tuning_lab import TuningLab

CONFIG = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}}
ENDLESS = "import time; print('metric loss=1', flush=True); time.sleep(300)"


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSandbox]:
    sandbox = OwnSandbox(tmp_path_factory.mktemp("tuning"))
    sandbox.up()
    yield sandbox
    sandbox.down()


def test_what_ended_stays_and_what_ran_has_failed(own: OwnSandbox) -> None:
    lab = TuningLab(own.aws)
    done = lab.tune(config=CONFIG)
    request = lab.tuning(ENDLESS, config=CONFIG)
    name = request["HyperParameterTuningJobName"]
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    while not (trials := lab.trials(name)) or "FinalHyperParameterTuningJobObjectiveMetric" not in trials[0]:
        pass
    own.down()
    own.up()
    assert lab.described(done["HyperParameterTuningJobName"]) | {"ResponseMetadata": 0} == done | {
        "ResponseMetadata": 0
    }
    job = lab.described(name)
    assert (job["HyperParameterTuningJobStatus"], job["FailureReason"]) == (
        "Failed",
        "InternalServerError: We encountered an internal error. Please try again.",
    )
    assert job["TrainingJobStatusCounters"]["RetryableError"] == 1
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 0, "Pending": 0, "Failed": 1}
    assert [trial["TrainingJobStatus"] for trial in lab.trials(name)] == ["Failed"]
