"""The archive that jobs run: what it holds, and that nothing else decides its bytes."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from stacks.constructs.archives.code_archive import pack

ROOT = Path(__file__).resolve().parents[2]


def checkout(root: Path) -> Path:
    """A checkout with two models, where only `one` is packed."""
    for name in (
        "pages/page.py",
        "training/__init__.py",
        "training/common/files.py",
        "training/one/__init__.py",
        "training/one/train.py",
        "training/two/train.py",
        "inference/one.py",
        "inference/two.py",
        "inference/serving.py",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return root


def entries(archive: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return tar.getmembers()


def test_it_holds_the_model_s_own_code_and_what_all_share(tmp_path) -> None:
    assert [entry.name for entry in entries(pack(checkout(tmp_path), "one"))] == [
        "training/__init__.py",
        "inference/one.py",
        "inference/serving.py",
        "pages/page.py",
        "training/common/files.py",
        "training/one/__init__.py",
        "training/one/train.py",
        "train.py",
    ]


def test_the_real_one_starts_every_step() -> None:
    names = {entry.name for entry in entries(pack(ROOT, "digits_cnn"))}
    steps = {f"training/digits_cnn/{step}.py" for step in ("prepare", "train", "evaluate")}
    assert {
        "training/__init__.py",
        "pages/page.py",
        "pages/page.css",
        "inference/digits_cnn.py",
        "inference/serving.py",
        *steps,
    } <= names
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_file_at_the_top_starts_the_training(tmp_path) -> None:
    """As script mode runs it: by its name, in the folder where the archive was unpacked, with arguments."""
    started = "import sys; print(__name__, sys.argv[1:])"
    root = checkout(tmp_path / "checkout")
    shutil.copytree(ROOT / "training" / "common", root / "training" / "common", dirs_exist_ok=True)
    (root / "training" / "one" / "train.py").write_text(started)
    with tarfile.open(fileobj=io.BytesIO(pack(root, "one")), mode="r:gz") as tar:
        tar.extractall(tmp_path / "code")
    command = [sys.executable, "train.py", "--epochs", "1"]
    environment = os.environ | {"SAGEMAKER_BASE_DIR": str(tmp_path / "ml")}
    ran = subprocess.run(command, cwd=tmp_path / "code", env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "__main__ ['--epochs', '1']\n"), ran.stderr


def test_bytes_depend_on_contents_only(tmp_path) -> None:
    first, second = checkout(tmp_path / "a"), checkout(tmp_path / "b")
    changed = second / "training" / "one" / "train.py"
    os.utime(changed, (1, 1))
    changed.chmod(0o700)
    (second / "training" / "one" / "__pycache__").mkdir()
    (second / "training" / "one" / "__pycache__" / "train.pyc").write_bytes(b"compiled")
    (second / "training" / "two" / "train.py").write_text("# another model\n")
    (second / "inference" / "two.py").write_text("# its handler\n")
    assert pack(first, "one") == pack(second, "one")
    changed.write_text("# changed\n")
    assert pack(first, "one") != pack(second, "one")


def test_entries_tell_nothing_of_the_machine(tmp_path) -> None:
    for entry in entries(pack(checkout(tmp_path), "one")):
        assert (entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.mode) == (0, 0, 0, "", "", 0o644)


@pytest.mark.parametrize("path", ["pages", "training/one", "inference/one.py", "inference/serving.py"])
def test_package_without_its_code_is_refused(tmp_path, path: str) -> None:
    root = checkout(tmp_path)
    (root / path).rename(root / "elsewhere")
    with pytest.raises(FileNotFoundError, match=f"{path} does not exist: the code of package 'one' is shipped from"):
        pack(root, "one")
