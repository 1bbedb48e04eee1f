"""A model's overrides of an environment reach its own three stacks, and no other model's."""

from __future__ import annotations

import json
from collections.abc import Callable

from specs import Specs
from specs.overrides import Overrides

OVERRIDES = Overrides(
    training={"candidates": [{"instance_type": "ml.c5.4xlarge", "purchase": "on-demand"}]},
    processing={"instance_type": "ml.c5.9xlarge"},
    serving={"instance_type": "ml.c5.xlarge", "autoscaling": {"max_instances": 3}, "canary": False},
)


def test_overrides_reach_the_stacks_of_their_model(specs: Specs, synthesize: Callable[..., dict[str, dict]]) -> None:
    first, second = specs.models[:2]
    own = first.model_copy(update={"environment": {"dev": OVERRIDES}})
    templates = synthesize(specs.environment("dev"), (own, second))
    serving = templates[f"slipway-dev-{first.name}-serving"]["Resources"]
    properties = {each["Type"]: each["Properties"] for each in serving.values()}
    (variant,) = properties["AWS::SageMaker::EndpointConfig"]["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.c5.xlarge", 2)
    assert properties["AWS::ApplicationAutoScaling::ScalableTarget"]["MaxCapacity"] == 3
    assert "DeploymentConfig" not in properties["AWS::SageMaker::Endpoint"]
    training = json.dumps(templates[f"slipway-dev-{first.name}-training"])
    found = [each for each in ("ml.c5.4xlarge", "ml.c5.9xlarge", "ml.g5.xlarge") if each in training]
    assert found == ["ml.c5.4xlarge", "ml.c5.9xlarge"]
    declared = synthesize(specs.environment("dev"), (first, second))
    for stack in ("training", "release", "serving"):
        name = f"slipway-dev-{second.name}-{stack}"
        assert templates[name] == declared[name]
