"""The end of a job: one sentence for SageMaker, and no traceback for a user's error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from digits_lab import prepared, run_step, training_job

from training.common import failure
from training.common.container import Container
from training.common.errors import JobError


def raising(error: BaseException) -> Callable[[Container], None]:
    def step(_container: Container) -> None:
        raise error

    return step


CASES = {
    "a user's error": (JobError("No data.\nNone."), "No data. None.", ""),
    "a defect": (KeyError("weights"), "KeyError: 'weights'", "Traceback"),
    "long": (JobError("x" * 3000), "x" * 872 + " ... (the log has all of it)", ""),
    "an exit with words": (SystemExit("No data."), "No data.", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_becomes_the_reason(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error, reason, on_the_log = CASES[case]
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        failure.run(raising(error))
    assert ended.value.code == 1
    assert (tmp_path / "output" / "failure").read_text() == reason
    assert (tmp_path / "output" / "message").read_text() == reason
    log = capsys.readouterr().err
    assert "error: " in log
    assert ("Traceback" in log) == bool(on_the_log)


def test_a_reason_that_finds_no_room_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "output").write_text("a file in the folder's place refuses like a full disk")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        failure.run(raising(JobError("No data.")))
    assert ended.value.code == 1
    log = capsys.readouterr().err
    assert "error: No data." in log
    assert "Traceback" not in log


def test_a_message_is_cut_between_characters(tmp_path: Path) -> None:
    failure.write_reason(Container(tmp_path), "€" * 1000)
    assert (tmp_path / "output" / "message").read_text() == "€" * 332 + " ... (the log has all of it)"


def test_success_leaves_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    failure.run(lambda _container: None)
    assert not (tmp_path / "output").exists()


def test_training_tells_a_bad_hyperparameter_in_the_failure_file(tmp_path: Path) -> None:
    training_job(tmp_path, prepared(), {"epoch": "3"})
    result = run_step(tmp_path, "train")
    assert result.returncode == 1
    reason = "The hyperparameters cannot be used: there is no hyperparameter epoch (did you mean epochs?)."
    assert (tmp_path / "output" / "failure").read_text() == reason
    assert "TensorFlow" not in result.stdout


def test_training_tells_a_missing_channel(tmp_path: Path) -> None:
    training_job(tmp_path, prepared(), {})
    (tmp_path / "input" / "data" / "train").unlink()
    result = run_step(tmp_path, "train")
    assert result.returncode == 1
    assert (tmp_path / "output" / "failure").read_text().startswith("The training job has no input channel 'train'")
