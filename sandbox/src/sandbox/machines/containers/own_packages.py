"""The Python of one job: the Python of all jobs, and a place for what this job installs.

A container ends with its job, and what pip put into it ends as well. Here `python3` and `pip` are a virtual environment
of the job's own (Python, "venv"): it sees the packages of all jobs, and changes none of them.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

_ASKED = (
    "import json, os, site, sys; base = os.path.realpath(getattr(sys, '_base_executable', sys.executable)); "
    "print(json.dumps([base, site.getsitepackages(), 'python%d.%d' % sys.version_info[:2]]))"
)
_PIP = "import sys; from pip._internal.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class _Python:
    """An interpreter behind any virtual environment, the folders of its packages, and its name."""

    executable: str
    packages: list[str]
    name: str


def python_of_jobs() -> pathlib.Path:
    """The Python that SANDBOX_JOB_PYTHON names, or the sandbox's own."""
    return pathlib.Path(os.environ.get("SANDBOX_JOB_PYTHON") or sys.executable)


def search_path() -> str:
    """The PATH of all jobs, after the programs of their own environment."""
    return f"{python_of_jobs().parent}:/usr/local/bin:/usr/bin:/bin"


def programs_of(folder: pathlib.Path) -> pathlib.Path:
    """The folder of a virtual environment's programs."""
    return folder / "bin"


def make_environment(folder: pathlib.Path) -> None:
    """Make the virtual environment in an empty folder."""
    python = _python(python_of_jobs())
    programs, packages = programs_of(folder), folder / "lib" / python.name / "site-packages"
    programs.mkdir(parents=True)
    packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {pathlib.Path(python.executable).parent}\n")
    lines = [f"import site; site.addsitedir({path!r})\n" for path in python.packages]
    (packages / "packages_of_all_jobs.pth").write_text("".join(lines))
    for name in ("python3", "python"):
        (programs / name).symlink_to(python.executable)
    for name in ("pip3", "pip"):
        (programs / name).write_text(f"#!{programs / 'python3'}\n{_PIP}\n")
        (programs / name).chmod(0o755)


@functools.cache
def _python(path: pathlib.Path) -> _Python:
    told = subprocess.run([path, "-c", _ASKED], capture_output=True, text=True, check=True)
    return _Python(*json.loads(told.stdout))
