"""DbxProvisioner: what a kernel is handed at its start, and how long its token is good."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client import KernelManager
from traitlets.config import Configurable

from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.provisioner import DbxProvisioner

URL = "http://127.0.0.1:8888/base/"


class FakeServer(Configurable):
    """As much of a Jupyter server as a kernel's manager has above it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.web_app = SimpleNamespace(settings=settings)


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))


def provisioner_below(owner: Configurable | None, kernel_id: str = "k1") -> DbxProvisioner:
    """Return the provisioner of a kernel whose manager belongs to `owner`."""
    manager = KernelManager(parent=owner, kernel_name="python3")
    return DbxProvisioner(parent=manager, kernel_id=kernel_id, kernel_spec=manager.kernel_spec)


def contact(tokens: KernelTokens) -> tuple[str, KernelTokens, str, str]:
    """Return what a server that has our extension hands over."""
    return URL, tokens, "/data", "/home/ada"


async def launch(provisioner: DbxProvisioner, **env: str) -> dict[str, str]:
    """Return what of ours is in the kernel's environment."""
    found = (await provisioner.pre_launch(env=env))["env"]
    return {name: value for name, value in found.items() if name.startswith("DBX_")}


async def test_kernel_is_handed_the_way_to_its_server() -> None:
    tokens = KernelTokens()
    # Somebody stands between the server and the kernel's manager, as the manager of all kernels does.
    between = Configurable(parent=FakeServer(jupyter_dbx_contact=contact(tokens)))

    handed = await launch(provisioner_below(between), JPY_SESSION_NAME="/home/ada/a b.ipynb", PATH="/bin")

    token = handed.pop("DBX_KERNEL_TOKEN")
    assert handed == {
        "DBX_SERVER_URL": URL,
        "DBX_KERNEL_ID": "k1",
        "DBX_NOTEBOOK": "/home/ada/a b.ipynb",
        "DBX_DATA_DIR": "/data",
        "DBX_ROOT_DIR": "/home/ada",
    }
    assert tokens.kernel_of(token) == "k1"


async def test_kernel_without_a_notebook_has_no_path() -> None:
    server = FakeServer(jupyter_dbx_contact=contact(KernelTokens()))

    assert (await launch(provisioner_below(server)))["DBX_NOTEBOOK"] == ""


async def test_environment_that_was_given_is_not_changed() -> None:
    given = {"PATH": "/bin"}

    launched = await provisioner_below(FakeServer(jupyter_dbx_contact=contact(KernelTokens()))).pre_launch(env=given)

    assert given == {"PATH": "/bin"}
    assert launched["env"]["PATH"] == "/bin"


async def test_each_start_has_a_token_of_its_own() -> None:
    tokens = KernelTokens()
    provisioner = provisioner_below(FakeServer(jupyter_dbx_contact=contact(tokens)))

    first = (await launch(provisioner))["DBX_KERNEL_TOKEN"]
    second = (await launch(provisioner))["DBX_KERNEL_TOKEN"]

    assert (tokens.kernel_of(first), tokens.kernel_of(second)) == (None, "k1")


@pytest.mark.parametrize(("restart", "left"), [(True, "k1"), (False, None)])
async def test_token_is_good_until_the_kernel_ends_for_good(restart: bool, left: str | None) -> None:
    tokens = KernelTokens()
    server = FakeServer(jupyter_dbx_contact=contact(tokens))
    provisioner, other = provisioner_below(server), provisioner_below(server, "k2")
    token, others = [(await launch(p))["DBX_KERNEL_TOKEN"] for p in (provisioner, other)]

    await provisioner.cleanup(restart=restart)

    assert tokens.kernel_of(token) == left
    assert tokens.kernel_of(others) == "k2"


@pytest.mark.parametrize("owner", [None, FakeServer()], ids=["no server", "a server without us"])
async def test_outside_of_our_server_nothing_is_added(owner: Configurable | None) -> None:
    provisioner = provisioner_below(owner)

    handed = await launch(provisioner, PATH="/bin")
    await provisioner.cleanup()

    assert handed == {}
