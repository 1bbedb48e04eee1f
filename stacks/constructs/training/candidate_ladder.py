"""Training on the first compute candidate that AWS can provide (docs/decisions/0002)."""

from __future__ import annotations

from itertools import pairwise

from constructs import Construct

from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.logs.log_command import with_log
from stacks.constructs.training.rung import Rung
from stacks.constructs.workflows.jsonata import Jsonata
from stacks.constructs.workflows.states import Fail


class CandidateLadder(Construct):
    """Tries each candidate once, and leaves from the one that trained.

    The variables ``$job`` (name, status, reason, artifact, candidate) and ``$tried`` (sentences) tell the steps that
    follow what happened.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        failed = Fail(
            self, "Training failed", error="TrainingFailed", cause=with_log("$job.reason", settings.resolved, "train")
        )
        stopped = Fail(
            self,
            "Training was stopped",
            error="TrainingStopped",
            cause=with_log("'the job ' & $job.name & ' was stopped: ' & $job.secondary", settings.resolved, "train"),
        )
        rungs = [
            Rung(
                self,
                f"Rung{index}",
                settings=settings,
                candidate=candidate,
                index=index,
                failed=failed,
                stopped=stopped,
            )
            for index, candidate in enumerate(settings.environment.training.candidates)
        ]
        for rung, lower in pairwise(rungs):
            rung.go_on.next(lower.start)
        rungs[-1].go_on.next(self._no_candidate_left())
        self.start = rungs[0].start
        self.exits = [each for rung in rungs for each in rung.exits]

    def _no_candidate_left(self) -> Fail:
        cause = Jsonata("'no compute candidate could train: ' & $join($tried, '; ')")
        return Fail(self, "No candidate left", error="NoComputeCandidate", cause=cause)
