"""Without handlers, bodies become TensorFlow Serving's by the rules of the container's nginx script."""

from __future__ import annotations

import pytest
from sandbox.machines.model_server.conversions import from_csv, from_json


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('{"instances": [[1, 2]]}', '{"instances": [[1, 2]]}'),
        ('{"signature_name": "s", "inputs" : 1}', '{"signature_name": "s", "inputs" : 1}'),
        ("[1, 2]", '{"instances":[[1, 2]]}'),
        ("[[1, 2], [3, 4]]", '{"instances":[[1, 2], [3, 4]]}'),
        ('{"x": [1, 2]}', '{"instances":[{"x": [1, 2]}]}'),
        ('[{"x": 1}, {"x": 2}]', '{"instances":[[{"x": 1}, {"x": 2}]]}'),
        ("[1, 2]\n[3, 4]\n", '{"instances":[[1, 2],[3, 4]]}'),
        ('{"x": 1}\r\n\r\n{"x": 2}', '{"instances":[{"x": 1},{"x": 2}]}'),
        ("[1][2]", '{"instances":[1][2]}'),
        ("", '{"instances":[]}'),
    ],
)
def test_json(body: str, sent: str) -> None:
    assert from_json(body) == sent


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("1,2\n3,4", '{"instances":[[1,2],[3,4]]}'),
        ("1\n2.5e-3\n", '{"instances":[1,2.5e-3]}'),
        ("1, -2 ,x", '{"instances":[[1,-2,"x"]]}'),
        ("01,1.,+1", '{"instances":[["01","1.","+1"]]}'),
        ('"a,b","say ""no"""', '{"instances":[["a,b","say \\"no\\""]]}'),
        ("a\\b,c", '{"instances":[["a\\\\b","c"]]}'),
        ("1,,2", '{"instances":[[1,"",2]]}'),
        ("1\n\n2", '{"instances":[1,2]}'),
        ("", '{"instances":[]}'),
    ],
)
def test_csv(body: str, sent: str) -> None:
    assert from_csv(body) == sent
