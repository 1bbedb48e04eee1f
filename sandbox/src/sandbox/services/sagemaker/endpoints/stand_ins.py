"""Commands that stand in for container images which the sandbox cannot run.

`home/images.json` names them, and is read at every use: {"ACCOUNT.dkr.ecr.REGION.amazonaws.com/mine:1": ["python3",
"/path/serve.py"]}. Such a command keeps to the container's contract: it answers /ping and /invocations on the port in
SAGEMAKER_BIND_TO_PORT; it finds its model in the folder SANDBOX_MODEL_DIR, which is /opt/ml/model where the machine
permits a mount namespace.
Source: AWS, "Custom Inference Code with Hosting Services".
"""

from __future__ import annotations

import json
import pathlib

from sandbox.frame.errors import ValidationException


def stand_in(home: pathlib.Path, image: str) -> list[str] | None:
    """The command for an image, if one is named. Raises ValidationException if the file holds anything else."""
    path = home / "images.json"
    try:
        commands = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValidationException(f"{path} is not JSON: {error}") from error
    command = commands.get(image) if isinstance(commands, dict) else []
    if command is None:
        return None
    if not (isinstance(command, list) and command and all(isinstance(word, str) for word in command)):
        raise ValidationException(f'{path} must map images to commands, such as {{"{image}": ["python3", "serve.py"]}}')
    return command
