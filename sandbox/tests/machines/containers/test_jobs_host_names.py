"""The names and addresses of a job's instances, and a machine that permits none."""

from __future__ import annotations

import pathlib

import pytest
from sandbox.machines.containers import host_names


def test_jobs_do_not_share_addresses() -> None:
    names = host_names.host_names(16)
    one, other = host_names.addresses(names, "job/one"), host_names.addresses(names, "job/other")
    assert len({*one.values(), *other.values()}) == 32
    assert all(address.startswith("127.") for address in one.values())
    assert one == host_names.addresses(names, "job/one")


def test_a_machine_without_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    hosts = tmp_path / "hosts"
    monkeypatch.setattr(host_names, "ETC_HOSTS", hosts)
    monkeypatch.setattr(host_names, "private_hosts_work", lambda: False)
    with pytest.raises(host_names.Unresolvable, match=r"or add to /etc/hosts: '127\.0\.0\.1 algo-1', '127\.0\.0\.1 al"):
        host_names.require_resolvable(["algo-1", "algo-2"])
    host_names.require_resolvable(["algo-1"])
    hosts.write_text("127.0.0.1 localhost  # not algo-1 algo-2\n")
    with pytest.raises(host_names.Unresolvable):
        host_names.require_resolvable(["algo-1", "algo-2"])
    hosts.write_text("127.0.0.1 algo-1 algo-2\n")
    host_names.require_resolvable(["algo-1", "algo-2"])
    assert host_names.mounts(["algo-1", "algo-2"], "job", tmp_path) == {}
