"""The custom attributes for model, version and method, with the values allowed in both modes."""

from __future__ import annotations

import re

ATTRIBUTES_HEADER = "x-amzn-sagemaker-custom-attributes"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
VERSION = re.compile(r"\d+", re.ASCII)
METHODS = frozenset({"predict", "classify", "regress"})
