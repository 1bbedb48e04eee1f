"""The model server answers as AWS's TensorFlow inference container does."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from archives import INFERENCE, export
from sandbox.machines.model_server import settings
from server_lab import running, start

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def url(archive: Path) -> Iterator[str]:
    with running(archive) as server:
        yield server.url


def ask(url: str, body: object, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{url}/invocations", json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_row_format(url: str) -> None:
    answer = ask(url, {"instances": [[1, 2], [3.5, 4]]})
    assert (answer.status_code, answer.json()) == (200, {"predictions": [[2.0, 4.0], [7.0, 8.0]]})


def test_columnar_format(url: str) -> None:
    assert ask(url, {"inputs": [[1, 2]]}).json() == {"outputs": [[2.0, 4.0]]}


def test_other_shapes_than_the_signature_s_are_the_operations_business(url: str) -> None:
    """AWS's test_container.py sends [3] to a signature of [n, 1]."""
    assert ask(url, {"instances": [[1, 2, 3]]}).json() == {"predictions": [[2.0, 4.0, 6.0]]}
    assert ask(url, {"instances": [1, 2, 3]}).json() == {"predictions": [2.0, 4.0, 6.0]}


def test_signature_and_binary_values(url: str) -> None:
    text = base64.b64encode("né".encode()).decode()
    answer = ask(url, {"signature_name": "length", "instances": [{"b64": text}]})
    assert answer.json() == {"predictions": [{"length": 3, "echo_bytes": {"b64": text}}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"signature_name": "absent", "instances": [[1, 2]]}, 'Serving signature name: "absent" not found'),
        ({"examples": []}, "Missing 'inputs' or 'instances' key"),
        ({"instances": []}, "No values in 'instances' array"),
        ({"instances": [["a", "b"]]}, 'JSON Value: "a" Type: String is not of expected type: float'),
        ({"instances": [[1, 2], [1]]}, "Expecting tensor size: 2 but got: 1"),
        ({"instances": [[1, 2]], "inputs": [[1, 2]]}, "expecting only one of 'inputs' or 'instances' keys"),
        ([1, 2], "JSON Value: [1, 2] Is not object"),
        ({"signature_name": "length", "instances": [{"b64": "?"}]}, "Unable to base64 decode"),
    ],
)
def test_refusal_of_tensorflow_serving_is_the_answer_before_output_handler_runs(
    url: str, body: object, said: str
) -> None:
    answer = ask(url, body)
    assert (answer.status_code, answer.json()["title"]) == (400, "400 Bad Request")
    assert said in json.loads(answer.json()["description"])["error"]


def test_error_of_falcons_kind_keeps_its_status(url: str) -> None:
    answer = httpx.post(f"{url}/invocations", content=b"x", headers={"Content-Type": "audio/x-wav"})
    assert (answer.status_code, answer.json()) == (415, {"title": "415 Unsupported Media Type"})


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ("tfs-model-version=1", 200),
        ("tfs-method=predict", 200),
        ("tfs-model-version=2", 404),
        ("tfs-model-name=other", 404),
        ("tfs-model-version=one", 400),
        ("tfs-method=train", 400),
        ("tfs-model-name=../x", 400),
    ],
)
def test_custom_attributes_choose_model_version_and_method(url: str, attributes: str, status: int) -> None:
    answer = ask(url, {"instances": [[1, 2]]}, X_Amzn_SageMaker_Custom_Attributes=attributes)
    assert answer.status_code == status


def test_other_content_type_is_what_the_handler_says(url: str) -> None:
    answer = httpx.post(f"{url}/invocations", content=b"1,2", headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()) == (500, {"error": "Unsupported content type text/csv"})


def test_programs_of_a_handler_see_no_sandbox(archive: Path, tmp_path: Path) -> None:
    """PYTHONPATH names the code, as in the container (serve.py)."""
    folder = tmp_path / "told"
    shutil.copytree(archive, folder)
    handler = "import os\ndef handler(data, context):\n    return os.environ['PYTHONPATH'], 'text/plain'\n"
    (folder / "code" / "inference.py").write_text(handler)
    with running(folder) as server:
        assert ask(server.url, {}).text == str(folder / "code")


