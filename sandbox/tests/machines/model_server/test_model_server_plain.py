"""The model server without code/: nginx in front of TensorFlow Serving, as in AWS's container."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import export
from server_lab import ModelServer, await_status, running

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = export(tmp_path_factory.mktemp("archive"))
    shutil.rmtree(folder / "code")
    return folder


@pytest.fixture(scope="module")
def server(archive: Path) -> Iterator[ModelServer]:
    with running(archive, SAGEMAKER_SAFE_PORT_RANGE="9000-9999") as server:
        yield server


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"instances": [[1, 2], [3, 4]]}'),
        ("application/json; charset=utf-8", "[[1, 2], [3, 4]]"),
        ("application/jsonlines", "[1, 2]\n[3, 4]"),
        ("application/jsons", "[1, 2][3, 4]\n[5, 6]"),
        ("Text/CSV", "1,2\n3,4\n"),
    ],
)
def test_content_types_that_the_container_converts(server: ModelServer, content_type: str, body: str) -> None:
    answer = server.invoke(body, content_type)
    if content_type == "application/jsons":  # looked at by lines: what has none between is no JSON any more
        assert (answer.status_code, "JSON Parse error" in answer.json()["error"]) == (400, True)
    else:
        assert (answer.status_code, answer.json()) == (200, {"predictions": [[2.0, 4.0], [6.0, 8.0]]})
    assert answer.headers["content-type"] == "application/json"


def test_accept_of_json_takes_the_line_ends_out(server: ModelServer) -> None:
    body = "[1, 2]"
    assert server.invoke(body, Accept="image/png").text == '{\n    "predictions": [[2.0, 4.0]\n    ]\n}'
    assert server.invoke(body, Accept="text/csv, application/json").text == '{    "predictions": [[2.0, 4.0]    ]}'


def test_other_content_types(server: ModelServer) -> None:
    answer = server.invoke(b"x", "application/x-npy; version=1")
    assert (answer.status_code, answer.json()) == (415, {"error": "Unsupported Media Type: application/x-npy"})
    assert server.invoke(b"x", "").json() == {"error": "Unsupported Media Type: Unknown"}


def test_refusal_of_tensorflow_serving_is_passed_on(server: ModelServer) -> None:
    answer = server.invoke('{"instances": [["a", "b"]]}')
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert 'JSON Value: "a" Type: String is not of expected type: float' in answer.json()["error"]


@pytest.mark.parametrize(
    ("attributes", "status", "said"),
    [
        ("tfs-model-version=1,tfs-method=predict", 200, "predictions"),
        ("tfs-model-name=model", 200, "predictions"),
        ("tfs-model-name=a=b", 200, "predictions"),  # not a pair: as if it were absent
        ("tfs-model-version=2", 404, "Servable not found for request: Specific(model, 2)"),
        ("tfs-model-name=other", 404, "Servable not found for request: Latest(other)"),
        ("tfs-method=classify", 501, "not :classify"),
        ("tfs-model-version=one", 400, '{"error": "invalid tfs-model-version"}'),
        ("tfs-method=train", 400, '{"error": "invalid tfs-method"}'),
        ("tfs-model-name=../x", 400, '{"error": "invalid tfs-model-name"}'),
    ],
)
def test_custom_attributes(server: ModelServer, attributes: str, status: int, said: str) -> None:
    answer = server.invoke("[1, 2]", X_Amzn_SageMaker_Custom_Attributes=attributes)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


def test_ping_tells_whether_the_model_is_available(server: ModelServer) -> None:
    server.tensorflow_serving().kill()
    await_status(server, 502, 5)
    answer = server.invoke("[1, 2]")
    assert (answer.status_code, "<h1>502 Bad Gateway</h1>" in answer.text) == (502, True)
    await_status(server, 200)
    assert server.invoke("[1, 2]").json() == {"predictions": [[2.0, 4.0]]}


def test_library_alone_switches_the_mode(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(archive, folder)
    (folder / "code" / "lib").mkdir(parents=True)
    (folder / "code" / "requirements.txt").write_text("pandas\n")
    with running(folder, SAGEMAKER_TFS_WAIT_TIME_SECONDS="120") as server:
        assert server.invoke('{"instances": [[1, 2]]}', "anything/else").json() == {"predictions": [[2.0, 4.0]]}
        refused = server.invoke("[1, 2]", "application/json")
        assert (refused.status_code, refused.json()["title"]) == (400, "400 Bad Request"), "nothing is converted"
        server.tensorflow_serving().kill()
        assert server.ping() == 200, "in this mode the ping tells nothing of TensorFlow Serving"
