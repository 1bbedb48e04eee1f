"""Training on several hosts: processes with SageMaker's files, each on its own loopback address."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path

import numpy as np
import pytest
from digits_lab import prepared
from resume_lab import NONE, SECONDS, TWO_REPLICAS, Subject, Trace, assert_same, run_job, start, trace_of, undisturbed

pytestmark = pytest.mark.tensorflow

# With dropout, which the declared model does without: its masks must not depend on hosts either. At the declared
# learning rate, last bits alone grew to 0.006 in four steps.
CHANGES = {"dropout": "0.3", "peak_learning_rate": "0.01", "precision": "float32", "checkpoint_seconds": "0"}
SUBJECT = Subject("digits_cnn", {"epochs": "0.18", "batch_size": "100"} | CHANGES, prepared)
# Four steps of an epoch of 22. Sums in another order differ in their last bits, which Muon and Adam amplify: 0.0003 was
# measured, as root mean square of a tensor's difference.
TOLERANCE = 0.0005
LOST = "Another host of this job is lost: it ended, or cannot be reached."


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return undisturbed(SUBJECT, tmp_path_factory.mktemp("one"))


class Hosts:
    """The folders of a job's hosts, which start with the same checkpoints, as on SageMaker."""

    def __init__(self, root: Path, count: int) -> None:
        self.names = [f"127.77.5.{number + 1}" for number in range(count)]
        self.bases = [root / name for name in self.names]

    def run(self, kill: str = NONE, at: int = -1) -> list[int]:
        """Run all hosts, the last with the signal; return their exit statuses, the chief's first."""
        job = uuid.uuid4().hex
        for name, base in zip(self.names, self.bases, strict=True):
            base.mkdir(exist_ok=True)
            SUBJECT.job(base, self.names, name)
        last = len(self.bases) - 1
        processes = [
            start(SUBJECT, base, kill if number == last else "SIGCONT", at, job)
            for number, base in enumerate(self.bases)
        ]
        try:
            return [process.wait(SECONDS) for process in processes]
        except subprocess.TimeoutExpired as error:
            raise AssertionError("\n\n".join((base / "log").read_text()[-3000:] for base in self.bases)) from error
        finally:
            for process in processes:
                process.kill()
                process.wait()

    def traces(self) -> list[Trace]:
        return [trace_of(base) for base in self.bases]

    def joint(self) -> Trace:
        """The joined parts of each batch, and the chief's state."""
        traces = self.traces()
        places = traces[0].seen
        seen = {place: [digest for trace in traces for digest in trace.seen[place]] for place in places}
        return Trace(seen, traces[0].state, traces[0].started, traces[0].finished)


def test_stopped_on_two_hosts_resumed_on_four_ends_as_on_one(expected: Trace, tmp_path: Path) -> None:
    two, four = Hosts(tmp_path / "two", 2), Hosts(tmp_path / "four", 4)
    for hosts in (two, four):
        hosts.bases[0].parent.mkdir()
    assert two.run("SIGTERM", 1) == [0, 0]
    assert [trace.finished for trace in two.traces()] == [False, False]
    assert [len(trace.seen) for trace in two.traces()] == [2, 2]  # the chief, which got no signal, stopped there too
    assert not (two.bases[1] / "checkpoints").exists()
    assert "metric" not in (two.bases[1] / "log").read_text()
    for base in four.bases:
        base.mkdir()
        (base / "checkpoints").symlink_to(two.bases[0] / "checkpoints")
    assert four.run() == [0] * 4
    joint = four.joint()
    assert joint.started == 2
    assert_same(expected, Trace(two.joint().seen | joint.seen, joint.state), TOLERANCE)
    for trace in four.traces()[1:]:
        for part, values in joint.state.items():
            for here, there in zip(values, trace.state[part], strict=True):
                np.testing.assert_array_equal(there, here, err_msg=part)


def test_a_lost_host_ends_the_others_and_the_next_job_goes_on(expected: Trace, tmp_path: Path) -> None:
    hosts = Hosts(tmp_path, 2)
    assert hosts.run("SIGKILL", 2) == [1, -9]
    reason = (hosts.bases[0] / "output" / "failure").read_text()
    assert reason.startswith(LOST)
    assert reason.endswith("the next job resumes from the checkpoint step-0000000002.")
    SUBJECT.job(hosts.bases[0])  # as one host
    after = run_job(SUBJECT.package, hosts.bases[0])
    assert (after.started, after.finished) == (2, True)
    assert_same(expected, after, TOLERANCE)


def test_several_devices_of_one_host_train_as_one(expected: Trace, tmp_path: Path) -> None:
    with start(SUBJECT, SUBJECT.job(tmp_path), TWO_REPLICAS) as process:
        assert process.wait(SECONDS) == 0, (tmp_path / "log").read_text()
    found = trace_of(tmp_path)
    assert len(found.seen) == 4
    assert_same(expected, found, TOLERANCE)
