"""Training job: the channels `train` and `validation` become a SavedModel and its inference code.

`python3 -m training.digits_cnn.train`: 99.06 to 99.18 % of the test images with seeds 0 to 2 (benchmarks/README.md).
"""

from __future__ import annotations

from training.common import failure
from training.common.archive import copy_inference_code
from training.common.container import Container
from training.common.interruption import Interruption
from training.common.manifest import Manifest
from training.digits_cnn.settings import CLASSES, SCHEMA, Settings


def main(container: Container) -> None:
    """Train, or go on from a checkpoint, and export. Returns early when SIGTERM came."""
    interruption = Interruption.watch()
    settings = Settings.parse(container.hyperparameters())
    container.require_one_instance()
    folders = {split: container.channel(split) for split in ("train", "validation")}
    manifests = {split: Manifest.read(folder) for split, folder in folders.items()}
    for manifest in manifests.values():
        manifest.require(SCHEMA, CLASSES)
    print(", ".join(f"{split}: {manifest.records} records" for split, manifest in manifests.items()), flush=True)
    print("importing TensorFlow", flush=True)

    from training.digits_cnn.run import Run  # the faults above are told without waiting for TensorFlow

    run = Run(container, settings, folders, manifests, interruption)
    if not run.train():
        print("SIGTERM: the checkpoint is saved, the job ends here without a model", flush=True)
        return
    run.export(container.model / "1")
    copy_inference_code("digits_cnn", container.model)
    print(f"model written to {container.model}", flush=True)


if __name__ == "__main__":
    failure.run(main)
