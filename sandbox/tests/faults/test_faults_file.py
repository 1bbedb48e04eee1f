"""Faults declared by a command or in a file, and the number of their strikes."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from own_sandbox import ROOT, OwnSandbox
from sandbox.fault_commands import app
from sandbox.faults import KINDS, Faults, FaultsUnreadable, S3Slow
from typer.testing import CliRunner


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"SANDBOX_HOME": str(tmp_path), "COLUMNS": "200"}


def declare(home: Path, *faults: dict) -> Faults:
    (home / "faults.json").write_text(json.dumps({"faults": faults}))
    return Faults(home)


def test_without_a_file_nothing_goes_wrong(tmp_path: Path) -> None:
    assert Faults(tmp_path).find("capacity", instance_type="ml.m5.large") is None


def test_first_fault_whose_selectors_all_match(tmp_path: Path) -> None:
    faults = declare(
        tmp_path,
        {"kind": "s3-slow", "bucket": "data", "key": "raw/*", "seconds": 1},
        {"kind": "s3-slow", "bucket": "data", "seconds": 2},
    )
    found = faults.find(S3Slow, bucket="data", key="raw/a")
    assert (found.seconds if found else None) == 1
    found = faults.find(S3Slow, bucket="data", key=None)
    assert (found.seconds if found else None) == 2
    assert faults.find("s3-slow", bucket="other", key="raw/a") is None
    assert faults.find("s3-throttled", bucket="data", key="raw/a") is None


def test_exclamation_mark_selects_all_others(tmp_path: Path) -> None:
    faults = declare(tmp_path, {"kind": "invocation-errors", "endpoint_config_name": "!old-*"})
    assert faults.find("invocation-errors", endpoint_config_name="old-1") is None
    assert faults.find("invocation-errors", endpoint_config_name="new")
    assert faults.find("invocation-errors") is None, "a name that is not known is not another one"


def test_file_is_read_at_each_use(tmp_path: Path) -> None:
    faults = declare(tmp_path, {"kind": "no-ping"})
    assert faults.find("no-ping", endpoint_name="e")
    declare(tmp_path, {"kind": "no-ping", "endpoint_name": "other"})
    assert faults.find("no-ping", endpoint_name="e") is None


COUNT = """
import pathlib, sys
from sandbox.faults import Faults
faults = Faults(pathlib.Path(sys.argv[1]))
print(sum(faults.find("quota", instance_type="ml.m5.large") is not None for _ in range(40)))
"""


def test_times_are_counted_once_by_processes_and_threads(tmp_path: Path) -> None:
    faults = declare(tmp_path, {"kind": "quota", "times": 25}, {"kind": "quota", "times": 30})
    command = [sys.executable, "-c", COUNT, str(tmp_path)]
    others = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        here = sum(pool.map(lambda _: faults.find("quota", instance_type="ml.m5.large") is not None, range(40)))
    there = sum(int(other.communicate()[0]) for other in others)
    assert here + there == 55
    assert [fault["times"] for fault in json.loads((tmp_path / "faults.json").read_text())["faults"]] == [0, 0]


def test_rate_befalls_a_share(tmp_path: Path) -> None:
    faults = declare(tmp_path, {"kind": "s3-throttled", "rate": 0.5})
    struck = sum(faults.find("s3-throttled") is not None for _ in range(1000))
    assert 400 < struck < 600  # six standard deviations


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    faults = declare(
        tmp_path, {"kind": "capacty"}, {"kind": "quota", "instance_typ": "a", "times": -1}, {"kind": "s3-slow"}
    )
    with pytest.raises(FaultsUnreadable) as unreadable:
        faults.find("capacity")
    heading, *sentences = str(unreadable.value).splitlines()
    assert heading == f"{tmp_path / 'faults.json'} cannot be used:"
    assert sentences[0].startswith("  faults[0]: kind 'capacty' is unknown; allowed: capacity, quota, spot,")
    assert sentences[1:] == [
        "  faults[1] (quota): times is -1; allowed: greater than or equal to 0",
        "  faults[1] (quota): there is no key 'instance_typ'; allowed: times, instance_type, purchase, usage",
        "  faults[2] (s3-slow): seconds is missing; allowed: the wait before each answer",
    ]


def test_no_json_is_said_too(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text("{")
    with pytest.raises(FaultsUnreadable, match="is not JSON"):
        Faults(tmp_path).find("capacity")


def fault(home: dict[str, str], *arguments: str) -> Result:
    """A `fault` command, in this process."""
    return CliRunner().invoke(app, arguments, env=home)


def test_commands_declare_list_and_end(home: dict[str, str], tmp_path: Path) -> None:
    added = fault(home, "add", "capacity", "--instance-type", "ml.g5.*", "--times", "2")
    assert added.output == "Fault 1: capacity --instance-type 'ml.g5.*'\n"
    fault(home, "add", "s3-slow", "--seconds", "0.5")
    listed = fault(home, "list").output
    assert "2 more" in listed
    assert "always" in listed
    assert fault(home, "remove", "1").output == "Removed: capacity --instance-type 'ml.g5.*'\n"
    assert json.loads((tmp_path / "faults.json").read_text()) == {"faults": [{"kind": "s3-slow", "seconds": 0.5}]}
    assert fault(home, "remove", "7").exit_code == 2
    fault(home, "remove", "all")
    assert fault(home, "list").output == "There are no faults.\n"


def test_command_refuses_what_the_file_may_not_hold(home: dict[str, str], tmp_path: Path) -> None:
    refused = fault(home, "add", "s3-throttled", "--rate", "2")
    assert refused.exit_code == 2
    assert "rate is 2.0; allowed: less than or equal to 1" in refused.output
    assert not (tmp_path / "faults.json").exists()


def test_unreadable_file_can_be_dropped(home: dict[str, str], tmp_path: Path) -> None:
    declare(tmp_path, {"kind": "odd"})
    refused = fault(home, "list")
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output
    assert "fault remove all" in refused.output
    assert fault(home, "remove", "all").exit_code == 0


def test_every_kind_has_an_example_that_works(home: dict[str, str], tmp_path: Path) -> None:
    for kind, model in KINDS.items():
        added = fault(home, "add", kind, *shlex.split(model.example))
        assert added.exit_code == 0, added.output
    sandbox = OwnSandbox(tmp_path, COLUMNS="200")
    shown = sandbox.run("fault", "kinds")
    assert [line.split()[5] for line in shown.splitlines() if " fault add " in line] == list(KINDS)
    help_of_one = sandbox.run("fault", "add", "capacity", "--help")
    assert "Example: python -m sandbox fault add capacity --instance-type" in " ".join(help_of_one.split())