def changed(archive: Path, tmp_path: Path, change: str) -> Path:
    folder = tmp_path / "changed"
    shutil.copytree(archive, folder)
    code = folder / "code"
    match change:
        case "unnumbered":
            (folder / "1").rename(folder / "v1")
        case "requirements":
            (code / "requirements.txt").write_text("pandas\n")
        case "tensorflow":
            (code / "inference.py").write_text("import tensorflow\n" + INFERENCE)
        case "pillow":
            (code / "inference.py").write_text("import PIL\n" + INFERENCE)
        case "server's own":
            (code / "inference.py").write_text("import starlette\n" + INFERENCE)
        case "sandbox":
            (code / "inference.py").write_text("import sandbox\n" + INFERENCE)
        case "not installed here":
            (code / "inference.py").write_text("import zope.event\n" + INFERENCE)
        case "own pillow":
            (code / "lib" / "PIL").mkdir(parents=True)
            (code / "lib" / "PIL" / "__init__.py").write_text("raise SystemExit('the one in code/lib')")
            (code / "inference.py").write_text("import PIL\n" + INFERENCE)
        case "no handler":
            (code / "inference.py").write_text("x = 1\n")
        case "truncated":
            (folder / "1" / "saved_model.pb").write_bytes(b"\x08")
    return folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("unnumbered", "in a folder that is not a number"),
        ("requirements", "put the packages into code/lib"),
        ("tensorflow", "No module named 'tensorflow'"),
        ("pillow", "No module named 'PIL'"),
        ("server's own", "No module named 'starlette'"),
        ("sandbox", "No module named 'sandbox'"),
        ("not installed here", "AWS's image tensorflow-inference holds it (zope-event 6.2)"),
        ("own pillow", "the one in code/lib"),
        ("no handler", "Handlers are not implemented correctly in user script."),
        ("truncated", "failed: "),
    ],
)
def test_archive_that_the_container_would_not_serve(archive: Path, tmp_path: Path, change: str, said: str) -> None:
    server, _ = start(changed(archive, tmp_path, change))
    output = server.communicate(timeout=60)[0].decode()
    assert server.returncode == 1
    assert said in output
    assert "Traceback" not in output.splitlines()[-1]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SAGEMAKER_MULTI_MODEL", "true", "leave it out, or write false"),
        ("SAGEMAKER_TFS_ENABLE_BATCHING", "True", "is not implemented by the sandbox's model server"),
        ("SAGEMAKER_TFS_INSTANCE_COUNT", "2", "leave it out, or write 1"),
        ("SAGEMAKER_GUNICORN_WORKERS", "4", "leave it out, or write 1"),
        ("SAGEMAKER_GUNICORN_WORKER_CLASS", "sync", "leave it out, or write gevent"),
        ("SAGEMAKER_BIND_TO_PORT", "9090", "leave it out, or write 8080"),
        ("SAGEMAKER_SAFE_PORT_RANGE", "9000-9001", "not enough ports available"),
        ("SAGEMAKER_TFS_WAIT_TIME_SECONDS", "a minute", "expected a number such as 60"),
        ("SAGEMAKER_TFS_DEFAULT_MODEL_NAME", "other", "the archive holds: model"),
    ],
)
def test_setting_that_is_not_implemented_is_refused_by_name(
    archive: Path, variable: str, value: str, said: str
) -> None:
    server, _ = start(archive, **{variable: value})
    output = server.communicate(timeout=60)[0].decode()
    assert (server.returncode, variable in output, said in output) == (1, True, True), output


READ_BY_THE_CONTAINER = {
    "OMP_NUM_THREADS",
    *(f"SAGEMAKER_{name}" for name in ("BATCH", "BIND_TO_PORT", "MULTI_MODEL", "SAFE_PORT_RANGE")),
    *(f"SAGEMAKER_MULTI_MODEL_UNIVERSAL_{name}" for name in ("BUCKET", "PREFIX")),
    *(f"SAGEMAKER_GUNICORN_{name}" for name in ("LOGLEVEL", "THREADS", "TIMEOUT_SECONDS", "WORKERS", "WORKER_CLASS")),
    "SAGEMAKER_NGINX_PROXY_READ_TIMEOUT_SECONDS",
    *(f"SAGEMAKER_TFS_{name}" for name in ("DEFAULT_MODEL_NAME", "INSTANCE_COUNT", "NGINX_LOGLEVEL")),
    *(f"SAGEMAKER_TFS_{name}" for name in ("INTER_OP_PARALLELISM", "INTRA_OP_PARALLELISM", "WAIT_TIME_SECONDS")),
    *(f"SAGEMAKER_TFS_{name}" for name in ("BATCH_TIMEOUT_MICROS", "ENABLE_BATCHING", "MAX_BATCH_SIZE")),
    *(f"SAGEMAKER_TFS_{name}" for name in ("MAX_ENQUEUED_BATCHES", "NUM_BATCH_THREADS", "FRACTIONAL_GPU_MEM_MARGIN")),
}
"""Every `os.environ` of scripts/docker/tensorflow/inference/sagemaker that the image's user sets (image 2.20)."""


def test_every_variable_of_the_container_is_honoured_refused_or_known_to_have_no_effect() -> None:
    tables = [settings.HONOURED, settings.WITHOUT_EFFECT.keys(), settings.ONLY.keys()]
    assert sorted(name for table in tables for name in table) == sorted(READ_BY_THE_CONTAINER)
