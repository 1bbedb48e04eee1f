"""Training job: train on the channels `train` and `validation`, write a SavedModel that draws digits.

`python3 -m training.digits_gan.train`
"""

from __future__ import annotations

from training.common import failure
from training.common.container import Container
from training.common.training_job import Job, Run, train
from training.digits_gan.algorithm import ALGORITHM, DATA


def main(container: Container) -> None:
    """Train on digits and export. Raises JobError."""
    train(container, "digits_gan", ALGORITHM, DATA.check_manifest, open_run)


def open_run(job: Job) -> Run:
    """The run of a job; imports TensorFlow."""
    from training.digits_gan.run import GanRun

    return GanRun(job)


if __name__ == "__main__":
    failure.run(main)
