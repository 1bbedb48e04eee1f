"""Combinations that AWS refuses, names derived from two files, and problems of whole files."""

from __future__ import annotations

from typing import Any

import pytest
from declared import ABSENT, Root

from specs import Problem

MODEL, GAN, LOCAL, DEV, PROD = (
    "models/digits-cnn.toml",
    "models/digits-gan.toml",
    "environments/local.toml",
    "environments/dev.toml",
    "environments/prod.toml",
)
WAIT = ("training", "candidates", 0, "max_wait_seconds")
Key = tuple[str | int, ...]
Change = tuple[str, Key, Any]
ENCRYPTED: Change = (MODEL, ("data", "encryption"), "client-side")
WAYS_TO_KMS: tuple[Change, ...] = tuple(
    (file, ("network", "interface_endpoints"), ["kms"]) for file in (LOCAL, DEV, PROD)
)

VPC, GROUP = "vpc-0123456789abcdef0", "sg-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
NO_RANGE: Change = (DEV, ("network", "cidr"), ABSENT)
EXISTING: tuple[Change, ...] = (
    NO_RANGE,
    (DEV, ("network", "vpc_id"), VPC),
    (DEV, ("network", "subnet_ids"), SUBNETS),
    (DEV, ("network", "s3_prefix_list"), "pl-6da54004"),
)

# The change; then the file, the key, and words of the only problem's message.
REFUSED: tuple[tuple[tuple[Change, ...], str, str, str], ...] = (
    (((MODEL, ("training", "checkpoints"), False),), MODEL, "training.checkpoints", "starts from nothing"),
    (((GAN, ("evaluation", "judge"), "digits-gan"),), GAN, "evaluation.judge", "cannot judge itself"),
    (((GAN, ("evaluation", "judge"), "letters"),), GAN, "evaluation.judge", "no such model"),
    (((DEV, WAIT, ABSENT),), DEV, "training.candidates[0].max_wait_seconds", "needs a time to wait"),
    (((DEV, WAIT, 3599),), DEV, "training.candidates[0].max_wait_seconds", "is shorter"),
    (
        ((DEV, ("training", "candidates", 1, "max_wait_seconds"), 7200),),
        DEV,
        "training.candidates[1].max_wait_seconds",
        "on-demand candidates do not wait",
    ),
    (((DEV, ("serving", "canary", "percent"), 49),), DEV, "serving.canary.percent", "less than one"),
    (
        ((DEV, ("training", "candidates", 2, "instance_type"), "ml.g5.xlarge"),),
        DEV,
        "training.candidates[2]",
        "candidates[1] is the same",
    ),
    (((DEV, ("serving", "instance_count"), 1),), DEV, "serving.instance_count", "one cannot be parted"),
    (
        ((DEV, ("serving", "autoscaling", "max_instances"), 1),),
        DEV,
        "serving.autoscaling.max_instances",
        "fewer than serving.instance_count",
    ),
    (((DEV, ("availability_zones", 1), "us-east-1a"),), DEV, "availability_zones[1]", "not in the region"),
    ((NO_RANGE,), DEV, "network.cidr", "names no VPC"),
    (((DEV, ("network", "vpc_id"), VPC),), DEV, "network.vpc_id", "a range of its own, and an existing VPC"),
    (((DEV, ("network", "subnet_ids"), SUBNETS),), DEV, "network.subnet_ids", "belongs to an existing VPC"),
    (((DEV, ("network", "service_security_group"), GROUP),), DEV, "network.service_security_group", "belongs to an"),
    (EXISTING[:2] + EXISTING[3:], DEV, "network.subnet_ids", "needs subnets"),
    (EXISTING[:3], DEV, "network.s3_prefix_list", "a way to the internet"),
    (
        (*EXISTING, (DEV, ("network", "interface_endpoints"), ["logs"])),
        DEV,
        "network.interface_endpoints",
        "are its owner's",
    ),
    (
        (ENCRYPTED, *WAYS_TO_KMS[:1], *WAYS_TO_KMS[2:], *EXISTING),
        DEV,
        "network.service_security_group",
        "no way to KMS",
    ),
    (
        ((DEV, ("roles", "permissions_boundary"), "arn:aws:iam::123456789012:policy/boundary"),),
        DEV,
        "roles.permissions_boundary",
        "of the same account",
    ),
    (((DEV, ("release", "pinned"), {"digits-cnn": 1}),), DEV, "release.pinned", "no meaning"),
    (
        ((DEV, ("release", "source"), "pin"), (DEV, ("release", "initial"), {"digits-cnn": 1})),
        DEV,
        "release.initial",
        "no meaning",
    ),
    (((DEV, ("release", "initial"), {"digit-cnn": 1}),), DEV, "release.initial.digit-cnn", "no such model"),
    (
        ((DEV, ("release", "source"), "pin"), (DEV, ("release", "pinned"), {"letters": 1})),
        DEV,
        "release.pinned.letters",
        "no such model",
    ),
    (((DEV, ("name",), "development"),), DEV, "name", "not the file's"),
    (((MODEL, ("name",), "digits"),), MODEL, "name", "not the file's"),
    (((LOCAL, ("account",), "123456789012"),), LOCAL, "account", "is the sandbox"),
    (((DEV, ("account",), "000000000000"),), DEV, "account", "sandbox's account"),
    ((ENCRYPTED, *(WAYS_TO_KMS[:2])), PROD, "network.interface_endpoints", "no way to KMS"),
)


