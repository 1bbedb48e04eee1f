"""Endpoints with model servers that start in a tenth of a second: a test's command replaces the image.

The answer of each archive is in its answer.json: {"answer": ..., "status": 200, "ping": 200, "seconds": 0}; with a ping
of null the server ends at once.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
import threading
from typing import Any

import psutil
from job_lab import unique
from own_sandbox import OwnSandbox
from serving_lab import ServingLab, variant
from waiting import until

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/stub:1"
SERVER = """
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

says = json.load(open(os.environ["SANDBOX_MODEL_DIR"] + "/answer.json"))
if says["ping"] is None:
    raise SystemExit("this one does not serve")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def do_GET(self):
        self.reply(says["ping"], b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(says["seconds"])
        self.reply(says["status"], json.dumps({"answer": says["answer"], "pid": os.getpid()}).encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def pack(**says: Any) -> bytes:
    """model.tar.gz that makes the stub answer so."""
    body = json.dumps({"answer": "", "status": 200, "ping": 200, "seconds": 0} | says).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("answer.json")
        member.size = len(body)
        tar.addfile(member, io.BytesIO(body))
    return buffer.getvalue()


class FleetLab(ServingLab):
    """Endpoints of stubs in a sandbox."""

    server = SERVER

    def __init__(self, sandbox: OwnSandbox) -> None:
        super().__init__(sandbox.aws, pack())
        self.home = sandbox.home
        program = self.home / "stub.py"
        program.write_text(self.server)
        (self.home / "images.json").write_text(json.dumps({IMAGE: [sys.executable, "-S", str(program)]}))

    def stub(self, answer: str, **says: Any) -> str:
        """A model that answers so."""
        uri = self.put(f"models/{unique('stub')}.tar.gz", pack(answer=answer, **says))
        return self.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": uri})

    def fleet(self, answer: str, count: int = 1, **says: Any) -> str:
        """A configuration of `count` instances of one variant."""
        return self.config(self.stub(answer, **says), InitialInstanceCount=count)

    def variants(self, **members: dict[str, Any]) -> str:
        """A configuration of several variants by name."""
        name = unique("config")
        listed = [variant(item.pop("model"), VariantName=key, **item) for key, item in members.items()]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=listed)
        return name

    def serving(self, config: str, **members: Any) -> str:
        """An endpoint in service."""
        name = unique("Endpoint")
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, **members)
        found = self.settled(name)
        assert found["EndpointStatus"] == "InService", found
        return name

    def update(self, name: str, config: str, **members: Any) -> None:
        self.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config, **members)

    def resize(self, name: str, **members: dict[str, Any]) -> None:
        """UpdateEndpointWeightsAndCapacities by variant."""
        wanted = [{"VariantName": key, **item} for key, item in members.items()]
        self.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=wanted)

    def shown(self, name: str) -> dict[str, dict[str, Any]]:
        """The production variants of an endpoint, by name."""
        found = self.sagemaker.describe_endpoint(EndpointName=name)
        return {item["VariantName"]: item for item in found["ProductionVariants"]}

    def errors_alarm(self, dimensions: dict[str, str], statistic: str, threshold: float) -> str:
        """An alarm on a variant's 5xx answers within a minute of the sandbox."""
        name = unique("errors")
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            Statistic=statistic,
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        return name

    def processes(self, name: str) -> list[psutil.Process]:
        """The model servers of an endpoint that run now."""
        folder = str(self.home / "endpoints" / name)
        found = []
        for process in psutil.process_iter(["cmdline"]):
            try:
                variables = process.environ()
                if "SANDBOX_MODEL_DIR" in variables and variables.get("HOME", "").startswith(folder + "/"):
                    found.append(process)
            except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        return found

    def delete(self, name: str) -> None:
        self.settled(name)
        self.sagemaker.delete_endpoint(EndpointName=name)


class Queue:
    """A queue that any service of the account may send to."""

    def __init__(self, sqs: Any) -> None:
        self._sqs, name = sqs, unique("queue")
        self.arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]

    def receive(self, number: int) -> list[dict[str, Any]]:
        """The next messages' bodies, in the order of their arrival."""
        found: list[dict[str, Any]] = []

        def receive_more() -> bool:
            for message in self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", []):
                found.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= number

        until(receive_more)
        return found


class Load:
    """A client in a thread that sends requests without pause until the block ends.

    It collects `answers` and `errors`.
    """

    def __init__(self, lab: FleetLab, endpoint: str, pause: float = 0.005) -> None:
        self._lab, self._endpoint, self._pause = lab, endpoint, pause
        self._done = threading.Event()
        self.answers: list[str] = []
        self.errors: list[Exception] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def wait_for(self, answer: str) -> None:
        """Return when this answer has been given."""
        until(lambda: answer in self.answers)

    def _run(self) -> None:
        while not self._done.wait(self._pause):
            try:
                self.answers.append(self._lab.invoke(self._endpoint, {})["answer"])
            except Exception as error:
                self.errors.append(error)
