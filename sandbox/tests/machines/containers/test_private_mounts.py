"""A program with files and folders of its own in the place of the machine's."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from sandbox.machines.containers.private_mounts import can_mount_over, with_mounts

ROOT = "/opt/ml"

pytestmark = pytest.mark.skipif(not can_mount_over(ROOT), reason="this machine permits no mount namespaces")


def run(script: str, mounts: dict[str, pathlib.Path], folder: pathlib.Path) -> str:
    command = with_mounts(["sh", "-c", script], mounts)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_a_folder_and_a_file_are_the_programs_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "names").write_text("127.0.0.9 mine\n")
    mounts = {ROOT: tmp_path, "/etc/hosts": tmp_path / "names"}
    assert run("touch /opt/ml/made; cat /etc/hosts", mounts, tmp_path) == "127.0.0.9 mine"
    assert (tmp_path / "made").exists()
    assert "mine" not in pathlib.Path("/etc/hosts").read_text()


def test_the_neighbours_of_the_place_stay(tmp_path: pathlib.Path) -> None:
    """A place that the machine does not have needs another folder around it."""
    there = set(os.listdir("/opt")) if os.path.isdir("/opt") else set()
    assert set(run("ls /opt", {ROOT: tmp_path}, tmp_path).splitlines()) == there | {"ml"}
    assert not there or set(os.listdir("/opt")) == there


def test_a_program_in_the_source_is_at_the_place(tmp_path: pathlib.Path) -> None:
    assert run("pwd", {ROOT: tmp_path}, tmp_path) == ROOT


def test_a_missing_command_is_one_sentence(tmp_path: pathlib.Path) -> None:
    tried = subprocess.run(with_mounts(["no-such"], {ROOT: tmp_path}), capture_output=True, text=True, check=False)
    assert (tried.returncode, tried.stdout) == (127, "no-such: No such file or directory\n")


def test_without_mounts_the_command_is_itself() -> None:
    assert with_mounts(["python3", "main.py"], {}) == ["python3", "main.py"]


def test_a_place_that_cannot_be() -> None:
    assert not can_mount_over("/no/such/place")
