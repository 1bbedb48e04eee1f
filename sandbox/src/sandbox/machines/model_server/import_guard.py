"""The import guard, which hides packages that AWS's inference image lacks from handlers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

ABSENT = frozenset({"tensorflow", "keras", "sagemaker", "mlflow", "aws_cdk", "ministack"})
"""Top-level packages of the project's environment that the image lacks (its pyproject.toml, 2.20/cpu)."""


class AbsentPackages(MetaPathFinder):
    """A finder that raises for absent packages, as an interpreter without them does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named '{fullname}'", name=fullname)
        return None


def enter_container(code_paths: list[str], hidden_path: str) -> None:
    """Make imports behave as in the image: the code first, without this project's packages."""
    kept = [path for path in sys.path if path not in ("", hidden_path)]
    sys.path[:] = [*code_paths, *kept]
    sys.meta_path.insert(0, AbsentPackages())
