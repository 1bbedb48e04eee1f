"""The Python of one job: the packages of its image, and a place for what this job installs.

A container ends with its job, and what pip put into it ends as well. Here `python3` and `pip` are a virtual environment
of the job's own (Python, "venv"): it sees the packages of the image, and changes none of them. They are those that the
Python of all jobs has installed and that AWS's image holds (images/); for an image of which nothing is known, all.
"""

from __future__ import annotations

import functools
import os
import pathlib

from sandbox.machines.images import folder as images
from sandbox.machines.images.installed import Python, this_python
from sandbox.machines.images.tables import table_of

_PIP = "import sys; from pip._internal.cli.main import main; sys.exit(main())"
_OF_THE_MACHINE = "/usr/local/bin:/usr/bin:/bin"


@functools.cache
def python_of_jobs() -> Python:
    """The Python that SANDBOX_JOB_PYTHON names, or the sandbox's own."""
    named = os.environ.get("SANDBOX_JOB_PYTHON")
    return Python.ask(pathlib.Path(named)) if named else this_python()


def programs_for(image: str) -> pathlib.Path:
    """The folder of the programs of an image's packages."""
    python, table = python_of_jobs(), table_of(image)
    return pathlib.Path(python.executable).parent if table is None else images.programs(python, table)


def search_path(folder: pathlib.Path) -> str:
    """The PATH of a job, by the folder of its environment."""
    return f"{_programs(folder)}:{_programs_of_image(folder)}:{_OF_THE_MACHINE}"


def make_environment(folder: pathlib.Path, image: str) -> None:
    """Make the virtual environment of a job of this image in an empty folder."""
    python, table = python_of_jobs(), table_of(image)
    seen = python.packages if table is None else (str(images.packages(python, table)),)
    programs, packages = _programs(folder), folder / "lib" / python.name / "site-packages"
    programs.mkdir(parents=True)
    packages.mkdir(parents=True)
    _programs_of_image(folder).symlink_to(programs_for(image))
    home = pathlib.Path(python.base).parent
    (folder / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    lines = [f"import site; site.addsitedir({path!r})\n" for path in seen]
    (packages / "packages_of_the_image.pth").write_text("".join(lines))
    for name in ("python3", "python"):
        (programs / name).symlink_to(python.base)
    for name in ("pip3", "pip"):
        (programs / name).write_text(f"#!{programs / 'python3'}\n{_PIP}\n")
        (programs / name).chmod(0o755)


def _programs(folder: pathlib.Path) -> pathlib.Path:
    return folder / "bin"


def _programs_of_image(folder: pathlib.Path) -> pathlib.Path:
    return folder / "bin-of-the-image"
