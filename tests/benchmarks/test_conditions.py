"""A benchmark knows the load of other programs, and prints no ratio under it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks import results
from benchmarks.conditions import MARK, NO_RATIO, Conditions, Load, is_of_this_benchmark, runnable_threads
from benchmarks.processor import ONEDNN_LIMIT, processor

BENCHMARKS = sorted(Path(results.__file__).parent.glob("*.py"))
BUSY = "print(flush=True)\nwhile True: pass"
DAEMON = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nprint(os.getpid(), flush=True)\ntime.sleep(60)"


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[str]]:
    """A program that never waits."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def daemon(**variables: str) -> int:
    """The number of a process that no longer has a parent of ours."""
    process = subprocess.Popen([sys.executable, "-c", DAEMON], stdout=subprocess.PIPE, text=True, env=variables)
    assert process.stdout
    number = int(process.stdout.readline())
    process.wait()
    return number


def test_threads_that_work_are_counted(busy: subprocess.Popen[str]) -> None:
    sleeping, deadline = daemon(), time.monotonic() + 60
    while runnable_threads(sleeping) and time.monotonic() < deadline:
        time.sleep(0.01)  # until it has gone to sleep
    assert (runnable_threads(busy.pid), runnable_threads(sleeping)) == (1, 0)
    os.kill(sleeping, 9)
    assert runnable_threads(2**22 + 1) == 0


def test_a_child_and_a_marked_server_belong_to_the_benchmark(busy: subprocess.Popen[str]) -> None:
    ours, foreign, older = daemon(**{MARK: str(os.getpid())}), daemon(), daemon(**{MARK: "1"})
    processes = [busy.pid, ours, foreign, older]
    assert [is_of_this_benchmark(psutil.Process(each)) for each in processes] == [True, True, False, False]
    for each in (ours, foreign, older):
        os.kill(each, 9)


def test_the_work_of_others_is_seen(busy: subprocess.Popen[str]) -> None:
    watch = "from benchmarks.conditions import Conditions\nimport time\nwith Conditions() as seen: time.sleep(2)\n"
    watch += "print(seen.load.before, seen.load.during)"
    printed = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=True).stdout
    assert min(float(load) for load in printed.splitlines()[-1].split()) >= 1


@pytest.mark.parametrize("load", [Load(2.1, 0), Load(0, 2.1)])
def test_no_ratio_counts_beside_other_work(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "FOLDER", results.ROOT / "build" / tmp_path.name)
    monkeypatch.setattr(Conditions, "load", load)
    conditions = Conditions()
    assert (conditions.times(4.9), conditions.percent(0.5)) == (NO_RATIO, NO_RATIO)
    with pytest.raises(SystemExit, match="Above 2 runnable threads of other programs no ratio counts"):
        results.write("some", {}, conditions)
    assert "2.1" in capsys.readouterr().out
    assert not results.FOLDER.exists()


def test_ratios_count_on_a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conditions, "load", Load(2.0, 0.3))
    conditions = Conditions()
    assert (conditions.times(4.94), conditions.times(1.256, 2), conditions.percent(0.494)) == ("x4.9", "x1.26", "49 %")


@pytest.mark.parametrize(
    ("cpuinfo", "words"),
    [
        ("model name\t: Xeon\nflags\t\t: fpu avx2 avx512f avx512_bf16\n", "avx2 avx512f avx512_bf16"),
        ("model name\t: Xeon\nflags\t\t: fpu avx2 avx\n", ", avx2"),
        ("Features\t: asimd bf16 sve\n", "asimd sve bf16"),
        ("", "instruction sets unknown"),
    ],
)
def test_the_instruction_sets_are_named(
    cpuinfo: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ONEDNN_LIMIT, raising=False)
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert processor(tmp_path / "cpuinfo").endswith(words)
    monkeypatch.setenv(ONEDNN_LIMIT, "AVX2")
    assert processor(tmp_path / "cpuinfo").endswith(f"{words}, oneDNN limited to AVX2")


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_every_ratio_is_one_of_its_conditions(path: Path) -> None:
    if path.stem == "conditions":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            shown = ast.unparse(node)
            assert "x{" not in shown, (
                f"{path.name}:{node.lineno} prints a ratio whatever the load: use conditions.times"
            )
            shares = [each for each in re.findall(r"{[^{}]*%}", shown) if not re.search("accuracy|TARGET", each)]
            assert not shares, f"{path.name}:{node.lineno} prints a share whatever the load: use conditions.percent"
