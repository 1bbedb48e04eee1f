"""The rules of an account's owner: tags, roles, and an existing VPC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from security_rules import groups, rules, seen
from state_machines import definition

from specs import EnvironmentSpec, ModelSpec, Network, Roles, Specs

Template = dict[str, Any]
Synthesize = Callable[..., dict[str, Template]]
TAGS = {"owner": "digits team", "cost-centre": "1234"}
BOUNDARY = "developer-boundary"


@pytest.fixture(scope="module")
def environment(specs: Specs) -> EnvironmentSpec:
    roles = Roles(permissions_boundary=BOUNDARY, path="/slipway/")
    return specs.environment("local").model_copy(update={"tags": TAGS, "roles": roles})


@pytest.fixture(scope="module")
def templates(environment: EnvironmentSpec, model: ModelSpec, synthesize: Synthesize) -> dict[str, Template]:
    return synthesize(environment, (model,))


def resources(template: Template, kind: str = "") -> Iterator[tuple[str, str, Template]]:
    for name, resource in template["Resources"].items():
        if not kind or resource["Type"] == kind:
            yield name, resource["Type"], resource.get("Properties", {})


def tag_property(type_name: str) -> str | None:
    """The property of a type that holds its tags, if its schema has one."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
    tagging = schema.get("tagging", {"taggable": schema.get("taggable", "Tags" in schema["properties"])})
    name = tagging.get("tagProperty", "/properties/Tags").rpartition("/")[2]
    return name if tagging["taggable"] and name in schema["properties"] else None


def tags_of(found: Any) -> dict[str, str]:
    return found if isinstance(found, dict) else {tag["Key"]: tag["Value"] for tag in found or []}


def test_every_resource_that_can_have_tags_has_them(templates: dict[str, Template], model: ModelSpec) -> None:
    without, checked = [], set()
    for stack, template in templates.items():
        wanted = {**TAGS, "slipway:environment": "local"}
        if model.name in stack:
            wanted["slipway:model"] = model.name
        for name, type_name, properties in resources(template):
            if type_name == "AWS::CDK::Metadata" or (key := tag_property(type_name)) is None:
                continue
            checked.add(type_name)
            if not wanted.items() <= tags_of(properties.get(key)).items():
                without.append(f"{stack} {name} {type_name}")
    assert without == []
    assert checked >= {
        "AWS::EC2::VPC",
        "AWS::EC2::SecurityGroup",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SageMaker::Endpoint",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::Model",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::StepFunctions::StateMachine",
    }


def test_every_job_of_a_workflow_has_the_tags(templates: dict[str, Template], model: ModelSpec) -> None:
    states = definition(templates[f"slipway-local-{model.name}-training"])["States"]
    jobs = {
        name: tags_of(state["Arguments"].get("Tags"))
        for name, state in states.items()
        if state.get("Resource", "").endswith("Job.sync")
    }
    wanted = {*TAGS, "slipway:environment", "slipway:model"}
    assert len(jobs) >= 4
    assert [name for name, tags in jobs.items() if not wanted <= tags.keys()] == []


def test_versions_have_their_tags_from_the_group(templates: dict[str, Template], model: ModelSpec) -> None:
    """ "CreateModelPackage", Tags: with a group, "you cannot supply a tag argument"."""
    states = definition(templates[f"slipway-local-{model.name}-training"])["States"]
    (register,) = [state for state in states.values() if state.get("Resource", "").endswith(":createModelPackage")]
    assert "Tags" not in register["Arguments"]


def test_every_role_has_the_boundary_and_the_path(templates: dict[str, Template]) -> None:
    found = [properties for each in templates.values() for *_, properties in resources(each, "AWS::IAM::Role")]
    assert len(found) > 5
    assert {role["PermissionsBoundary"] for role in found} == {f"arn:aws:iam::000000000000:policy/{BOUNDARY}"}
    assert {role["Path"] for role in found} == {"/slipway/"}
    assert [role for role in found if "RoleName" in role] == [], "their names begin with the stack's: slipway-local-"


def test_roles_of_other_environments_have_neither(variants: dict[str, dict[str, Template]]) -> None:
    for each in variants["dev"].values():
        for *_, role in resources(each, "AWS::IAM::Role"):
            assert not {"PermissionsBoundary", "Path"} & role.keys()


def test_a_boundary_by_its_arn_stays(environment: EnvironmentSpec) -> None:
    arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    roles = Roles(permissions_boundary=arn)
    assert environment.model_copy(update={"roles": roles}).boundary_arn == arn


EXISTING = Network(
    vpc_id="vpc-0123456789abcdef0",
    subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"),
    s3_prefix_list="pl-63a5400a",
    service_security_group="sg-0123456789abcdef0",
)


def test_an_existing_vpc_gets_two_groups_and_nothing_else(
    environment: EnvironmentSpec, model: ModelSpec, synthesize: Synthesize
) -> None:
    found = synthesize(environment.model_copy(update={"network": EXISTING}), (model,))
    network = found["slipway-local-network"]
    kinds = {type_name for _, type_name, _ in resources(network)} - {"AWS::CDK::Metadata"}
    assert kinds == {f"AWS::EC2::SecurityGroup{end}" for end in ("", "Ingress", "Egress")}
    mine = groups(network)
    assert mine.keys() == {"Jobs", "Models"}
    https = {("pl-63a5400a", "tcp", 443, 443), ("sg-0123456789abcdef0", "tcp", 443, 443)}
    assert seen(rules(network, mine["Models"], "Egress")) == https
    assert rules(network, mine["Models"], "Ingress") == []
    assert https < seen(rules(network, mine["Jobs"], "Egress"))
    assert all("0.0.0.0/0" not in str(properties) for *_, properties in resources(network))
    (served,) = resources(found[f"slipway-local-{model.name}-serving"], "AWS::SageMaker::Model")
    assert served[2]["VpcConfig"]["Subnets"] == list(EXISTING.subnet_ids or ())
    role = str(list(resources(found[f"slipway-local-{model.name}-release"], "AWS::IAM::Policy")))
    assert "subnet/subnet-0123456789abcdef0" in role


def test_the_prefix_list_narrows_a_vpc_of_our_own_too(environment: EnvironmentSpec, synthesize: Synthesize) -> None:
    with_list = environment.network.model_copy(
        update={"s3_prefix_list": "pl-63a5400a", "interface_endpoints": ("kms",)}
    )
    network = synthesize(environment.model_copy(update={"network": with_list}), ())["slipway-local-network"]
    mine = groups(network)
    assert seen(rules(network, mine["Models"], "Egress")) == {
        ("pl-63a5400a", "tcp", 443, 443),
        (mine["Interface"], "tcp", 443, 443),
    }
