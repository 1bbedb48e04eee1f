"""A sandbox of its own whose containers do what a request tells them, and whose patience is a second."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from conftest import ROOT, free_port
from fleet_lab import IMAGE, FleetLab

SERVER = """
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.reply(200, b"")

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(told.get("sleep", 0))
        if told.get("exit"):
            os._exit(1)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.reply(told.get("status", 200), json.dumps({"pid": os.getpid(), "headers": headers}).encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "trace=back")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


class InvocationLab(FleetLab):
    """Endpoints of such containers."""

    def __init__(self, aws: Callable[..., Any], home: Path) -> None:
        super().__init__(aws, home)
        server = home / "told.py"
        server.write_text(SERVER)
        (home / "images.json").write_text(json.dumps({IMAGE: [sys.executable, "-S", str(server)]}))

    def tell(self, endpoint: str, **told: Any) -> Any:
        """The answer of a container that is told to sleep, to exit, or to answer with a status."""
        return self.invoke(endpoint, told)


@contextlib.contextmanager
def sandbox(home: Path) -> Iterator[InvocationLab]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    port = free_port()
    environment |= {"SANDBOX_HOME": str(home), "SANDBOX_PORT": str(port), "SANDBOX_REPLY_TIMEOUT_SECONDS": "1"}
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run([*command, "up"], env=environment, cwd=ROOT, check=True, capture_output=True)

    def aws(service: str, **credentials: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
            **{"aws_access_key_id": "test", "aws_secret_access_key": "test", **credentials},
        )

    try:
        yield InvocationLab(aws, home)
    finally:
        subprocess.run([*command, "down"], env=environment, cwd=ROOT, check=True, capture_output=True)
