"""The end of a job: every error becomes one sentence in the files that SageMaker reads.

Sources: AWS, "How Amazon SageMaker AI Processes Training Output" (/opt/ml/output/failure, first 1,024 characters) and
"Save and Access Metadata Information About Your Processing Job" (/opt/ml/output/message, first 1 KB). FailureReason
has at most 1,024 characters, too (SageMaker API Reference, "DescribeTrainingJob").
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from training.common.container import Container
from training.common.defect import sentence
from training.common.errors import JobError

LONGEST_CHARACTERS = 900
"""The rest of FailureReason's 1,024 is SageMaker's: "AlgorithmError: " before ours, ", exit code: 137" behind it."""
LONGEST_BYTES = 1024
_FILES = ("failure", "message")
_CUT = " ... (the log has all of it)"


def run(step: Callable[[Container], object]) -> None:
    """Run a job's step; on an error write the reason and exit with status 1.

    The reason goes to output/failure and output/message: the sentence of a JobError, or what `defect.sentence` says
    of any other error. That is a defect of the code, so its traceback goes to the log.
    """
    container = Container.from_environment()
    try:
        step(container)
    except JobError as error:
        reason = str(error)
    except Exception as error:
        traceback.print_exc()
        reason = sentence(error)
    except SystemExit as end:
        if not isinstance(end.code, str):
            raise
        reason = end.code
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
    # Half of a surrogate pair is no UTF-8: an error here, or a ClientError of SageMaker's.
    text = _shortened(" ".join(reason.split()).encode(errors="replace").decode())
    container.output.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        (container.output / name).write_text(text, encoding="utf-8")


def remove_reason(container: Container, reason: str) -> None:
    """Remove what `write_reason` wrote. A step's own message, such as an evaluation's checksums, stays."""
    for path in (container.output / name for name in _FILES):
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") == reason:
            path.unlink()


def _shortened(text: str) -> str:
    """The beginning of a text that is too long, cut between characters."""
    if len(text) <= LONGEST_CHARACTERS and len(text.encode()) <= LONGEST_BYTES:
        return text
    kept = text[: LONGEST_CHARACTERS - len(_CUT)].encode()[: LONGEST_BYTES - len(_CUT)]
    return kept.decode(errors="ignore") + _CUT
