"""A refused declaration gives the same sentences in `make dev` as in `make synth`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from own_checkout import own_checkout

from dev.synthesizer import Synthesizer


def test_both_say_all_mistakes_in_the_same_words(tmp_path: Path) -> None:
    checkout = own_checkout(tmp_path, "digits-cnn")
    model = checkout / "models" / "digits-cnn.toml"
    text = model.read_text().replace('metric = "accuracy"', 'metric = "acuracy"').replace("\nepochs = 4", "\nepocs = 4")
    model.write_text(text.replace('package = "digits_cnn"', 'package = "digit_cnn"'))
    with Synthesizer(checkout, "local", tmp_path / "out") as synthesizer:
        resident = synthesizer.synthesize(reloading=False).failure
    context = os.environ | {"CDK_CONTEXT_JSON": json.dumps({"environment": "local"})}
    command = [sys.executable, "app.py"]
    cold = subprocess.run(command, cwd=checkout, env=context, capture_output=True, text=True, check=False)
    assert cold.returncode == 2
    assert cold.stderr.strip() == resident
    assert cold.stderr.startswith("3 problems in 1 file\n")
