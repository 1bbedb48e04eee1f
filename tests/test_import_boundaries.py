"""Imports point one way: models/*.toml -> specs -> stacks -> cdk.out, and shipped code knows only its container."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import sandbox.access
from import_graph import circles, graph, modules

ROOT = Path(__file__).resolve().parents[1]
SANDBOX = ROOT / "sandbox" / "src" / "sandbox"
OURS = {
    "specs",
    "stacks",
    "pages",
    "training",
    "inference",
    "tracking",
    "operations",
    "sandbox",
    "demo",
    "dev",
    "install",
    "benchmarks",
    "tests",
}
ALLOWED_OURS = {
    "specs": {"training"},
    "stacks": {"specs"},
    "pages": set(),
    "training": {"pages"},
    "inference": set(),
    "tracking": set(),
    "operations": {"specs", "pages", "tracking", "install"},
    "sandbox": set(),
    "demo": {"specs", "operations"},
    "dev": {"specs", "stacks", "operations"},
    "install": set(),
}
FORBIDDEN = {
    "specs": {"aws_cdk", "boto3", "tensorflow", "keras"},
    "stacks": {"boto3", "tensorflow", "keras", "sagemaker", "ministack"},
    "pages": set(),
    "training": {"aws_cdk", "ministack", "sagemaker"},
    "inference": {"aws_cdk", "boto3", "tensorflow", "keras", "ministack", "sagemaker"},
    "tracking": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker", "mlflow"},
    "operations": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker"},
    "sandbox": {"aws_cdk", "sagemaker"},
    "demo": {"aws_cdk", "tensorflow", "keras", "ministack", "sagemaker"},
    "dev": {"tensorflow", "keras", "ministack", "sagemaker"},
    "install": set(),
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
    """The folder of a package's code."""
    return SANDBOX if package == "sandbox" else ROOT / package


@pytest.mark.parametrize("package", sorted(ALLOWED_OURS))
def test_package_imports_only_what_lies_below_it(package: str) -> None:
    files = sorted(folder(package).rglob("*.py"))
    assert files, f"{package}/ holds no code: the boundary would be tested on nothing"
    banned = (OURS - ALLOWED_OURS[package] - {package}) | FORBIDDEN[package]
    found = {str(file.relative_to(ROOT)): imported(file) & banned for file in files}
    assert {name: sorted(names) for name, names in found.items() if names} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports in functions and under TYPE_CHECKING count, too."""
    known = {name: path for package in sorted(OURS - {"sandbox"}) for name, path in modules(ROOT, package).items()}
    found = graph(known)
    assert found["specs.load"]
    assert circles(found) == []


def test_one_file_of_the_training_code_calls_aws() -> None:
    """Jobs read and write files; the one call decrypts the key of client-side encrypted data."""
    callers = [file for file in (ROOT / "training").rglob("*.py") if imported(file) & {"boto3", "botocore"}]
    assert [str(file.relative_to(ROOT)) for file in callers] == ["training/common/encrypted.py"]


def test_pages_need_the_standard_library_only() -> None:
    """Jobs use them in a container without internet, and commands without numpy."""
    allowed = sys.stdlib_module_names | {"pages"}
    found = {str(file.relative_to(ROOT)): imported(file) - allowed for file in (ROOT / "pages").rglob("*.py")}
    assert found
    assert {name: names for name, names in found.items() if names} == {}


def test_specs_know_of_the_training_code_only_how_it_declares_itself() -> None:
    modules = {
        (file.name, node.module)
        for file in (ROOT / "specs").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "training"
    }
    assert {module for _, module in modules} == {"training.common.hyperparameters", "training.common.algorithm"}
    rules = {"code_rules.py", "hyperparameter_rules.py", "metric_rules.py"}
    assert {file for file, _ in modules} == {*rules, "training_code.py"}


def named(source: str) -> set[str]:
    """Every name of the sandbox that a source imports, in full: "sandbox.accepts", "sandbox.access.uses"."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.partition(".")[0] == "sandbox"}


def beyond_the_face(source: str) -> set[str]:
    """The imported names that are not of the sandbox's public face (sandbox/README.md)."""
    public = {"sandbox", "sandbox.access", "sandbox.cli.app", *(f"sandbox.{name}" for name in sandbox.__all__)}
    public |= {f"sandbox.access.{name}" for name in sandbox.access.__all__}
    return named(source) - public


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import sandbox\nfrom sandbox import accepts\nfrom sandbox.access import uses", set()),
        ("def f():\n    from sandbox.access.report import uses", {"sandbox.access.report.uses"}),
        ("from sandbox import catalogue", {"sandbox.catalogue"}),
        ("import sandbox.cli", {"sandbox.cli"}),
        ("from sandbox.cli import app", set()),
        ("import sandboxed", set()),
    ],
)
def test_what_is_not_public_is_found(source: str, found: set[str]) -> None:
    assert beyond_the_face(source) == found


def test_the_platform_knows_only_the_public_face_of_the_sandbox() -> None:
    files = [ROOT / "app.py", ROOT / "conftest.py"]
    files += [file for folder in sorted(OURS - {"sandbox"}) for file in (ROOT / folder).rglob("*.py")]
    found = {str(file.relative_to(ROOT)): beyond_the_face(file.read_text()) for file in files}
    assert {name: names for name, names in found.items() if names} == {}


def test_ministack_is_known_to_one_package() -> None:
    users = [file for file in sorted(SANDBOX.rglob("*.py")) if "ministack" in imported(file)]
    assert users
    assert [str(file) for file in users if not file.is_relative_to(SANDBOX / "corrections")] == []
