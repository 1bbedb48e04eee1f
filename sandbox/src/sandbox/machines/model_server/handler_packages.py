"""The packages that handlers see: those of AWS's inference image, and none of this server's own."""

from __future__ import annotations

import os
import pathlib
import site
import sys
import sysconfig
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

from sandbox.machines.images import folder
from sandbox.machines.images.installed import this_python
from sandbox.machines.images.tables import Table, table_of

IMAGE = "tensorflow-inference"
_FINDERS = (BuiltinImporter, FrozenImporter, PathFinder)


def enter_container(code_paths: list[str], python: pathlib.Path | None) -> None:
    """Make imports behave as in the image: the code first, then the image's packages.

    Whatever this process needs of other packages must be loaded before: it cannot be imported any more. `python` is the
    interpreter that handlers' own processes shall run.
    """
    table = table_of(IMAGE)
    assert table is not None
    packages = folder.packages(this_python(), table)
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder in _FINDERS]
    sys.path[:] = [*code_paths, *_standard_library()]
    for name in [name for name in sys.modules if not _is_of_the_image(name, table)]:
        del sys.modules[name]
    site.addsitedir(str(packages))
    os.environ["PYTHONPATH"] = os.pathsep.join(code_paths)
    if python is not None:
        sys.executable = str(python)


def _standard_library() -> list[str]:
    """The folders of Python's own modules."""
    own = sysconfig.get_path("stdlib")
    return [path for path in sys.path if path in (own, f"{own}/lib-dynload") or path.endswith(".zip")]


def _is_of_the_image(name: str, table: Table) -> bool:
    first = name.partition(".")[0]
    if first in sys.stdlib_module_names or first == "__main__":
        return True
    return any(
        module == name or f"{module}.".startswith(f"{name}.") or name.startswith(f"{module}.")
        for module in table.modules()
    )
