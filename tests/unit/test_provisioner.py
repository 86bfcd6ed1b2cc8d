"""DbxProvisioner: the contact that a kernel receives at its start, and the lifetime of its token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient
from traitlets.config import Configurable

from jupyter_dbx.managers.kernel_tokens import Kernel, KernelTokens
from jupyter_dbx.managers.server_contact import ServerContact
from jupyter_dbx.provisioner import DbxProvisioner

URL = "http://127.0.0.1:8888/base/"


class FakeServer(Configurable):
    """The part of a Jupyter server that is the parent of a kernel manager."""

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


def contact(tokens: KernelTokens, notebook: str | None = None, users: Sequence[str] = ()) -> ServerContact:
    """Return the contact from a server with the extension, on which every kernel has this notebook.

    `users` are those whose requests start a kernel, in turn.
    """
    requesting = iter(users)

    async def notebook_of(kernel_id: str) -> str | None:
        return notebook

    async def requesting_user() -> str:
        return next(requesting, "")

    return ServerContact(URL, tokens, "/data", "/home/ada", notebook_of, requesting_user, "ada")


async def launch(provisioner: DbxProvisioner, **env: str) -> dict[str, str]:
    """Launch a kernel and return the DBX variables of its environment."""
    found = (await provisioner.pre_launch(env=env))["env"]
    return {name: value for name, value in found.items() if name.startswith("DBX_")}


async def test_kernel_receives_the_contact_of_its_server() -> None:
    tokens = KernelTokens()
    # As in production, another object is between the server and the kernel manager: the multi-kernel manager.
    between = Configurable(parent=FakeServer(jupyter_dbx_contact=contact(tokens)))

    handed = await launch(provisioner_below(between), JPY_SESSION_NAME="/home/ada/a b.ipynb", PATH="/bin")

    token = handed.pop("DBX_KERNEL_TOKEN")
    assert handed == {
        "DBX_SERVER_URL": URL,
        "DBX_KERNEL_ID": "k1",
        "DBX_NOTEBOOK": "/home/ada/a b.ipynb",
        "DBX_DATA_DIR": "/data",
        "DBX_ROOT_DIR": "/home/ada",
        "DBX_CLUSTER_ID": "",
        "DBX_NAMED_CLUSTER": "",
        "DBX_ARGUMENTS": "{}",
    }
    assert tokens.kernel_of(token) == Kernel("k1", "ada")


async def test_kernel_without_a_notebook_has_no_path() -> None:
    server = FakeServer(jupyter_dbx_contact=contact(KernelTokens()))

    assert (await launch(provisioner_below(server)))["DBX_NOTEBOOK"] == ""


async def test_given_environment_is_not_modified() -> None:
    given = {"PATH": "/bin"}

    launched = await provisioner_below(FakeServer(jupyter_dbx_contact=contact(KernelTokens()))).pre_launch(env=given)

    assert given == {"PATH": "/bin"}
    assert launched["env"]["PATH"] == "/bin"


async def test_each_start_has_its_own_token() -> None:
    tokens = KernelTokens()
    provisioner = provisioner_below(FakeServer(jupyter_dbx_contact=contact(tokens)))

    first = (await launch(provisioner))["DBX_KERNEL_TOKEN"]
    second = (await launch(provisioner))["DBX_KERNEL_TOKEN"]

    assert (tokens.kernel_of(first), tokens.kernel_of(second)) == (None, Kernel("k1", "ada"))


async def test_kernel_acts_for_the_user_who_started_it_last() -> None:
    tokens = KernelTokens()
    provisioner = provisioner_below(FakeServer(jupyter_dbx_contact=contact(tokens, users=["bob", "", "eve"])))

    found = []
    for _ in range(3):  # the second start is an automatic restart
        await provisioner.pre_launch(env={})
        found.append(tokens.user_of("k1"))

    assert found == ["bob", "bob", "eve"]


@pytest.mark.parametrize(("restart", "left"), [(True, Kernel("k1", "ada")), (False, None)])
async def test_token_is_valid_until_the_kernel_is_shut_down(restart: bool, left: Kernel | None) -> None:
    tokens = KernelTokens()
    server = FakeServer(jupyter_dbx_contact=contact(tokens))
    provisioner, other = provisioner_below(server), provisioner_below(server, "k2")
    token, others = [(await launch(p))["DBX_KERNEL_TOKEN"] for p in (provisioner, other)]

    await provisioner.cleanup(restart=restart)

    assert tokens.kernel_of(token) == left
    assert tokens.kernel_of(others) == Kernel("k2", "ada")


@pytest.mark.parametrize("owner", [None, FakeServer()], ids=["no server", "a server without us"])
async def test_nothing_is_added_without_the_server_extension(owner: Configurable | None) -> None:
    provisioner = provisioner_below(owner)

    handed = await launch(provisioner, PATH="/bin")
    await provisioner.cleanup()

    assert handed == {}


async def test_restarted_kernel_has_the_new_path_and_folder_of_its_notebook(tmp_path: Path) -> None:
    (tmp_path / "b ü").mkdir()
    moved = str(tmp_path / "b ü" / "n #1.ipynb")
    provisioner = provisioner_below(FakeServer(jupyter_dbx_contact=contact(KernelTokens(), moved)))

    first = await provisioner.pre_launch(env={"JPY_SESSION_NAME": "/a/n.ipynb"}, cwd="/a")
    second = await provisioner.pre_launch(env={"JPY_SESSION_NAME": "/a/n.ipynb"}, cwd="/a")

    assert [(launch["env"]["DBX_NOTEBOOK"], launch["cwd"]) for launch in (first, second)] == [
        ("/a/n.ipynb", "/a"),
        (moved, str(tmp_path / "b ü")),
    ]


async def test_restarted_kernel_stays_where_it_is_if_its_notebook_is_in_no_folder() -> None:
    provisioner = provisioner_below(FakeServer(jupyter_dbx_contact=contact(KernelTokens(), "/nowhere/n.ipynb")))

    await provisioner.pre_launch(env={})
    restarted = await provisioner.pre_launch(env={"JPY_SESSION_NAME": "/a/n.ipynb"}, cwd="/a")

    assert (restarted["env"]["DBX_NOTEBOOK"], restarted["cwd"]) == ("/a/n.ipynb", "/a")


class Runner(NotebookClient):  # type: ignore[misc]  # mypy does not follow nbclient here
    """A program that runs a notebook: papermill, nbconvert and others derive from this class."""

    async def launch(self, **env: str) -> dict[str, str]:
        return await launch(provisioner_below(None), **env)


async def test_kernel_of_a_program_receives_the_cluster_and_path_of_its_notebook(tmp_path: Path) -> None:
    metadata = {"jupyter_dbx": {"cluster_id": "c1"}, "papermill": {"input_path": str(tmp_path / "a #1.ipynb")}}

    handed = await Runner(nbformat.v4.new_notebook(metadata=metadata)).launch()

    assert {name: value for name, value in handed.items() if value} == {
        "DBX_NAMED_CLUSTER": "c1",
        "DBX_NOTEBOOK": str(tmp_path / "a #1.ipynb"),
        "DBX_ARGUMENTS": "{}",
    }


@pytest.mark.parametrize("metadata", [{}, {"jupyter_dbx": None, "papermill": {}}, {"jupyter_dbx": {"cluster_id": 7}}])
async def test_notebook_without_metadata_names_no_cluster(metadata: dict[str, Any]) -> None:
    handed = await Runner(nbformat.v4.new_notebook(metadata=metadata)).launch()

    assert (handed["DBX_NAMED_CLUSTER"], handed["DBX_NOTEBOOK"]) == ("", "")


async def test_contact_from_a_notebook_that_runs_another_one_takes_precedence() -> None:
    notebook = nbformat.v4.new_notebook(metadata={"jupyter_dbx": {"cluster_id": "c1"}})

    handed = await Runner(notebook).launch(DBX_NAMED_CLUSTER="", DBX_CLUSTER_ID="callers")

    assert (handed["DBX_NAMED_CLUSTER"], handed["DBX_CLUSTER_ID"]) == ("", "callers")
