"""Imports point one way: models/*.toml -> specs -> stacks -> cdk.out, and shipped code knows only its container."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SANDBOX = ROOT / "sandbox" / "src" / "sandbox"
OURS = {"specs", "stacks", "training", "inference", "tracking", "operations", "sandbox", "demo", "benchmarks", "tests"}
ALLOWED_OURS = {
    "specs": set(),
    "stacks": {"specs"},
    "training": set(),
    "inference": set(),
    "tracking": set(),
    "operations": {"specs", "training"},
    "sandbox": set(),
    "demo": {"specs", "operations"},
}
# What `operations` may use of the job code: the pages' look, which needs the standard library only.
SHARED_PAGES = ("training.common.report", "training.common.metrics")
FORBIDDEN = {
    "specs": {"aws_cdk", "boto3", "tensorflow", "keras"},
    "stacks": {"boto3", "tensorflow", "keras", "sagemaker", "ministack"},
    "training": {"aws_cdk", "ministack", "sagemaker"},
    "inference": {"aws_cdk", "boto3", "tensorflow", "keras", "ministack", "sagemaker"},
    "tracking": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker", "mlflow"},
    "operations": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker"},
    "sandbox": {"aws_cdk", "sagemaker"},
    "demo": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker"},
}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def folder(package: str) -> Path:
    """Where the code of a package lies."""
    return SANDBOX if package == "sandbox" else ROOT / package


@pytest.mark.parametrize("package", sorted(ALLOWED_OURS))
def test_package_imports_only_what_lies_below_it(package: str) -> None:
    files = sorted(folder(package).rglob("*.py"))
    assert files, f"{package}/ holds no code: the boundary would be tested on nothing"
    banned = (OURS - ALLOWED_OURS[package] - {package}) | FORBIDDEN[package]
    found = {str(file.relative_to(ROOT)): imported(file) & banned for file in files}
    assert {name: sorted(names) for name, names in found.items() if names} == {}


def test_one_file_of_the_training_code_calls_aws() -> None:
    """Jobs get files and give files; the one call is for the key of data that was encrypted before it was uploaded."""
    callers = [file for file in (ROOT / "training").rglob("*.py") if imported(file) & {"boto3", "botocore"}]
    assert [str(file.relative_to(ROOT)) for file in callers] == ["training/common/encrypted.py"]


def test_operations_know_of_training_only_how_pages_look() -> None:
    lines = [
        line.split()[1]
        for file in sorted((ROOT / "operations").rglob("*.py"))
        for line in file.read_text().splitlines()
        if line.lstrip().startswith(("from training", "import training"))
    ]
    assert lines
    assert [name for name in lines if not name.startswith(SHARED_PAGES)] == []


def test_the_pages_operations_draw_need_the_standard_library_only() -> None:
    script = "import sys, operations.comparison_page; print(*{'numpy', 'PIL', 'tensorflow'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""


def test_ministack_is_known_to_one_package() -> None:
    users = [file for file in sorted(SANDBOX.rglob("*.py")) if "ministack" in imported(file)]
    assert users
    assert [str(file) for file in users if not file.is_relative_to(SANDBOX / "corrections")] == []
