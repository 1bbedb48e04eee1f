"""The reader of training/PACKAGE/algorithm.py, the declaration beside a model's code.

The file is run; it needs the standard library only.
"""

from __future__ import annotations

import runpy
import traceback
from pathlib import Path

from training.common.algorithm import Algorithm
from training.common.hyperparameters import Table, refusal, table

__all__ = ["AlgorithmUnreadable", "Table", "read_algorithm", "read_hyperparameters", "refusal"]


class AlgorithmUnreadable(Exception):
    """When an algorithm.py cannot be run, or declares no algorithm.

    `write` says what to write instead.
    """

    def __init__(self, message: str, write: str) -> None:
        self.write = write
        super().__init__(message)


def read_algorithm(root: Path, package: str) -> Algorithm:
    """Read the declaration of a package of training/. Raises AlgorithmUnreadable."""
    file = f"training/{package}/algorithm.py"
    try:
        algorithm = runpy.run_path(str(root / file)).get("ALGORITHM")
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(file)]
        place = f"{file}, line {lines[-1]}" if lines else file
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        lacks = isinstance(error, ImportError)
        what = "imports the standard library and training.common only" if lacks else "runs without this error"
        raise AlgorithmUnreadable(f"{place} cannot be run: {reason}", f"an algorithm.py that {what}") from None
    if not isinstance(algorithm, Algorithm):
        raise AlgorithmUnreadable(f"{file} declares no ALGORITHM = Algorithm(…)", "ALGORITHM = Algorithm(…)")
    return algorithm


def read_hyperparameters(root: Path, package: str) -> Table:
    """Read the type and range of each hyperparameter of a package. Raises AlgorithmUnreadable."""
    return table(read_algorithm(root, package).hyperparameters)
