"""`pytest --snapshot-update` on a folder of its own: which snapshots it deletes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = Path(__file__).resolve().parent / "helpers"
TESTS = """
import pytest

@pytest.fixture(scope="module")
def specs():
    return "declared"

@pytest.mark.parametrize("sheet", ["one", "two"])
def test_sheet(specs, snapshot, sheet):
    assert f"{specs} {sheet}" == snapshot

def test_last(snapshot):
    assert "last" == snapshot
"""
TWO = 'parametrize("sheet", ["one", "two"])'
# The change of the tests, and further arguments of pytest.
DAMAGE: dict[str, tuple[tuple[str, str], tuple[str, ...]]] = {
    "an invalid declaration": (('return "declared"', 'raise ValueError("epocs")'), ()),
    "an invalid declaration, and one test only": (('return "declared"', 'raise ValueError("epocs")'), ("-k", "one")),
    "an error at collection": (("import pytest", "import pytest, absent"), ()),
    "an error at collection that is gone past": (
        ("import pytest", "import pytest, absent"),
        ("--continue-on-collection-errors",),
    ),
    "an interrupt": (('return "declared"', "raise KeyboardInterrupt"), ()),
    "a failure before the others": ((f"@pytest.mark.{TWO}", f"def test_a(): assert 0\n\n@pytest.mark.{TWO}"), ("-x",)),
}


def update(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "kept_snapshots", *arguments, "."]
    return subprocess.run(
        [*command, "--snapshot-update", "--rootdir", "."],
        cwd=folder,
        env={"PYTHONPATH": str(HELPERS), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def snapshots(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "__snapshots__").rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests with their snapshots, and a file that stays undamaged."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_sheets.py").write_text(TESTS)
    (tmp_path / "test_whole.py").write_text("def test_whole(snapshot):\n    assert 'whole' == snapshot\n")
    written = update(tmp_path)
    assert written.returncode == 0, written.stdout + written.stderr
    assert sorted(snapshots(tmp_path)) == ["test_sheets.ambr", "test_whole.ambr"]
    return tmp_path


@pytest.mark.parametrize("case", DAMAGE)
def test_nothing_is_deleted_unless_all_tests_passed(case: str, folder: Path) -> None:
    (old, new), arguments = DAMAGE[case]
    before = snapshots(folder)
    (folder / "test_sheets.py").write_text(TESTS.replace(old, new))
    damaged = update(folder, *arguments)
    assert damaged.returncode != 0
    assert "No snapshot was deleted: a test did not pass" in damaged.stdout
    assert snapshots(folder) == before


def test_what_no_test_asks_for_is_deleted(folder: Path) -> None:
    (folder / "test_sheets.py").write_text(TESTS.replace('["one", "two"]', '["one"]'))
    assert update(folder).returncode == 0
    assert "test_sheet[one]" in snapshots(folder)["test_sheets.ambr"]
    assert "test_sheet[two]" not in snapshots(folder)["test_sheets.ambr"]
