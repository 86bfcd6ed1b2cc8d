"""Which server Databricks' clients find in a kernel."""

from __future__ import annotations

import os

import pytest

from jupyter_dbx.kernel.session.contact import SERVER_VARIABLES, share_contact
from jupyter_dbx.model.kernel_contact import KernelContact

OURS = KernelContact("k1", server_url="http://127.0.0.1:8888/user/ada/", kernel_token="t")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that selects no server; restored after the test."""
    for name in (*SERVER_VARIABLES, "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def selected() -> dict[str, str]:
    """Return the variables that select a server."""
    return {name: os.environ[name] for name in SERVER_VARIABLES if name in os.environ}


def test_clients_find_the_server_of_the_kernel() -> None:
    share_contact(OURS)

    assert selected() == {"DATABRICKS_HOST": OURS.server_url, "DATABRICKS_TOKEN": "t"}


@pytest.mark.parametrize("name", SERVER_VARIABLES)
def test_server_that_the_user_selected_takes_precedence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "mine")

    share_contact(OURS)

    assert selected() == {name: "mine"}


def test_kernel_without_a_server_selects_none() -> None:
    share_contact(KernelContact("k1"))

    assert selected() == {}


@pytest.mark.parametrize(
    ("given", "made"), [("", "localhost,127.0.0.1"), (".example.org", ".example.org,localhost,127.0.0.1")]
)
def test_requests_to_this_machine_use_no_proxy(monkeypatch: pytest.MonkeyPatch, given: str, made: str) -> None:
    monkeypatch.setenv("NO_PROXY", given)

    share_contact(OURS)

    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == made
