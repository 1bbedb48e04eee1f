"""Synthesizes the judged reference model in the reference environment with every check on.

A process of its own, because the CDK reads at its start whether to check; it writes to CDK_OUTDIR.
"""

from __future__ import annotations

from pathlib import Path

import reference_model
from aws_cdk import App

from specs import load
from stacks.synthesis import synthesize

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    specs = load(ROOT)
    app = App()
    model = reference_model.judged(reference_model.reference_model(specs))
    synthesize(app, specs.environment(reference_model.ENVIRONMENT), (model,))
