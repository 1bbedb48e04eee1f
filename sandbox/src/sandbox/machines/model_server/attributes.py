"""The custom attributes by which a request chooses model, version and method; both modes allow the same values."""

from __future__ import annotations

import re

ATTRIBUTES_HEADER = "x-amzn-sagemaker-custom-attributes"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
VERSION = re.compile(r"\d+", re.ASCII)
METHODS = frozenset({"predict", "classify", "regress"})
