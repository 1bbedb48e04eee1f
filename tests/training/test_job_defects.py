"""Programs of a model team that end badly, as a job runs them: the reason that SageMaker reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from training.common.job import KILLED

ROOT = Path(__file__).resolve().parents[2]
LONG = "ü" * 3000
PLACE = "training/own/train.py, line"

# The program (its first line is line 1), and the beginning of the reason.
CASES = {
    "a name that does not exist": ("def f():\n    return width\n\n\nf()\n", f"NameError in {PLACE} 2: name 'width' is"),
    "at its first line": ("width\n", f"NameError in {PLACE} 1: name 'width' is not defined"),
    "not Python": ("a = 1\nb = = 2\n", f"SyntaxError in {PLACE} 2: invalid syntax"),
    "a package that is not there": ("import absent\n", f"ModuleNotFoundError in {PLACE} 1: No module named 'absent'"),
    "deep in the shared code": (
        "from pathlib import Path\nfrom training.common.checksum import *\n\n\nchecksum_sha256(Path('absent'))\n",
        f"FileNotFoundError in {PLACE} 5: [Errno 2] No such file or directory: 'absent'",
    ),
    "in a library": ("import json\n\njson.loads('{')\n", f"JSONDecodeError in {PLACE} 3: Expecting property name"),
    "an error without words": ("raise ValueError\n", f"ValueError in {PLACE} 1"),
    "our sentence": (
        "from training.common.errors import JobError\n\nraise JobError('No data.\\nNone.')\n",
        "No data. None.",
    ),
    "an exit with words": ("raise SystemExit('There is no data.')\n", "There is no data."),
    "an exit without words": ("raise SystemExit(3)\n", KILLED),
    "a kill": ("import os\n\nos.kill(os.getpid(), 9)\n", KILLED),
    "a crash": ("import os\n\nos.abort()\n", KILLED),
    "3,000 characters": ("raise ValueError('x' * 3000)\n", f"ValueError in {PLACE} 1: xxx"),
    "3,000 characters of two bytes": (f"raise ValueError('{LONG}')\n", f"ValueError in {PLACE} 1: üüü"),
    "half a character": ("raise ValueError('\\ud83d gone')\n", f"ValueError in {PLACE} 1: ? gone"),
    "colours of a terminal": ("raise ValueError('\\x1b[1mBold\\x1b[0m')\n", f"ValueError in {PLACE} 1: Bold"),
}


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a job, with its files below `folder`/ml."""
    code = folder / "code"
    shutil.copytree(ROOT / "training" / "common", code / "training" / "common")
    (code / "training" / "own").mkdir()
    (code / "training" / "own" / "train.py").write_text(program)
    command = [sys.executable, "-m", "training.common.job", "training.own.train"]
    environment = os.environ | {"SAGEMAKER_BASE_DIR": str(folder / "ml"), "PYTHONPATH": ""}
    return subprocess.run(command, env=environment, cwd=code, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("case", CASES)
def test_the_reason_of_a_program_that_ends_badly(case: str, tmp_path: Path) -> None:
    program, reason = CASES[case]
    assert run(tmp_path, program).returncode != 0
    failure = (tmp_path / "ml" / "output" / "failure").read_text(encoding="utf-8")
    assert failure.startswith(reason), failure
    assert len(failure) <= 900
    assert len(failure.encode()) <= 1024
    assert failure.endswith("(the log has all of it)") == case.startswith("3,000")
    assert (tmp_path / "ml" / "output" / "message").read_text(encoding="utf-8") == failure


@pytest.mark.parametrize("program", ["print('done')\n", "raise SystemExit(0)\n", "raise SystemExit\n"])
def test_a_program_that_ends_well_leaves_no_reason(program: str, tmp_path: Path) -> None:
    assert run(tmp_path, program).returncode == 0
    assert list((tmp_path / "ml" / "output").iterdir()) == []


def test_the_message_of_a_program_that_ends_well_stays(tmp_path: Path) -> None:
    """An evaluation writes the checksums of its files there (training/common/evaluation_job.py)."""
    program = (
        "import os, pathlib\n\npathlib.Path(os.environ['SAGEMAKER_BASE_DIR'], 'output/message').write_text('{}')\n"
    )
    assert run(tmp_path, program).returncode == 0
    assert [(path.name, path.read_text()) for path in (tmp_path / "ml" / "output").iterdir()] == [("message", "{}")]


def test_the_program_is_the_main_module_and_gets_no_name_of_ours(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys\n\nprint(__name__, sys.argv[1:], sys.modules['__main__'].__spec__.name)\n")
    assert ended.stdout == "__main__ [] training.own.train\n"
