"""The end of a job: every error becomes one sentence in the files that SageMaker reads.

Source: AWS, "How Amazon SageMaker Processes Training Output" (/opt/ml/output/failure, first 1,024 characters) and "Save
and Access Metadata Information About Your Processing Job" (/opt/ml/output/message, first 1 KB).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from training.common.container import Container
from training.common.errors import JobError

LONGEST_CHARACTERS = 1024


def run(step: Callable[[Container], None]) -> None:
    """Run a job's step; on an error write the reason and exit with status 1.

    The reason goes to output/failure and output/message: the sentence of a JobError, or the type and message of any
    other error. That is a defect of the code, so its traceback goes to the log.
    """
    container = Container.from_environment()
    try:
        step(container)
    except JobError as error:
        reason = str(error)
    except Exception as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"
    else:
        return
    print(f"error: {reason}", file=sys.stderr, flush=True)
    try:
        write_reason(container, reason)
    except OSError as error:  # a full disk: the log still has the reason
        print(f"The reason cannot be written for SageMaker: {error}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def write_reason(container: Container, reason: str) -> None:
    """Write the reason for both kinds of job; each kind ignores the other's file."""
    text = " ".join(reason.split())
    container.output.mkdir(parents=True, exist_ok=True)
    (container.output / "failure").write_text(text[:LONGEST_CHARACTERS], encoding="utf-8")
    # Cut by bytes, but not within a character: a message that is not UTF-8 causes a ClientError.
    message = text.encode()[:LONGEST_CHARACTERS].decode(errors="ignore")
    (container.output / "message").write_text(message, encoding="utf-8")
