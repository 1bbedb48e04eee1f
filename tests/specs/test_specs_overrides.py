"""A model's overrides of an environment, and the environment's limits on what models ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from declared import Root
from refused_inputs import ENVIRONMENT, Row

from specs import Problem, ResolvedModel, resolve
from specs.overrides import Overrides, merge
from specs.words import dotted

MODEL, DEV, PROD = "models/digits-cnn.toml", "environments/dev.toml", "environments/prod.toml"
HERE = ("environment", "dev")
ON_DEMAND = {"instance_type": "ml.c5.xlarge", "purchase": "on-demand"}
SPOT = {"instance_type": "ml.c5.xlarge", "purchase": "spot", "max_wait_seconds": 7200}


def resolved(root: Root, environment: str = "dev") -> ResolvedModel:
    specs = root.load()
    return resolve(specs.models[0], specs.environment(environment))


def only(root: Root) -> Problem:
    (problem,) = root.problems()
    return problem


def test_without_overrides_the_environment_is_as_it_is(root: Root) -> None:
    assert resolved(root).environment == root.load().environment("dev")


def test_tables_merge_key_by_key_and_lists_replace(root: Root) -> None:
    root.put(MODEL, (*HERE, "serving", "instance_type"), "ml.c5.xlarge")
    root.put(MODEL, (*HERE, "serving", "canary", "percent"), 25)
    root.put(MODEL, (*HERE, "serving", "instance_count"), 4)
    root.put(MODEL, (*HERE, "training", "candidates"), [ON_DEMAND])
    here, declared = resolved(root).environment, root.load().environment("dev")
    assert here.serving.instance_type == "ml.c5.xlarge"
    assert here.serving.canary is not None
    assert (here.serving.canary.percent, here.serving.canary.wait_seconds) == (25, 300)
    assert here.serving.autoscaling == declared.serving.autoscaling
    assert [candidate.instance_type for candidate in here.training.candidates] == ["ml.c5.xlarge"]
    assert here.processing == declared.processing
    assert here.account_line == declared.account_line
    assert resolved(root, "prod").environment == root.load().environment("prod")


def test_false_leaves_a_table_out(root: Root) -> None:
    root.put(MODEL, (*HERE, "serving"), {"instance_count": 1, "canary": False, "autoscaling": False})
    serving = resolved(root).environment.serving
    assert (serving.instance_count, serving.canary, serving.autoscaling) == (1, None, None)


def test_false_for_a_table_that_the_environment_lacks(root: Root) -> None:
    del root.files[DEV]["serving"]["canary"]
    root.put(MODEL, (*HERE, "serving", "canary"), False)
    assert resolved(root).environment.serving.canary is None


# A value in the model's file for dev, and what to write there instead.
WRITE: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    ((), "x", "[environment.dev] with training, processing, serving"),
    (("serving", "canary"), True, "[environment.dev.serving.canary] with percent, wait_seconds, bake_seconds"),
    (("training", "candidates"), "x", "[[environment.dev.training.candidates]] with instance_type, instance_count,"),
    (("training", "candidates"), ["x"], "[[environment.dev.training.candidates]] with instance_type, instance_count,"),
    (("training", "candidates"), [], "one candidate, with instance_type and purchase"),
    (("serving", "instance_count"), 4.0, "4"),
    (("serving", "instance_count"), "3", "3"),
    (("serving", "instance_count"), float("nan"), "1"),
)


@pytest.mark.parametrize(("key", "value", "write"), WRITE, ids=[f"{dotted(row[0])}={row[1]}" for row in WRITE])
def test_the_cure_stands_where_the_override_stands(root: Root, key: Any, value: Any, write: str) -> None:
    assert only(root.put(MODEL, (*HERE, *key), value)).write.startswith(write)


def test_a_table_that_the_environment_lacks_is_added_whole(root: Root) -> None:
    del root.files[DEV]["serving"]["canary"]
    root.put(MODEL, (*HERE, "serving", "canary"), {"percent": 50, "wait_seconds": 60})
    problem = only(root)
    assert (problem.file, problem.key) == (MODEL, "environment.dev.serving.canary.bake_seconds")
    assert problem.message == "a key is missing"
    root.put(MODEL, (*HERE, "serving", "canary", "bake_seconds"), 60)
    assert resolved(root).environment.serving.canary is not None


OVERRIDABLE: list[Row] = [row for row in ENVIRONMENT if row[0][0] in Overrides.model_fields and len(row[0]) > 1]


@pytest.mark.parametrize(
    ("key", "value", "message"), OVERRIDABLE, ids=[f"{dotted(row[0])}-{n}" for n, row in enumerate(OVERRIDABLE)]
)
def test_an_override_is_refused_in_the_environment_s_own_words(root: Root, key: Any, value: Any, message: str) -> None:
    if key[:2] == ("training", "candidates"):
        root.put(MODEL, (*HERE, "training", "candidates"), [dict(each) for each in candidates(root)])
    own = [problem for problem in root.put(MODEL, (*HERE, *key), value).problems() if message in problem.message]
    assert [(problem.file, problem.received != "") for problem in own] == [(MODEL, True)]
    assert own[0].key.startswith(dotted((*HERE, *key)))
    assert own[0].line
    del root.files[MODEL]["environment"]
    there = [problem for problem in root.put(DEV, key, value).problems() if message in problem.message]
    here = "environment.dev."
    assert [(each.message, each.received, each.allowed, each.write.replace(here, "")) for each in own] == [
        (each.message, each.received, each.allowed, each.write) for each in there
    ]


def candidates(root: Root) -> list[dict[str, Any]]:
    return root.files[DEV]["training"]["candidates"]


def test_an_unknown_key_in_an_override_has_the_nearest(root: Root) -> None:
    """The environment's instance_type is no reason to write nothing; the override's own one is."""
    problem = only(root.put(MODEL, (*HERE, "serving", "instance_typ"), "ml.c5.xlarge"))
    assert (problem.key, problem.message) == ("environment.dev.serving.instance_typ", "there is no such key")
    assert problem.write == "instance_type = …"
    problem = only(root.put(MODEL, (*HERE, "serving", "instance_type"), "ml.c5.xlarge"))
    assert problem.write == "nothing: instance_type is there already"


def test_an_unknown_environment_has_the_nearest(root: Root) -> None:
    problem = only(root.put(MODEL, ("environment", "pord"), {"serving": {"instance_count": 3}}))
    assert (problem.file, problem.key, problem.write) == (MODEL, "environment.pord", "[environment.prod]")
    assert problem.allowed == "dev, local or prod"


def test_an_environment_that_cannot_be_read_is_not_called_unknown(root: Root) -> None:
    root.put(MODEL, ("environment", "stage"), {"serving": {"instance_count": 3}})
    assert only(root.write("environments/stage.toml", b"name =")).file == "environments/stage.toml"


def test_an_override_without_any_environment(root: Root) -> None:
    root.files = {MODEL: root.files[MODEL]}
    problems = root.put(MODEL, (*HERE, "serving"), {"instance_count": 3}).problems()
    assert [(problem.file, problem.allowed.split(":")[0]) for problem in problems] == [
        ("environments", "one file for each environment"),
        (MODEL, "nothing"),
    ]


# The override in the model's file for dev; the key in that file, and words of the only problem's message.
COMBINATIONS: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"serving": {"instance_count": 1}}, "serving.instance_count", "one cannot be parted"),
    ({"serving": {"instance_count": 6}}, "serving.instance_count", "does not allow this"),
    ({"serving": {"instance_count": 3, "autoscaling": {"max_instances": 2}}}, "max_instances", "fewer than"),
    ({"serving": {"autoscaling": {"max_instances": 1}}}, "serving.autoscaling.max_instances", "fewer than"),
    ({"serving": {"canary": {"percent": 30}}}, "serving.canary.percent", "less than one"),
    ({"training": {"candidates": [{**SPOT, "max_wait_seconds": 3599}]}}, "candidates[0].max_wait_seconds", "shorter"),
    ({"training": {"candidates": [{**ON_DEMAND, "purchase": "spot"}]}}, "[0].max_wait_seconds", "a time to wait"),
    ({"training": {"candidates": [{**SPOT, "purchase": "on-demand"}]}}, "[0].max_wait_seconds", "do not wait"),
    ({"training": {"candidates": [ON_DEMAND, ON_DEMAND]}}, "training.candidates[1]", "is the same"),
    ({"training": {"candidates": [{**ON_DEMAND, "instance_count": 5}]}}, "instance_count", "does not allow this"),
    ({"training": {"candidates": [{**ON_DEMAND, "instance_type": "ml.p4d.24xlarge"}]}}, "instance_type", "not allow"),
    ({"processing": {"instance_type": "ml.r5.large"}}, "processing.instance_type", "does not allow this"),
    ({"processing": {"volume_size_gb": 101}}, "processing.volume_size_gb", "does not allow this"),
    ({"serving": {"instance_type": "ml.r5.large"}}, "serving.instance_type", "does not allow this"),
    ({"serving": {"autoscaling": {"max_instances": 5}}}, "autoscaling.max_instances", "does not allow this"),
)


@pytest.mark.parametrize(("override", "key", "message"), COMBINATIONS, ids=[f"{r[1]}-{r[2]}" for r in COMBINATIONS])
def test_a_refused_combination_is_the_model_s_line(root: Root, override: Any, key: str, message: str) -> None:
    found = [problem for problem in root.put(MODEL, HERE, override).problems() if message in problem.message]
    assert [problem.file for problem in found] == [MODEL]
    assert found[0].key.startswith("environment.dev.")
    assert found[0].key.endswith(key)
    assert found[0].line
    assert found[0].write
    # The same values in the environment's own file are refused, too.
    del root.files[MODEL]["environment"]
    root.files[DEV] = merge(root.files[DEV], override)
    assert [problem for problem in root.problems() if message in problem.message and problem.file == DEV]


def test_an_override_meets_a_value_of_the_environment(root: Root) -> None:
    """Each value alone is allowed; the line is the override's."""
    root.put(DEV, ("serving", "autoscaling", "max_instances"), 3)
    problem = only(root.put(MODEL, (*HERE, "serving", "instance_count"), 4))
    assert (problem.file, problem.key) == (MODEL, "environment.dev.serving.instance_count")
    assert problem.write == "max_instances = 4"


