"""A model's file, and the declaration beside its code."""

from __future__ import annotations

import subprocess
import sys

from declared_models import ROOT, Found

from specs import load


def test_it_is_accepted(declared_model: Found) -> None:
    assert declared_model.name in [model.name for model in load(ROOT).models]


def test_it_needs_the_standard_library_only(declared_model: Found) -> None:
    """`cdk synth` runs algorithm.py where neither TensorFlow nor numpy may be installed."""
    file = ROOT / "training" / declared_model.package / "algorithm.py"
    script = (
        f"import runpy, sys; before = set(sys.modules); runpy.run_path({str(file)!r});"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(shown.stdout.split()) <= {"training", "pages"}, "pages need the standard library only, too"
