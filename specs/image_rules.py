"""Rules about [images]: a digest for every image that the environment runs, and for no other."""

from __future__ import annotations

from collections.abc import Sequence

from specs import images, limit_rules, words
from specs.document import Document, keys
from specs.resolved_document import ResolvedDocument

_ALLOWED = "a digest for each image that the environment's instance types run, or no [images]"


def check(environments: Sequence[Document], overridden: Sequence[ResolvedDocument]) -> None:
    """Check each environment that asks for digests, together with what models override of it."""
    for environment in environments:
        if isinstance(environment.value(("images",)), dict):
            own = [each for each in overridden if each.environment is environment]
            _complete(environment, [environment, *own])
            _repeated(environment)


def _complete(environment: Document, resolved: Sequence[Document]) -> None:
    types = [(document, path, shape) for document in resolved for path, shape in limit_rules.instance_types(document)]
    run: dict[str, str] = {}
    for document, path, shape in types:
        if (instance_type := document.sound(*path)) is None:
            return  # its image is not known
        of = images.inference if shape == "ProductionVariantInstanceType" else images.training
        run.setdefault(of(instance_type), f"{instance_type} ({document.where(path)})")
    declared = keys(environment.value(("images",)))
    for name in run.keys() - declared:
        _missing(environment, name, run[name])
    for name in declared:
        if name in images.NAMES and name not in run:
            message = "no instance type of this environment, nor of a model in it, runs this image"
            write = f"nothing: remove {words.quoted(name)}"
            environment.refuse(("images", name), message, allowed=words.either(sorted(run)), write=write)


def _missing(environment: Document, name: str, runner: str) -> None:
    command = images.digest_command(name, environment.sound("region") or "REGION")
    write = f'{words.quoted(name)} = "sha256:…", with the digest that this prints:\n{command}'
    environment.refuse(("images", name), f"{runner} runs this image by its tag", allowed=_ALLOWED, write=write)


def _repeated(environment: Document) -> None:
    """Two images have two digests: a repeated one was copied to the wrong line."""
    seen: dict[str, str] = {}
    for name in keys(environment.value(("images",))):
        digest = environment.sound("images", name)
        if digest is not None and seen.setdefault(digest, name) != name:
            message = f"{words.quoted(seen[digest])} has the same digest"
            command = images.digest_command(name, environment.sound("region") or "REGION")
            write = f"what this prints:\n{command}"
            environment.refuse(("images", name), message, allowed="the image's own digest", write=write)