def test_a_canary_added_to_one_instance(root: Root) -> None:
    canary = root.files[DEV]["serving"].pop("canary")
    root.put(DEV, ("serving", "instance_count"), 1)
    problem = only(root.put(MODEL, (*HERE, "serving", "canary"), canary))
    assert (problem.file, problem.key) == (MODEL, "environment.dev.serving.canary")


def test_a_ladder_of_its_own_frees_a_model_from_the_environment_s_waits(root: Root) -> None:
    root.put(MODEL, ("training", "max_runtime_seconds"), 14_400)
    for name in ("dev", "local", "prod"):
        root.put(MODEL, ("environment", name, "training", "candidates"), [ON_DEMAND])
    assert len(root.load().models) == 1
    del root.files[MODEL]["environment"]["dev"]
    assert [(problem.file, problem.key) for problem in root.problems()] == [
        (DEV, "training.candidates[0].max_wait_seconds")
    ]


def test_spot_in_an_override_needs_checkpoints(root: Root) -> None:
    for file in ("environments/local.toml", DEV, PROD):
        root.files[file]["training"]["candidates"].pop(0)
    root.put(MODEL, ("training", "checkpoints"), False)
    assert len(root.load().models) == 1
    problem = only(root.put(MODEL, (*HERE, "training", "candidates"), [SPOT]))
    assert problem.key == "training.checkpoints"
    assert f"{MODEL}, line " in problem.message