def only(root: Root) -> Problem:
    (problem,) = root.problems()
    return problem


@pytest.mark.parametrize(("changes", "file", "key", "message"), REFUSED, ids=[f"{r[2]}-{r[3]}" for r in REFUSED])
def test_refused_combination(root: Root, changes: tuple[Change, ...], file: str, key: str, message: str) -> None:
    for change in changes:
        root.put(*change)
    problem = only(root)
    assert (problem.file, problem.key) == (file, key)
    assert message in problem.message
    assert problem.allowed
    assert problem.write
    assert problem.line


ALLOWED: tuple[tuple[Change, ...], ...] = (
    EXISTING,
    (ENCRYPTED, *WAYS_TO_KMS[:1], *WAYS_TO_KMS[2:], *EXISTING, (DEV, ("network", "service_security_group"), GROUP)),
    ((DEV, ("network", "s3_prefix_list"), "pl-6da54004"),),
    ((DEV, ("roles", "permissions_boundary"), "arn:aws:iam::111111111111:policy/teams/boundary"),),
    ((DEV, ("roles",), {"permissions_boundary": "boundary", "path": "/teams/ml/"}),),
    ((DEV, ("tags",), {"owner": "digits team", "cost-centre": "1234", "Owner-2": "a@b"}),),
    ((DEV, WAIT, 3600),),
    ((DEV, ("release", "initial"), {"digits-cnn": 3}),),
    ((DEV, ("release", "source"), "pin"), (DEV, ("release", "pinned"), {"digits-cnn": 3})),
    ((DEV, ("serving", "instance_count"), 1), (DEV, ("serving", "canary"), ABSENT)),
    ((DEV, ("serving", "autoscaling", "max_instances"), 2),),
    ((DEV, ("alarm_email",), ABSENT),),
    ((DEV, ("serving", "instance_count"), 4), (DEV, ("serving", "canary", "percent"), 25)),
    (
        (DEV, ("training", "candidates", 2, "instance_type"), "ml.g5.xlarge"),
        (DEV, ("training", "candidates", 2, "instance_count"), 2),
    ),
    ((DEV, ("network", "cidr"), "10.20.16.0/20"),),
    ((MODEL, ("evaluation", "threshold"), 1), (MODEL, ("evaluation", "tolerance"), 0)),
    ((GAN, ("evaluation", "threshold"), 3.5), (GAN, ("evaluation", "goal"), "minimize")),
    ((MODEL, ("training", "max_runtime_seconds"), 7200),),
    (ENCRYPTED, *WAYS_TO_KMS),
)


@pytest.mark.parametrize("changes", ALLOWED, ids=str)
def test_the_nearest_combination_is_allowed(root: Root, changes: tuple[Change, ...]) -> None:
    for change in changes:
        root.put(*change)
    assert len(root.load().environments) == 3


