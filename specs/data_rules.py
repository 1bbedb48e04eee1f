"""Rules about data that is encrypted before its upload, and about decrypting it."""

from __future__ import annotations

from collections.abc import Sequence

from specs import words
from specs.document import Document

INSTRUCTION_SUFFIX = ".instruction"


def check(models: Sequence[Document], environments: Sequence[Document]) -> None:
    """Check encryption against networks, other models and names of files."""
    encrypted = [model for model in models if model.sound("data", "encryption") == "client-side"]
    for environment in environments:
        _way_to_kms(environment, encrypted)
    for model in encrypted:
        _instruction_files(model)
    _one_encryption_a_data_set(models)


def _way_to_kms(environment: Document, encrypted: Sequence[Document]) -> None:
    """Require an interface endpoint for KMS, where jobs decrypt the key of their data."""
    listed = environment.sound("network", "interface_endpoints") or ()
    if not encrypted or environment.sound("network") is None or "kms" in listed:
        return
    if environment.sound("network", "vpc_id") is not None:
        _way_of_existing(environment, encrypted[0])
        return
    message = f"{encrypted[0].file} declares client-side encryption, and its jobs have no way to KMS to decrypt"
    write = f'interface_endpoints = {words.toml([*listed, "kms"])}, or encryption = "server-side" there'
    path = ("network", "interface_endpoints")
    environment.refuse(path, message, allowed='a list with "kms" (it costs by the hour and zone)', write=write)


def _way_of_existing(environment: Document, model: Document) -> None:
    """Require the group of an existing VPC's own endpoints: jobs reach KMS through one."""
    if environment.sound("network", "service_security_group") is None:
        message = f"{model.file} declares client-side encryption, and its jobs have no way to KMS to decrypt"
        write = 'service_security_group = "sg-…", or encryption = "server-side" there'
        path = ("network", "service_security_group")
        environment.refuse(path, message, allowed="the group of the VPC's interface endpoint for KMS", write=write)


def _instruction_files(model: Document) -> None:
    """`FILE.instruction` holds what decrypts FILE."""
    for index, name in enumerate(model.sound("data", "files") or ()):
        if name.endswith(INSTRUCTION_SUFFIX):
            message = "with client-side encryption this name belongs to what decrypts another file"
            write = words.quoted(name.removesuffix(INSTRUCTION_SUFFIX) or "images")
            model.refuse(("data", "files", index), message, allowed=f"names without {INSTRUCTION_SUFFIX}", write=write)


def _one_encryption_a_data_set(models: Sequence[Document]) -> None:
    """The files of a data set lie in one place: each upload would undo what the other model declares."""
    first: dict[str, tuple[Document, str]] = {}
    for model in models:
        dataset, encryption = model.sound("data", "dataset"), model.sound("data", "encryption") or "server-side"
        if dataset is None:
            continue
        other, declared = first.setdefault(dataset, (model, encryption))
        if declared != encryption:
            message = f"{other.file} has the same data set with {declared} encryption"
            write = f"encryption = {words.quoted(declared)}, or another data set"
            model.refuse(("data", "encryption"), message, allowed="one encryption for a data set", write=write)
