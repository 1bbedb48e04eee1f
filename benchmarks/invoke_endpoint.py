"""The cost of InvokeEndpoint in the sandbox: latency and throughput.

    python -m benchmarks.invoke_endpoint [--rounds N]

Compared with the same requests sent straight to the model server, and with the same SavedModel behind MLflow's scoring
server. The model is digits-cnn after a few training steps, in its archive with inference.py; a request is one image as
JSON. One client asks the servers in turn, request by request, then eight clients ask one server after the other; the
figures are medians over the rounds. Clients are raw sockets on this machine, with signatures made beforehand. On a busy
machine a request mostly waits for a core, and once more for each process that takes part. So the tenth percentile, with
little disturbance, and the CPU time of the sandbox's server are reported, too.
"""

from __future__ import annotations

import argparse
import json
import operator
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.endpoint import ROOT_USER, Endpoint, deploy
from benchmarks.http_load import Client, Target, alternate, at_once, percentile, request
from benchmarks.results import write
from benchmarks.running import ROOT, command, environment, free_port, sandbox
from operations.terminal.render import table

DIRECT, ENDPOINT, AS_ROLE, MLFLOW = (
    "model server",
    "InvokeEndpoint",
    "InvokeEndpoint as a role",
    "MLflow scoring server",
)
JSON = {"Content-Type": "application/json"}
CLIENTS, REQUESTS, SECONDS, WARM_UP = 8, 200, 3.0, 50
BODY = json.dumps({"instances": [[[(row * column) % 256 for column in range(28)] for row in range(28)]]}).encode()

Figures = dict[str, float]
Round = dict[str, Figures]
"""Figures of each server: milliseconds and requests a second."""


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description="The cost of InvokeEndpoint in the sandbox.")
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = max(1, arguments.parse_args().rounds)
    with Conditions() as conditions, tempfile.TemporaryDirectory(prefix="slipway-endpoint-") as name:
        make = [sys.executable, "-m", "benchmarks.digits_archive", name]
        subprocess.run(make, env=environment(), cwd=ROOT, check=True, capture_output=True)
        measured = measure(Path(name), rounds)
    document = summary(measured)
    report(document, conditions)
    write("invoke_endpoint", document, conditions)


def measure(folder: Path, rounds: int) -> list[Round]:
    """Start everything, require equal answers, and measure."""
    scoring_port = free_port()
    serve = [str(Path(sys.executable).parent / "mlflow"), "models", "serve", "--env-manager", "local"]
    serve += ["--model-uri", str(folder / "mlflow"), "--port", str(scoring_port)]
    with sandbox(folder / "home") as port, command(serve, scoring_port, folder / "mlflow.log"):
        endpoint = deploy(port, (folder / "model.tar.gz").read_bytes())
        targets = everything(endpoint, scoring_port)
        require_one_answer(targets)
        alternate(targets, WARM_UP)
        server = psutil.Process(json.loads((folder / "home" / "server.json").read_text())["pid"])
        return [one_round(targets, server, order=turn) for turn in range(rounds)]


def everything(endpoint: Endpoint, scoring_port: int) -> dict[str, Target]:
    """All servers to compare, by name."""
    return {
        DIRECT: Target(endpoint.model_port, lambda: request(endpoint.model_port, "/invocations", JSON, BODY)),
        ENDPOINT: Target(endpoint.port, lambda: endpoint.signed(BODY, ROOT_USER)),
        AS_ROLE: Target(endpoint.port, lambda: endpoint.signed(BODY, endpoint.role)),
        MLFLOW: Target(scoring_port, lambda: request(scoring_port, "/invocations", JSON, BODY)),
    }


def require_one_answer(targets: dict[str, Target]) -> None:
    """Exit unless all serve the same model; TensorFlow Serving answers by rows, MLflow by columns."""
    classes = set()
    for target in targets.values():
        client = Client(target.port)
        predictions = json.loads(client.ask(target.message()))["predictions"]
        classes.add(predictions["class"][0] if isinstance(predictions, dict) else predictions[0]["class"])
        client.close()
    if len(classes) != 1:
        raise SystemExit(f"The servers do not agree on an image: {sorted(classes)}")


def one_round(targets: dict[str, Target], server: psutil.Process, order: int) -> Round:
    """One client in turns, then eight at each server; the order rotates between rounds."""
    figures: Round = {name: _latency(seconds, 1) for name, seconds in alternate(targets, REQUESTS).items()}
    names = list(targets)
    for name in names[order % len(names) :] + names[: order % len(names)]:
        before = server.cpu_times()
        seconds, rate = at_once(targets[name], CLIENTS, SECONDS)
        after = server.cpu_times()
        cpu = (after.user + after.system - before.user - before.system) / len(seconds)
        figures[name] |= _latency(seconds, CLIENTS) | {f"rate_{CLIENTS}": rate, "server_cpu_ms": cpu * 1e3}
    return figures


def _latency(seconds: list[float], clients: int) -> Figures:
    found = {f"p{percent}_{clients}": percentile(seconds, percent) * 1e3 for percent in (10, 50, 99)}
    return found | ({"rate_1": 1 / statistics.mean(seconds)} if clients == 1 else {})


def summary(rounds: list[Round]) -> dict[str, Any]:
    """Medians over the rounds; ratios and differences are taken in each round first."""
    medians = {
        name: {key: statistics.median(found[name][key] for found in rounds) for key in figures}
        for name, figures in rounds[0].items()
    }

    def median(name: str, against: str, key: str, how: Any) -> float:
        return statistics.median(how(found[name][key], found[against][key]) for found in rounds)

    return {
        "rounds": rounds,
        "medians": medians,
        "cost_ms": {
            name: {key: median(name, DIRECT, key, operator.sub) for key in ("p10_1", "p50_1", "server_cpu_ms")}
            for name in (ENDPOINT, AS_ROLE)
        },
        "throughput_kept": {
            name: median(name, DIRECT, f"rate_{CLIENTS}", operator.truediv) for name in (ENDPOINT, AS_ROLE)
        },
        "mlflow_latency_ratio": median(MLFLOW, ENDPOINT, "p50_1", operator.truediv),
        "mlflow_throughput_ratio": median(ENDPOINT, MLFLOW, f"rate_{CLIENTS}", operator.truediv),
    }


def report(document: dict[str, Any], conditions: Conditions) -> None:
    """Print the table of medians, and the costs and ratios."""
    console = Console(soft_wrap=True, highlight=False)
    columns = ("p10_1", "p50_1", "p99_1", "rate_1", f"p50_{CLIENTS}", f"p99_{CLIENTS}", f"rate_{CLIENTS}")
    heads = ("1: p10", "p50", "p99", "req/s", f"{CLIENTS}: p50", "p99", "req/s")
    rows = [(name, *(f"{found[key]:.2f}" for key in columns)) for name, found in document["medians"].items()]
    console.print(
        table(f"One image: milliseconds, and requests a second, at 1 and {CLIENTS} clients", ("server", *heads), rows)
    )
    for name, cost in document["cost_ms"].items():
        kept = f"{conditions.percent(document['throughput_kept'][name])} of the throughput at {CLIENTS} clients"
        spent = f"{cost['server_cpu_ms']:.2f} ms of CPU"
        console.print(f"{name}: {cost['p50_1']:+.2f} ms at p50, {cost['p10_1']:+.2f} at p10; {spent}; {kept}")
    latency, rate = (conditions.times(document[f"mlflow_{kind}_ratio"], 2) for kind in ("latency", "throughput"))
    console.print(f"against MLflow's scoring server: {latency} in latency, {rate} in throughput")


if __name__ == "__main__":
    main()
