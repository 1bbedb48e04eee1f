"""A program that another Python than the checkout's runs ends with the line to type."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from outcome import ROOT

CURE = 'eval "$(.venv/bin/python -m sandbox env)"'


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with no package installed, as another one in front on the PATH is."""
    folder = tmp_path_factory.mktemp("other checkout")
    venv.create(folder / ".venv", with_pip=False, symlinks=True)
    return str(folder / ".venv" / "bin" / "python")


def run(python: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("program", [("-m", "operations", "status", "local"), ("app.py",), ("-m", "sandbox", "up")])
def test_a_python_without_our_packages_says_which_to_use(bare: str, program: tuple[str, ...]) -> None:
    ended = run(bare, *program)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert bare in ended.stderr
    assert ".venv/bin/python" in ended.stderr
    assert CURE in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_lost_module_of_ours_is_no_question_of_the_python(tmp_path: Path) -> None:
    for name in ("install", "specs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "__main__.py").write_bytes((ROOT / "operations" / "__main__.py").read_bytes())
    assert (
        "ModuleNotFoundError: No module named 'operations.cli'"
        in run(sys.executable, "-m", "operations", cwd=tmp_path).stderr
    )


@pytest.mark.parametrize("program", [("-m", "operations", "status", "local"), ("app.py",)])
def test_the_python_of_another_checkout_is_told(bare: str, program: tuple[str, ...]) -> None:
    other = Path(bare).parents[2]
    (other / "app.py").touch()
    (other / "specs").mkdir(exist_ok=True)
    if not os.path.lexists(ROOT / ".venv"):
        pytest.skip("this checkout has no .venv")
    ended = run(bare, *program)
    assert ended.stderr.startswith(f"This shell uses the Python of another checkout, {other}; this one is {ROOT}.")
    assert CURE in ended.stderr
