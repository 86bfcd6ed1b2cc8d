"""Which server Databricks' clients in a kernel find."""

from __future__ import annotations

import os

import pytest

from jupyter_dbx.kernel.contact import NAMED_BY, Contact, share_contact

OURS = Contact("k1", url="http://127.0.0.1:8888/user/ada/", token="t")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no server, and is put back after the test."""
    for name in NAMED_BY:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def named() -> dict[str, str]:
    """Return what the environment says of servers."""
    return {name: os.environ[name] for name in NAMED_BY if name in os.environ}


def test_clients_find_the_server_of_the_kernel() -> None:
    share_contact(OURS)

    assert named() == {"DATABRICKS_HOST": OURS.url, "DATABRICKS_TOKEN": "t"}


@pytest.mark.parametrize("name", NAMED_BY)
def test_server_that_the_user_named_stays_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "mine")

    share_contact(OURS)

    assert named() == {name: "mine"}


def test_kernel_without_a_server_names_none() -> None:
    share_contact(Contact("k1"))

    assert named() == {}
