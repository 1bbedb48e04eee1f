"""Processing job: convert the IDX files of `raw` into the splits train, validation and test.

`python3 -m training.digits_gan.prepare` takes about 2 s for MNIST's 70,000 images, and imports no TensorFlow.
"""

from __future__ import annotations

from training.common import failure
from training.common.container import Container
from training.common.idx_splits import prepare
from training.digits_gan.algorithm import DATA


def main(container: Container) -> None:
    """Convert the files. Raises JobError."""
    prepare(DATA, container)


if __name__ == "__main__":
    failure.run(main)
