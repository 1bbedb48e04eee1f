"""Endpoints of containers that do what a request tells them."""

from __future__ import annotations

from typing import Any

from fleet_lab import FleetLab

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

    server = SERVER

    def tell(self, endpoint: str, **told: Any) -> Any:
        """The answer of a container told to sleep, to exit, or to return a status."""
        return self.invoke(endpoint, told)
