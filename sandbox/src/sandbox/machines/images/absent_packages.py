"""The error for an import that only AWS's image can satisfy.

It runs in the Python of a job or a handler, after all finders of Python's own, and knows the standard library only.
"""

from __future__ import annotations

import functools
import pathlib
import sys

TABLE = "absent_packages.txt"
_IMPORTING = "_find_and_load_unlocked"
"""The function of importlib that looks for a module in order to load it (importlib/_bootstrap.py)."""


class AbsentPackages:
    """The last finder.

    Whoever only asks whether a module exists (importlib.util.find_spec) is told that it does not.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise ModuleNotFoundError with the cure for an absent module."""
        asked = sys._getframe(1).f_back
        if asked is None or asked.f_code.co_name != _IMPORTING:
            return
        for module, sentence in _sentences().items():
            if f"{module}.".startswith(f"{name}."):  # the module itself, or the namespace that it is in
                raise ModuleNotFoundError(f"No module named '{name}': {sentence}", name=name)


@functools.cache
def _sentences() -> dict[str, str]:
    """The sentence of each absent module."""
    lines = (pathlib.Path(__file__).parent / TABLE).read_text().splitlines()
    return {module: sentence for module, _, sentence in (line.partition(" ") for line in lines)}


def install() -> None:
    """Become the last finder of this process."""
    if AbsentPackages not in sys.meta_path:
        sys.meta_path.append(AbsentPackages)
