"""Tiny model archives for the tests of serving: y = 2 x, and the length of a text."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

EXPORT = """
import sys, tensorflow as tf

class Doubler(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
    def double(self, x):
        return {"y": 2.0 * x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text_bytes")])
    def length(self, text_bytes):
        return {"length": tf.strings.length(text_bytes), "echo_bytes": text_bytes}

module = Doubler()
tf.saved_model.save(module, sys.argv[1], {"serving_default": module.double, "length": module.length})
"""
INFERENCE = """
import json
import requests

class UnsupportedMediaType(Exception):
    # in the shape of falcon's HTTPError
    status, headers = "415 Unsupported Media Type", None

    def to_dict(self):
        return {"title": self.status}

def input_handler(data, context):
    if context.request_content_type == "audio/x-wav":
        raise UnsupportedMediaType
    if context.request_content_type != "application/json":
        raise ValueError("Unsupported content type " + context.request_content_type)
    return data.read()

def output_handler(response, context):
    if response.status_code != 200:
        raise ValueError(response.text)
    return response.content, context.accept_header
"""


def export(folder: Path) -> Path:
    """An unpacked archive, made by a process of its own: the tests hold no TensorFlow."""
    subprocess.run([sys.executable, "-c", EXPORT, str(folder / "1")], check=True, capture_output=True)
    (folder / "code").mkdir()
    (folder / "code" / "inference.py").write_text(INFERENCE)
    return folder


def pack(folder: Path) -> bytes:
    """The archive as model.tar.gz."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return buffer.getvalue()
