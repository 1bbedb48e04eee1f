"""One picture of an endpoint: traffic, errors, latency, instances."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.constructs.alarms import endpoint_metric


class EndpointDashboard(cloudwatch.Dashboard):
    def __init__(self, scope: Construct, id_: str, *, endpoint_name: str) -> None:
        super().__init__(scope, id_)
        dimensions = {"EndpointName": endpoint_name}
        panels = {
            "Requests": [("Invocations", "Sum")],
            "Errors": [("Invocation4XXErrors", "Sum"), ("Invocation5XXErrors", "Sum")],
            "Latency (µs)": [("ModelLatency", "p50"), ("ModelLatency", "p99"), ("OverheadLatency", "p99")],
        }
        self.add_widgets(
            *(
                cloudwatch.GraphWidget(
                    title=title,
                    left=[endpoint_metric(name, dimensions, statistic=statistic) for name, statistic in metrics],
                )
                for title, metrics in panels.items()
            )
        )
