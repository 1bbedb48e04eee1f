"""Security groups and address ranges of the network."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from security_rules import groups, rules, seen
from state_machines import definition

from specs import EnvironmentSpec, ModelSpec, Specs

VARIANTS = ("local", "dev", "prod")
Template = dict[str, Any]


@pytest.fixture(params=VARIANTS)
def network(request: pytest.FixtureRequest, variants: dict[str, dict[str, Template]]) -> Template:
    return variants[request.param]["network"]


HTTPS = ("0.0.0.0/0", "tcp", 443, 443)


def test_endpoints_take_nothing_and_reach_https_alone(network: Template) -> None:
    """They are invoked through SageMaker, never through the VPC."""
    endpoints = groups(network)["Models"]
    assert rules(network, endpoints, "Ingress") == []
    assert seen(rules(network, endpoints, "Egress")) == {HTTPS}


def test_jobs_reach_one_another_and_https_alone(network: Template) -> None:
    jobs = groups(network)["Jobs"]
    hosts = {(jobs, "tcp", 0, 65535), (jobs, "udp", 500, 500), (jobs, "50", None, None)}
    assert seen(rules(network, jobs, "Ingress")) == hosts
    assert seen(rules(network, jobs, "Egress")) == {*hosts, HTTPS}


def test_models_and_jobs_have_a_group_of_their_own(variants: dict[str, dict[str, Template]]) -> None:
    templates = variants["dev"]
    found = groups(templates["network"])
    (model,) = [
        each["Properties"] for each in templates["serving"]["Resources"].values() if each["Type"].endswith("::Model")
    ]
    assert found["Models"] in str(model["VpcConfig"]["SecurityGroupIds"])
    training, release = str(templates["training"]), str(templates["release"])
    assert found["Jobs"] in training
    assert found["Models"] not in training
    assert found["Models"] in release
    assert found["Jobs"] not in release


def test_interface_endpoints_answer_jobs_and_models_alone(
    specs: Specs, synthesize: Callable[..., dict[str, Template]]
) -> None:
    environment = specs.environment("local")
    with_kms = environment.network.model_copy(update={"interface_endpoints": ("kms",)})
    network = synthesize(environment.model_copy(update={"network": with_kms}), ())["slipway-local-network"]
    found = groups(network)
    assert seen(rules(network, found["Interface"], "Ingress")) == {
        (found["Jobs"], "tcp", 443, 443),
        (found["Models"], "tcp", 443, 443),
    }
    (endpoint,) = [
        each["Properties"]
        for each in network["Resources"].values()
        if each.get("Properties", {}).get("VpcEndpointType") == "Interface"
    ]
    assert endpoint["SecurityGroupIds"] == [{"Fn::GetAtt": [found["Interface"], "GroupId"]}]


def subnets(template: Template) -> dict[str, Template]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::EC2::Subnet"
    }


def in_zones(environment: EnvironmentSpec, *letters: str) -> EnvironmentSpec:
    zones = tuple(f"{environment.region}{letter}" for letter in letters)
    return environment.model_copy(update={"availability_zones": zones})


@pytest.mark.parametrize("zones", ["abc", "cab", "abcdef", "fab", "ab", "a", "b"])
def test_a_zone_keeps_its_subnet_whatever_others_there_are(
    specs: Specs, synthesize: Callable[..., dict[str, Template]], zones: str
) -> None:
    environment = specs.environment("local")
    before = subnets(synthesize(in_zones(environment, "a", "b"), ())["slipway-local-network"])
    after = subnets(synthesize(in_zones(environment, *zones), ())["slipway-local-network"])
    assert len(after) == len(zones)
    kept = before.keys() & after.keys()
    assert len(kept) == len({"a", "b"} & set(zones))
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


@pytest.mark.parametrize(("cidr", "size"), [("10.10.0.0/16", 8192), ("192.168.16.0/20", 512)])
def test_every_zone_has_an_eighth_of_the_range(
    specs: Specs, synthesize: Callable[..., dict[str, Template]], cidr: str, size: int
) -> None:
    environment = specs.environment("local")
    network = environment.network.model_copy(update={"cidr": cidr})
    template = synthesize(in_zones(environment, *"abcdefgh").model_copy(update={"network": network}), ())
    found = [ipaddress.ip_network(each["CidrBlock"]) for each in subnets(template["slipway-local-network"]).values()]
    assert {each.num_addresses for each in found} == {size}
    assert sum(each.num_addresses for each in ipaddress.collapse_addresses(found)) == 8 * size
    assert all(each.subnet_of(ipaddress.ip_network(cidr)) for each in found)


def test_models_are_isolated_from_the_network(variants: dict[str, dict[str, Template]]) -> None:
    for templates in variants.values():
        models = [each for each in templates["serving"]["Resources"].values() if each["Type"].endswith("::Model")]
        assert [each["Properties"]["EnableNetworkIsolation"] for each in models] == [True]


def test_several_hosts_encrypt_what_they_say(
    specs: Specs, model: ModelSpec, synthesize: Callable[..., dict[str, Template]]
) -> None:
    environment = specs.environment("local")
    one, two = (environment.training.candidates[0].model_copy(update={"instance_count": count}) for count in (1, 2))
    training = environment.training.model_copy(update={"candidates": (two, one)})
    templates = synthesize(environment.model_copy(update={"training": training}), (model,))
    states = definition(templates[f"slipway-local-{model.name}-training"])["States"]
    jobs = {name: state["Arguments"] for name, state in states.items() if name.startswith("Train ")}
    hosts = {name: arguments["ResourceConfig"]["InstanceCount"] for name, arguments in jobs.items()}
    assert sorted(hosts.values()) == [1, 2]
    encrypted = {
        name: arguments.get("EnableInterContainerTrafficEncryption", False) for name, arguments in jobs.items()
    }
    assert encrypted == {name: count > 1 for name, count in hosts.items()}
    trials = states["Tune"]["Arguments"]["TrainingJobDefinition"]
    assert trials["EnableInterContainerTrafficEncryption"] is True
