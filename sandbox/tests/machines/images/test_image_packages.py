"""A folder of packages holds those of the image's table, and no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sandbox.machines.images import folder, sheet
from sandbox.machines.images.installed import Python, this_python
from sandbox.machines.images.tables import TABLES, table_of

PAGE = Path(__file__).resolve().parents[3] / "IMAGES.md"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference"


def install(place: Path, name: str, *files: str, requires: tuple[str, ...] = (), program: str = "") -> None:
    """An installed distribution with empty modules."""
    about = place / f"{name}-1.0.dist-info"
    about.mkdir()
    lines = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{lines}")
    for file in files:
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).write_text("")
    record = [*files, f"{about.name}/METADATA", f"{about.name}/RECORD"]
    if program:
        tool = place.parents[2] / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(program)
        tool.chmod(0o755)
        record.append(f"../../../bin/{name}")
    (about / "RECORD").write_text("".join(f'"{file}",sha256=x,0\n' for file in record))


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Python:
    """A Python with packages of its own. The folders of images are made in the same place."""
    place = tmp_path / "lib" / "python3" / "site-packages"
    place.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    install(place, "requests", "requests/__init__.py", requires=("helper>=1", "moto ; extra == 'tests'"))
    install(place, "helper", "helper.py")
    install(place, "moto", "moto/__init__.py", program="#!/opt/bin/python\n")
    install(place, "protobuf", "google/protobuf/__init__.py")
    install(place, "google-auth", "google/auth/__init__.py")
    install(place, "gunicorn", "gunicorn/__init__.py", program="#!/opt/my env/bin/python\nimport gunicorn\n")
    install(place, "numpy", "numpy/__init__.py", "numpy.libs/libx.so")
    return Python("/opt/bin/python", sys.executable, (str(place),), "python3")


def packages(python: Python, image: str = IMAGE) -> Path:
    table = table_of(image)
    assert table is not None
    return folder.packages(python, table)


def run(python: Python, program: str) -> str:
    """The last line of a program that sees the packages."""
    start = f"import site; site.addsitedir({str(packages(python))!r})\n"
    command = [sys.executable, "-I", "-S", "-c", start + program]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return (told.stdout + told.stderr).strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("requests, helper, numpy, google.protobuf", ""),
        ("moto", "ModuleNotFoundError: No module named 'moto'"),
        ("google.auth", "ModuleNotFoundError: No module named 'google.auth'"),
        (
            "falcon.errors",
            "ModuleNotFoundError: No module named 'falcon': AWS's image tensorflow-inference holds it (falcon 3.1.0), "
            "and the Python that the sandbox lends to containers does not. Install it there: /opt/bin/python -m pip "
            "install falcon==3.1.0",
        ),
        (
            "tfs_utils",
            "ModuleNotFoundError: No module named 'tfs_utils': AWS's image tensorflow-inference holds it "
            "(/sagemaker), and the sandbox does not",
        ),
    ],
)
def test_what_can_be_imported(python: Python, module: str, said: str) -> None:
    assert run(python, f"import {module}") == said


def test_code_that_only_asks_for_an_absent_module_is_told_that_it_is_not_there(python: Python) -> None:
    assert run(python, "import importlib.util; print(importlib.util.find_spec('falcon'))") == "None"
    assert run(python, "try:\n    import falcon\nexcept ImportError as error:\n    print(error.name)") == "falcon"


def test_metadata_is_that_of_the_image(python: Python) -> None:
    names = "sorted(each.name for each in importlib.metadata.distributions())"
    found = run(python, f"import importlib.metadata; print(*{names})")
    assert found == "gunicorn helper numpy protobuf requests"


def test_programs_run_by_the_interpreter_of_the_job(python: Python) -> None:
    table = table_of(IMAGE)
    assert table is not None
    programs = {path.name: path.read_text() for path in folder.programs(python, table).iterdir()}
    assert programs == {"gunicorn": "#!/usr/bin/env python3\nimport gunicorn\n"}


def test_what_is_installed_later_is_found(python: Python) -> None:
    former = packages(python)
    assert packages(python) == former
    install(Path(python.packages[0]), "falcon", "falcon/__init__.py")
    assert packages(python) != former
    assert run(python, "import falcon") == ""


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        (f"{IMAGE}:2.20-cpu-py312", "tensorflow-inference"),
        (f"{IMAGE}@sha256:{'0' * 64}", "tensorflow-inference"),
        ("111111111111.dkr.ecr.us-east-1.amazonaws.com/team/tensorflow-training:mine", "tensorflow-training"),
        ("111111111111.dkr.ecr.us-east-1.amazonaws.com/mine:1", None),
        ("111111111111.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training-and-more:1", None),
    ],
)
def test_the_table_of_an_image(image: str, repository: str | None) -> None:
    table = table_of(image)
    assert (table and table.repository) == repository


@pytest.mark.parametrize("repository", TABLES)
def test_tables_cite_their_source_and_have_a_distribution_once(repository: str) -> None:
    table = table_of(repository)
    assert table is not None
    assert "# Source: aws/deep-learning-containers, docker/tensorflow/" in table.text
    rows = [line for line in table.text.splitlines() if not line.startswith("#")]
    assert len(rows) == len(table.distributions)
    assert all(distribution.modules for distribution in table.distributions.values())


def test_names_in_the_tables_are_those_of_the_installed_packages() -> None:
    """A misspelt import name would be refused in shipped code, and be absent here."""
    for repository in TABLES:
        table = table_of(repository)
        assert table is not None
        place = folder.packages(this_python(), table)
        names = {path.name.partition("-")[0].lower().replace("_", "-") for path in place.glob("*.dist-info")}
        missing = [
            module
            for distribution in table.distributions.values()
            if distribution.name in names and distribution.name != "setuptools"  # 82 removed pkg_resources
            for module in distribution.modules
            if not folder.is_there(place, module)
        ]
        assert missing == []


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the page is that of Python 3.11")
def test_the_page_is_that_of_the_installed_packages() -> None:
    assert PAGE.read_text() == sheet.current_page(), f"run {sheet.COMMAND} > sandbox/IMAGES.md"
