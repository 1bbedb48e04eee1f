"""`make check` refuses TensorFlow and the start of a sandbox, in child processes, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from needs import GUARD
from own_sandbox import OwnSandbox


def test_an_import_of_tensorflow_is_refused() -> None:
    command = [sys.executable, "-c", "from tensorflow import constant"]
    environment = os.environ | {"PYTHONPATH": str(GUARD)}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "Say `pytestmark = pytest.mark.tensorflow` in its file." in refused.stderr


def test_the_start_of_a_sandbox_is_refused(tmp_path: Path) -> None:
    sandbox = OwnSandbox(tmp_path)
    try:
        refused = sandbox.command("up", PYTHONPATH=str(GUARD))
        assert refused.returncode == 1
        assert "Let it use the fixture `new_sandbox`." in " ".join(refused.stderr.split())
    finally:
        sandbox.down()
