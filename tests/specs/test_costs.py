"""Costs and quotas as they follow from the declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from declared import Root

from specs import ResolvedModel, resolve
from specs.costs.list_prices import estimate, listed, usd_per_hour
from specs.costs.quotas import Quota, quotas
from specs.costs.runs import runs
from specs.costs.standing import standing, total

DEV = "environments/dev.toml"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path).copy("models/digits-cnn.toml", "models/second.toml", name="second")


def models(root: Root, **serving: Any) -> list[ResolvedModel]:
    for name, value in serving.items():
        root.put(DEV, ("serving", name), value)
    specs = root.load()
    return [resolve(model, specs.environment("dev")) for model in specs.models]


def test_two_models_are_two_endpoints_around_the_clock(root: Root) -> None:
    costs = standing(models(root))
    assert [cost.what for cost in costs] == [
        "endpoint of digits-cnn: 2 to 4 ml.m5.large",
        "endpoint of second: 2 to 4 ml.m5.large",
        "2 keys",
        "19 metrics of alarms",
    ]
    assert [(cost.least, cost.most) for cost in costs[:2]] == [(0.256, 0.512)] * 2
    whole = total(costs)
    assert whole.least == pytest.approx(2 * 0.256 + (2 * 1 + 0.1 * 19) / 730)
    assert whole.dates == ("2025-06-05", "2025-06-16")


def test_interface_endpoints_cost_in_every_zone(root: Root) -> None:
    root.put(DEV, ("network", "interface_endpoints"), ["kms", "logs"])
    found = next(cost for cost in standing(models(root)) if "interface" in cost.what)
    assert (found.what, found.least) == ("2 interface endpoints in 2 zones", pytest.approx(4 * 0.011))


def test_unknown_price_is_not_zero(root: Root) -> None:
    root.put(DEV, ("limits",), {})
    costs = standing(models(root, instance_type="ml.c6i.large"))
    assert costs[0].least is None
    assert (total(costs).least, total(costs).most) == (None, None)


def test_training_costs_the_ladder_at_its_longest(root: Root) -> None:
    root.put("models/digits-cnn.toml", ("training", "max_runtime_seconds"), 1800)
    found = [(run.candidate, run.usd_per_hour, run.most) for run in runs(models(root)[0])]
    assert found == [
        ("1 ml.g5.xlarge, spot", 1.57, 0.785),
        ("1 ml.g5.xlarge, on-demand", 1.57, 0.785),
        ("1 ml.g4dn.xlarge, on-demand", 0.822, 0.411),
        ("1 ml.c5.2xlarge, on-demand", 0.461, 0.2305),
    ]


def test_quotas(root: Root) -> None:
    """A release doubles its endpoint's instances; a search runs its trials at once."""
    parallel = root.files["models/digits-cnn.toml"]["training"]["tuning"]["max_parallel_jobs"]
    del root.files["models/second.toml"]["training"]["tuning"]
    root.put("models/second.toml", ("environment",), {"dev": {"serving": {"instance_type": "ml.m5.xlarge"}}})
    found = {quota.name: (quota.least, quota.most) for quota in quotas(models(root))}
    assert found == {
        "ml.c5.2xlarge for training job usage": (1, parallel + 1),
        "ml.g4dn.xlarge for training job usage": (1, parallel + 1),
        "ml.g5.xlarge for spot training job usage": (1, parallel + 1),
        "ml.g5.xlarge for training job usage": (1, parallel + 1),
        "ml.m5.large for endpoint usage": (2 + 2, 2 * 4),
        "ml.m5.large for processing job usage": (1, 2),
        "ml.m5.xlarge for endpoint usage": (2 + 2, 2 * 4),
    }


def test_endpoints_of_one_type_share_a_quota(root: Root) -> None:
    found = quotas(models(root, autoscaling=False, instance_count=3))
    assert Quota("ml.m5.large for endpoint usage", 3 + 3 + 3, 2 * 6) in found


def test_prices() -> None:
    assert usd_per_hour("eu-west-1", "Training", "ml.g5.xlarge") == 1.57
    assert usd_per_hour("eu-west-1", "Training", "ml.c5.2xlarge") is None, "what an execution cost is no estimate"
    stand_in = estimate("eu-west-1", "Training", "ml.c5.2xlarge")
    assert stand_in is not None
    assert stand_in.usd == 0.461
    assert estimate("eu-west-1", "Hosting", "ml.no.such") is None
    assert listed("eu-west-9", "CustomerManagedKey") is None