def test_no_spot_in_an_override_needs_no_checkpoints(root: Root) -> None:
    root.put(MODEL, ("training", "checkpoints"), False)
    for name in ("dev", "local", "prod"):
        root.put(MODEL, ("environment", name, "training", "candidates"), [ON_DEMAND])
    assert not root.load().models[0].training.checkpoints


def test_one_problem_of_the_environment_is_not_repeated_by_an_override(root: Root) -> None:
    root.put(DEV, ("serving", "canary"), 10).put(MODEL, (*HERE, "serving", "canary", "percent"), 25)
    assert [(problem.file, problem.key) for problem in root.problems()] == [(DEV, "serving.canary")]


@pytest.mark.parametrize(
    ("key", "limit"), [("max_runtime_seconds", "max_runtime_seconds"), ("volume_size_gb", "max_volume_size_gb")]
)
def test_a_model_is_within_the_strictest_limit(root: Root, key: str, limit: str) -> None:
    root.put(DEV, ("limits", limit), 3610).put(PROD, ("limits", limit), 3600)
    assert len(root.put(MODEL, ("training", key), 3600).load().models) == 1
    problem = only(root.put(MODEL, ("training", key), 3601))
    assert (problem.file, problem.key, problem.write) == (MODEL, f"training.{key}", "3600")
    assert f"({PROD}, line " in problem.message


LIMITED: tuple[tuple[str, Any, str, str], ...] = (
    ("instance_types", ["ml.m5.*"], "training.candidates[0].instance_type", '"ml.m5.large"'),
    ("max_instances", 1, "serving.instance_count", "1"),
    ("max_volume_size_gb", 29, "processing.volume_size_gb", "29"),
)


@pytest.mark.parametrize(("limit", "value", "key", "write"), LIMITED, ids=[row[0] for row in LIMITED])
def test_an_environment_over_its_own_limit(root: Root, limit: str, value: Any, key: str, write: str) -> None:
    problems = {
        problem.key: problem for problem in root.put(DEV, ("limits", limit), value).problems() if problem.file == DEV
    }
    assert f"({DEV}, line " in problems[key].message
    assert f"limits.{limit})" in problems[key].message
    assert write.startswith('"') or problems[key].write == write


ALLOWED: tuple[Callable[[Root], Root], ...] = (
    lambda root: root.put(DEV, ("limits", "max_instances"), 4),
    lambda root: root.put(DEV, ("limits", "instance_types"), ["*"]),
    lambda root: root.put(DEV, ("limits",), {}),
    lambda root: root.put(DEV, ("limits", "max_volume_size_gb"), 30),
    lambda root: root.put(DEV, ("limits", "max_runtime_seconds"), 3600),
)


@pytest.mark.parametrize("change", ALLOWED)
def test_the_limit_itself_is_allowed(root: Root, change: Callable[[Root], Root]) -> None:
    assert len(change(root).load().environments) == 3
