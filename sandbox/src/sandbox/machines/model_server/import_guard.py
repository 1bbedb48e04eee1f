"""Keeps out of the handlers' reach what this environment holds and AWS's inference image does not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

ABSENT = frozenset({"tensorflow", "keras", "sagemaker", "mlflow", "aws_cdk", "ministack"})
"""Top-level packages of the project's environment that the image lacks (its pyproject.toml, 2.20/cpu)."""


class AbsentPackages(MetaPathFinder):
    """Finds none of the absent packages, in the words of an interpreter that does not have them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named '{fullname}'", name=fullname)
        return None


def enter_container(code_paths: list[str], hidden_path: str) -> None:
    """Make imports of this process behave as in the image: its code first, this project's own packages not at all."""
    kept = [path for path in sys.path if path not in ("", hidden_path)]
    sys.path[:] = [*code_paths, *kept]
    sys.meta_path.insert(0, AbsentPackages())
