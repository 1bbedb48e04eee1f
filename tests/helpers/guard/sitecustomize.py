"""Refuses TensorFlow and the sandbox's server in `make check`: Python runs this at the start of every child, too."""

import sys


def refuse(event: str, arguments: tuple) -> None:
    if event == "import" and arguments[0] == "tensorflow":
        raise RuntimeError(
            "A test that `make check` runs imports TensorFlow. Say `pytestmark = pytest.mark.tensorflow` in its file."
        )
    if event == "subprocess.Popen" and "sandbox.server" in arguments[1]:
        raise RuntimeError("A test that `make check` runs starts a sandbox. Let it use the fixture `new_sandbox`.")


sys.addaudithook(refuse)
