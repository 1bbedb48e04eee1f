"""The training job of every model: container files in, a SavedModel with inference code out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.common.algorithm import Algorithm
from training.common.archive import copy_inference_code
from training.common.cluster import Cluster
from training.common.container import Container
from training.common.interruption import Interruption
from training.common.manifest import Manifest
from training.common.metrics import history
from training.common.tensorflow_start import import_tensorflow

SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Job:
    """A training job's checked input. `folders` and `manifests` have the keys `train` and `validation`."""

    container: Container
    settings: Any
    folders: dict[str, Path]
    manifests: dict[str, Manifest]
    interruption: Interruption
    cluster: Cluster


class Run(Protocol):
    """A model in training."""

    def train(self) -> bool:
        """Train from the newest usable checkpoint to the end; return False after a SIGTERM."""

    def export(self, folder: Path) -> None:
        """Write the SavedModel; the folder's name is the version that the serving container reads."""


def train(
    container: Container,
    package: str,
    algorithm: Algorithm,
    check_manifest: Callable[[Manifest], None],
    open_run: Callable[[Job], Run],
) -> None:
    """Train, or resume from a checkpoint, and let the chief export. Returns early after a SIGTERM.

    `package` is the model's folder in training/, and its module in inference/. `open_run` imports the modules that
    need TensorFlow, so that errors of the input are reported without waiting for it. Raises JobError, for the input and
    for a metric that `algorithm` does not declare.
    """
    interruption = Interruption.watch()
    settings = algorithm.hyperparameters.parse(container.hyperparameters())
    folders = {split: container.channel(split) for split in SPLITS}
    manifests = {split: Manifest.read(folder) for split, folder in folders.items()}
    for manifest in manifests.values():
        check_manifest(manifest)
    cluster = Cluster.read(container)
    print(", ".join(f"{split}: {manifest.records} records" for split, manifest in manifests.items()), flush=True)
    import_tensorflow()
    with interruption.kept():
        run = open_run(Job(container, settings, folders, manifests, interruption, cluster))
    with history.declared(algorithm.training_metrics):
        finished = run.train()
    if not finished:
        print("SIGTERM: the checkpoint is saved, the job ends here without a model", flush=True)
    elif cluster.is_chief:
        run.export(container.model / "1")
        copy_inference_code(package, container.model)
        history.write(container.output / "data")
        print(f"model written to {container.model}", flush=True)
