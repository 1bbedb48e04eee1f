"""The evaluation: a processing job that measures the trained model, and sometimes the champion, on the test data."""

from __future__ import annotations

from constructs import Construct

from specs import names
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.processing_task import ProcessingTask, Sometimes
from stacks.constructs.training.champion import MEASURED_AGAIN
from stacks.constructs.training.records import output_data
from stacks.constructs.workflows.jsonata import Jsonata


class Evaluation(ProcessingTask):
    """Writes evaluation.json and report.html."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(
            scope,
            id_,
            settings=settings,
            role=settings.roles.evaluate,
            step="evaluate",
            noun="Evaluation",
            inputs={
                "model": Jsonata("$job.artifact"),
                "test": settings.prepared("test/"),
                "training": output_data(),
                "execution": settings.location(f"{names.RECORDS}/{names.EXECUTION}"),
                "manifest": settings.prepared("manifest.json"),
                "champion": Sometimes(MEASURED_AGAIN, Jsonata("$champion.archive")),
                **({"judge": Jsonata("$judge")} if settings.model.evaluation.judge else {}),
            },
            output=("evaluation", settings.location(names.EVALUATIONS)),
        )
