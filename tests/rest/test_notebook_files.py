"""Attachments follow notebooks that the server renames, moves, copies or deletes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from http_client import create
from live import Notebook, Server, wait_until

NEW_NAME = "b ü #1 [x] 50%.ipynb"

#: Opens a notebook; returns its kernel's ID.
Open = Callable[[str], str]


@pytest.fixture
def open_notebook(server: Server) -> Iterator[Open]:
    opened: list[Notebook] = []

    def open_one(path: str) -> str:
        opened.append(Notebook(server, path, kernel="python3"))
        return str(opened[-1].kernel_id)

    yield open_one
    for notebook in opened:
        notebook.run("")  # a kernel that is shut down while it starts writes a traceback to the server's log
    for notebook in opened:
        notebook.close()


@pytest.fixture
def attached(server: Server, open_notebook: Open) -> tuple[str, str]:
    """The kernel of the attached notebook `files/a.ipynb`, and its cluster."""
    (server.workspace.root / "files" / "sub").mkdir(parents=True, exist_ok=True)
    save(server, "files/a.ipynb")
    kernel_id, cluster_id = open_notebook("files/a.ipynb"), create(server)
    server.call("PUT", f"api/dbx/kernels/{kernel_id}/cluster", {"cluster": cluster_id})
    return kernel_id, cluster_id


def save(server: Server, path: str) -> None:
    content = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    server.call("PUT", f"api/contents/{quote(path)}", {"type": "notebook", "content": content})


def rename(server: Server, old: str, new: str) -> None:
    server.call("PATCH", f"api/contents/{quote(old)}", {"path": new})


def cluster_of(server: Server, kernel_id: str) -> tuple[str, str]:
    """Return the cluster of a kernel's notebook, and the notebook's path below the root."""
    found = server.call("GET", f"api/dbx/kernels/{kernel_id}")
    return found["cluster_id"], found["path"].removeprefix(f"{server.workspace.root}/")


@pytest.mark.parametrize("new", [f"files/{NEW_NAME}", "files/sub/a.ipynb", NEW_NAME])
def test_attachment_follows_a_renamed_or_moved_notebook(
    server: Server, attached: tuple[str, str], open_notebook: Open, new: str
) -> None:
    kernel_id, cluster_id = attached

    rename(server, "files/a.ipynb", new)

    wait_until(lambda: cluster_of(server, kernel_id) == (cluster_id, new), 10)
    save(server, "files/a.ipynb")
    assert cluster_of(server, open_notebook("files/a.ipynb")) == ("", "files/a.ipynb")
    assert cluster_of(server, kernel_id) == (cluster_id, new)
    (server.workspace.root / new).unlink()


def test_clusters_name_the_current_path_of_their_notebooks(server: Server, attached: tuple[str, str]) -> None:
    """The kernel of `files/a.ipynb` gets the seat that simulated drivers report."""
    kernel_id, _ = attached
    (server.workspace.data / "seat").write_text(kernel_id)

    def path() -> str:
        seats = (server.call("GET", "api/dbx/clusters")["clusters"][0]["live"] or {}).get("notebooks", [])
        return "".join(seat["path"] for seat in seats)

    wait_until(lambda: path() == "files/a.ipynb", 10)
    rename(server, "files/a.ipynb", "moved.ipynb")
    wait_until(lambda: path() == "moved.ipynb", 10)
    (server.workspace.data / "seat").unlink()
    (server.workspace.root / "moved.ipynb").unlink()


def test_attachment_follows_a_renamed_folder(server: Server, attached: tuple[str, str]) -> None:
    kernel_id, cluster_id = attached

    rename(server, "files", "new files")

    wait_until(lambda: cluster_of(server, kernel_id) == (cluster_id, "new files/a.ipynb"), 10)
    rename(server, "new files", "files")
    wait_until(lambda: cluster_of(server, kernel_id) == (cluster_id, "files/a.ipynb"), 10)


def test_attachment_survives_a_closed_notebook_that_is_renamed(server: Server, open_notebook: Open) -> None:
    save(server, "closed.ipynb")
    cluster_id = create(server)
    path = str(server.workspace.root / "closed.ipynb")
    server.call("PUT", "api/dbx/kernels/closed-kernel/cluster", {"cluster": cluster_id, "path": path})

    rename(server, "closed.ipynb", "opened.ipynb")

    kernel_id = open_notebook("opened.ipynb")
    wait_until(lambda: cluster_of(server, kernel_id) == (cluster_id, "opened.ipynb"), 10)


def test_copy_begins_without_a_cluster(server: Server, attached: tuple[str, str], open_notebook: Open) -> None:
    kernel_id, cluster_id = attached

    copy = server.call("POST", "api/contents/files", {"copy_from": "files/a.ipynb"})["path"]

    assert cluster_of(server, open_notebook(copy)) == ("", copy)
    assert cluster_of(server, kernel_id) == (cluster_id, "files/a.ipynb")


def test_new_notebook_does_not_inherit_the_cluster_of_a_deleted_one(
    server: Server, attached: tuple[str, str], open_notebook: Open
) -> None:
    kernel_id, _ = attached

    server.call("DELETE", "api/contents/files/a.ipynb")

    wait_until(lambda: cluster_of(server, kernel_id)[0] == "", 10)
    save(server, "files/a.ipynb")
    assert cluster_of(server, open_notebook("files/a.ipynb"))[0] == ""


def test_two_tabs_of_a_notebook_share_its_cluster(
    server: Server, attached: tuple[str, str], open_notebook: Open
) -> None:
    kernel_id, cluster_id = attached

    second = open_notebook("files/a.ipynb")

    assert cluster_of(server, second) == cluster_of(server, kernel_id) == (cluster_id, "files/a.ipynb")
