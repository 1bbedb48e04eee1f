"""A briefly trained archive of digits-cnn, and its SavedModel as an MLflow model.

python -m benchmarks.digits_archive FOLDER     # writes FOLDER/model.tar.gz and FOLDER/mlflow
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

EPOCHS = 0.05  # the weights do not matter to the clock


def main() -> None:
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as job:
        model = train(Path(job))
        with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
            for path in sorted(model.iterdir()):
                tar.add(path, path.name)
        save_for_mlflow(model / "1", folder / "mlflow")


def train(base: Path) -> Path:
    """Run the training job; return the folder of its artifacts."""
    from benchmarks.training_jobs import lay_out, prepare_mnist
    from training.common.container import Container
    from training.digits_cnn import train as job

    lay_out(base, prepare_mnist(base / "data"), epochs=EPOCHS)
    job.main(Container(base))
    return base / "model"


def save_for_mlflow(saved_model: Path, folder: Path) -> None:
    from mlflow import pyfunc
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    signature = ModelSignature(inputs=Schema([TensorSpec(np.dtype(np.uint8), (-1, 28, 28))]))
    code = str(Path(__file__).with_name("mlflow_model.py"))
    pyfunc.save_model(folder, python_model=code, artifacts={"saved_model": str(saved_model)}, signature=signature)


if __name__ == "__main__":
    main()