def test_a_data_set_has_one_encryption(root: Root) -> None:
    for change in (ENCRYPTED, *WAYS_TO_KMS):
        root.put(*change)
    root.copy(MODEL, "models/letters-cnn.toml", name="letters-cnn")
    assert len(root.load().models) == 2
    root.put("models/letters-cnn.toml", ("data", "encryption"), "server-side")
    problem = only(root)
    assert (problem.file, problem.key) == ("models/letters-cnn.toml", "data.encryption")
    assert problem.message == "models/digits-cnn.toml has the same data set with client-side encryption"
    assert problem.write == 'encryption = "client-side", or another data set'


def test_no_checkpoints_without_spot(root: Root) -> None:
    for file in (LOCAL, DEV, PROD):
        root.files[file]["training"]["candidates"].pop(0)
    assert not root.put(MODEL, ("training", "checkpoints"), False).load().models[0].training.checkpoints


def test_a_name_of_what_decrypts_a_file(root: Root) -> None:
    """Only code that reads such a file can be declared with it."""
    algorithm = root.own_code() / "algorithm.py"
    text = algorithm.read_text()
    algorithm.write_text(text.replace("files=(DATA.files,)", 'files=(("images", "images.instruction"),)'))
    root.put(MODEL, ("data", "files"), ["images", "images.instruction"])
    assert root.load().models
    for change in (ENCRYPTED, *WAYS_TO_KMS):
        root.put(*change)
    problem = only(root)
    assert problem.key == "data.files[1]"
    assert "what decrypts another file" in problem.message


def test_another_model_judges(root: Root) -> None:
    root.put(GAN, ("evaluation", "judge"), "digits-cnn")
    assert root.load().models[1].evaluation.judge == "digits-cnn"


def test_the_local_region_is_the_sandbox_region(root: Root) -> None:
    root.put(LOCAL, ("region",), "eu-west-1").put(LOCAL, ("availability_zones",), ["eu-west-1a", "eu-west-1b"])
    assert only(root).key == "region"


def test_derived_name_too_long(root: Root) -> None:
    model, environment = "m" * 30, "e" * 25
    root.copy(MODEL, f"models/{model}.toml", name=model)
    root.copy(DEV, f"environments/{environment}.toml", name=environment)
    problem = only(root)
    assert (problem.file, problem.key) == (f"environments/{environment}.toml", "name")
    assert problem.write == "a name of at most 24 characters"
    del root.files[f"environments/{environment}.toml"]
    (root.path / f"environments/{environment}.toml").unlink()
    root.copy(DEV, f"environments/{'e' * 24}.toml", name="e" * 24)
    assert len(root.load().environments) == 4


def test_two_pairs_with_one_endpoint_name(root: Root) -> None:
    root.copy(MODEL, "models/b.toml", name="b").copy(MODEL, "models/a-b.toml", name="a-b")
    root.copy(DEV, "environments/dev-a.toml", name="dev-a")
    assert "name the same endpoint" in only(root).message
    root.put("environments/dev-a.toml", ("account",), "123456789012")
    assert len(root.load().models) == 3


def test_two_pairs_with_one_mark_in_the_names_of_their_jobs(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    root.copy(DEV, "environments/test.toml", name="test")
    assert len(root.load().environments) == 4
    monkeypatch.setattr("specs.names.mark", lambda environment, model: "aaaaaa")
    assert "have one mark in the names of their jobs" in only(root).message


def test_two_pairs_with_alarms_of_which_one_permission_is_for_both(root: Root) -> None:
    root.copy(MODEL, "models/a.toml", name="a").copy(MODEL, "models/a-serving-b.toml", name="a-serving-b")
    messages = {problem.message for problem in root.problems()}
    assert len(messages) == 3, "one for each environment"
    assert all(message.endswith("have alarms of which one's release may change the other's") for message in messages)


def test_one_problem_brings_no_others(root: Root) -> None:
    """A spot candidate with a bad type gets no error on its wait or models."""
    root.put(DEV, ("training", "candidates", 0, "instance_type"), "ml.none").put(DEV, ("region",), "nowhere")
    assert sorted(problem.key for problem in root.problems()) == ["region", "training.candidates[0].instance_type"]


def test_models_of_an_unreadable_file_are_not_called_unknown(root: Root) -> None:
    root.put(DEV, ("release", "initial"), {"letters": 1}).write("models/letters.toml", b"name =")
    assert only(root).file == "models/letters.toml"
