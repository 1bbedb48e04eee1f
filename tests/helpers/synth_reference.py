"""Synthesizes the reference model in the reference environment with every check on.

A process of its own, because the CDK reads at its start whether to check: `python synth_reference.py FOLDER` writes
FOLDER/declared and FOLDER/judged.
"""

from __future__ import annotations

import sys
from pathlib import Path

import reference_model
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from specs import load
from stacks import build

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    specs = load(ROOT)
    declared = reference_model.reference_model(specs)
    for variant, model in {"declared": declared, "judged": reference_model.judged(declared)}.items():
        app = App(outdir=str(Path(sys.argv[1]) / variant))
        build(app, specs.environment(reference_model.ENVIRONMENT), (model,))
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        app.synth()
