"""Checkpoints: those that a run resumes from, and those that it skips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from declared_values import received
from digits_lab import prepared
from interruptions import AfterChunks

from pages.run_files import RESUMED
from pages.run_log import progress_in
from training.common.checkpoints import Checkpoints
from training.common.cluster import Cluster
from training.common.container import Container
from training.common.interruption import Interruption
from training.common.manifest import Manifest
from training.common.metrics import history
from training.common.training_job import Job
from training.digits_cnn.algorithm import Settings

pytestmark = pytest.mark.tensorflow

SPLITS = ("train", "validation")
CHANGES = {"epochs": "2", "batch_size": "64", "precision": "float32", "checkpoint_seconds": "0"}


def run_of(base: Path, changes: dict[str, str], interruption: Interruption):
    from training.digits_cnn.run import DigitsRun

    folders = {split: prepared() / split for split in SPLITS}
    manifests = {split: Manifest.read(folder) for split, folder in folders.items()}
    settings = Settings.parse(received("digits_cnn", **changes))
    return DigitsRun(Job(Container(base), settings, folders, manifests, interruption, Cluster()))


def test_a_resumed_run_has_one_whole_history(tmp_path: Path) -> None:
    assert not run_of(tmp_path, CHANGES, AfterChunks(2)).train()
    assert run_of(tmp_path, CHANGES, AfterChunks(float("inf"))).train()
    curves = history.as_json()
    steps = [step for step, _ in curves["train:loss"]]
    [[start, _]] = curves[RESUMED]
    assert steps == sorted(set(steps))
    assert steps[0] < start < steps[-1] == 68
    assert [step for step, _ in curves["validation:loss"]] == [34, 68]


def test_another_precision_goes_on_from_the_same_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not run_of(tmp_path, CHANGES, AfterChunks(1)).train()
    other = CHANGES | {"precision": "bfloat16"}
    assert not run_of(tmp_path, other, AfterChunks(0)).train()
    log = capsys.readouterr().out
    assert "training from step 8 to 68" in log
    (position,) = [found for line in log.splitlines() if (found := progress_in(line)) and found.resumed]
    assert (position.done, position.total, position.epoch, position.epochs, position.resumed) == (8, 68, 1, 2, 8)
    assert "train:loss" in position.metrics


def test_another_run_s_checkpoint_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not run_of(tmp_path, CHANGES, AfterChunks(1)).train()
    assert not run_of(tmp_path, CHANGES | {"seed": "7"}, AfterChunks(0)).train()
    log = capsys.readouterr().out
    assert "checkpoint step-0000000008 is not used: it was made with another seed" in log
    assert log.count("training from step 0 to 68") == 2


def test_a_checkpoint_of_another_network_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import tensorflow as tf

    Checkpoints(tmp_path, {"model": [tf.Variable([1.0, 2.0])]}, {"seed": 0}).save(8)
    assert Checkpoints(tmp_path, {"model": [tf.Variable([0.0, 0.0])]}, {"seed": 0}).restore() == 8
    assert Checkpoints(tmp_path, {"model": [tf.Variable([0.0] * 3)]}, {"seed": 0}).restore() == 0
    assert "is not used: it was made with another network" in capsys.readouterr().out


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (lambda folder: damage(folder / "state.data-00000-of-00001"), "its file state.data-00000-of-00001 is"),
    "half uploaded": (lambda folder: (folder / "state.index").unlink(), "it is incomplete (FileNotFoundError"),
    "no record": (lambda folder: (folder / "checkpoint.json").unlink(), "it is incomplete (FileNotFoundError"),
    "bad record": (lambda folder: (folder / "checkpoint.json").write_text("{"), "it is incomplete (JSONDecodeError"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import tensorflow as tf

    variable = tf.Variable(0.0)
    checkpoints = Checkpoints(tmp_path, {"model": [variable]}, {"seed": 1})
    for step in (10, 20, 30):
        variable.assign(step)
        checkpoints.save(step)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-0000000020", "step-0000000030"]
    change, problem = DAMAGED[case]
    change(tmp_path / "step-0000000030")
    assert checkpoints.restore() == 20
    assert float(variable) == 20
    assert f"checkpoint step-0000000030 is not used: {problem}" in capsys.readouterr().out


def test_nothing_to_restore_is_step_0(tmp_path: Path) -> None:
    import tensorflow as tf

    (tmp_path / "step-0000000009").mkdir()
    assert Checkpoints(tmp_path, {"model": [tf.Variable(1.0)]}, {}).restore() == 0


def test_a_checkpoint_that_was_cut_off_takes_no_place_of_a_usable_one(tmp_path: Path) -> None:
    """A spot instance is killed while it writes. The next job resumes before that step, and saves more often."""
    import tensorflow as tf

    variable = tf.Variable(0.0)
    checkpoints = Checkpoints(tmp_path, {"model": [variable]}, {"seed": 1})
    for step in (10, 20, 30, 40):
        variable.assign(step)
        checkpoints.save(step)
    for step in (30, 40):
        (tmp_path / f"step-{step:010d}" / "checkpoint.json").unlink()
    assert checkpoints.restore() == 0
    checkpoints.save(15)
    assert checkpoints.restore() == 15
    checkpoints.save(18)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-0000000015", "step-0000000018"]


def test_a_kill_at_any_moment_of_a_save_leaves_a_usable_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 has no rename, so what a reader trusts must not come by one: the record is the last file."""
    import tensorflow as tf

    variable = tf.Variable(1.0)
    checkpoints = Checkpoints(tmp_path, {"model": [variable]}, {"seed": 1})
    checkpoints.save(10)
    variable.assign(2.0)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.common.checkpoints.os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(20)
    written = {path.name for path in (tmp_path / "step-0000000020").iterdir()}
    assert "checkpoint.json" not in written
    assert any(name.startswith("state.data") for name in written), "the values are there, the record is not"
    assert checkpoints.restore() == 10
    assert float(variable) == 1.0


def test_jobs_share_checkpoints_unless_each_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute candidates share them; the trials of a search must not."""
    container = Container(tmp_path)
    monkeypatch.setenv("TRAINING_JOB_NAME", "search-001")
    assert container.checkpoints == tmp_path / "checkpoints"
    monkeypatch.setenv("CHECKPOINTS_OF", "job")
    assert container.checkpoints == tmp_path / "checkpoints" / "search-001"
    monkeypatch.setenv("TRAINING_JOB_NAME", "search-002")
    assert container.checkpoints == tmp_path / "checkpoints" / "search-002"
