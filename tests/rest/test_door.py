"""Users' own Jupyter servers whose clusters are those of a shared control plane."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.client import IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from http_client import fetch
from live import TOKEN, Notebook, Server, Workspace, free_port, wait_until
from serving import serve
from test_feed import listening

from jupyter_dbx import __version__
from jupyter_dbx.model.door import Door, are_compatible

PEOPLE: dict[str, Any] = {"ann": {"groups": ["data"]}, "bob": {"groups": ["data"]}, "eve": {}, "boss": {"admin": True}}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A control plane for users who identify by their names."""
    folder = tmp_path_factory.mktemp("plane")
    (folder / "data").mkdir()
    (folder / "data" / "people.json").write_text(json.dumps(PEOPLE))
    with serve(folder, "/services/dbx/", app="team_app.py") as server:
        yield server


def door_of(user: str, plane_url: str, folder: Path, base_url: str = "/") -> Server:
    options = (f"--DbxApp.control_plane={plane_url}", f"--DbxApp.user_name={user}")
    return Server(
        Workspace(folder / user, folder / "cache"),
        base_url=base_url,
        options=(*options, f"--DbxApp.control_plane_token={user}"),
    )


@pytest.fixture(scope="module")
def doors(plane: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """The own servers of two users, whose notebooks are at the same paths."""
    folder = tmp_path_factory.mktemp("doors")
    servers = {user: door_of(user, plane.url, folder, f"/user/{user}/") for user in ("ann", "bob")}
    yield servers
    for server in servers.values():
        server.stop()
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def ann(doors: dict[str, Server]) -> Server:
    return doors["ann"]


@pytest.fixture
def bob(doors: dict[str, Server]) -> Server:
    return doors["bob"]


@pytest.fixture
def cluster(ann: Server, plane: Server) -> Iterator[str]:
    """A cluster that `ann` made through her own server."""
    body = {"cluster_name": "etl", "num_workers": 1, "node_type_id": "memory-1c"}
    cluster_id = str(fetch(ann, "POST", "api/2.0/clusters/create", body).body["cluster_id"])
    yield cluster_id
    fetch(plane, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id}, token="boss")


@pytest.fixture
def notebooks(ann: Server, bob: Server) -> Iterator[dict[str, Notebook]]:
    """A notebook of each user, at the same path."""
    opened = {"ann": Notebook(ann, "a.ipynb", kernel="python3"), "bob": Notebook(bob, "a.ipynb", kernel="python3")}
    yield opened
    for notebook in opened.values():
        notebook.run("")  # a kernel that is shut down while it starts writes a traceback to the server's log
        notebook.close()


def share(ann: Server, cluster_id: str, level: str = "CAN_ATTACH_TO") -> None:
    entry = {"user_name": "bob", "permission_level": level}
    answer = fetch(ann, "PUT", f"api/2.0/permissions/clusters/{cluster_id}", {"access_control_list": [entry]})
    assert answer.status == 200, answer.body


def attached(server: Server, notebook: Notebook) -> str:
    return str(fetch(server, "GET", f"api/dbx/kernels/{notebook.kernel_id}").body["cluster_id"])


def attach(server: Server, notebook: Notebook, cluster: str) -> Any:
    return fetch(server, "PUT", f"api/dbx/kernels/{notebook.kernel_id}/cluster", {"cluster": cluster})


def test_a_door_has_the_clusters_that_its_user_may_see(ann: Server, bob: Server, cluster: str) -> None:
    assert [c["cluster_id"] for c in fetch(ann, "GET", "api/dbx/clusters").body["clusters"]] == [cluster]
    assert fetch(bob, "GET", "api/dbx/clusters").body["clusters"] == []
    assert fetch(bob, "GET", f"api/2.0/clusters/get?cluster_id={cluster}").error == (403, "PERMISSION_DENIED")
    assert fetch(ann, "GET", "api/dbx/workspace").body["user_name"] == "ann"

    share(ann, cluster)

    (seen,) = fetch(bob, "GET", "api/dbx/clusters").body["clusters"]
    assert (seen["creator_user_name"], seen["permission_level"]) == ("ann", "CAN_ATTACH_TO")


def test_sdk_works_through_a_door(ann: Server, cluster: str) -> None:
    client = WorkspaceClient(host=ann.url, token=TOKEN)

    assert [found.cluster_id for found in client.clusters.list()] == [cluster]
    assert client.current_user.me().user_name == "ann"


def test_the_control_plane_judges_personal_tokens(ann: Server, bob: Server, cluster: str) -> None:
    token = fetch(ann, "POST", "api/2.0/token/create", {"comment": "job"}).body["token_value"]

    # The door of another user is no obstacle: the token says who asks.
    assert fetch(bob, "GET", "api/dbx/workspace", token=token).body["user_name"] == "ann"
    assert fetch(bob, "GET", "api/dbx/workspace", token=f"{token}x").error == (403, "PERMISSION_DENIED")
    assert fetch(ann, "GET", "api/dbx/workspace", token="wrong").error == (403, "PERMISSION_DENIED")


def test_notebooks_of_one_path_are_two_notebooks(
    ann: Server, bob: Server, cluster: str, notebooks: dict[str, Notebook]
) -> None:
    assert attach(ann, notebooks["ann"], cluster).status == 200
    refused = attach(bob, notebooks["bob"], cluster)
    assert refused.error == (403, "PERMISSION_DENIED") and "ann" in refused.body["message"]

    share(ann, cluster)
    assert attached(bob, notebooks["bob"]) == ""
    assert attach(bob, notebooks["bob"], "etl").body["cluster_id"] == cluster
    fetch(bob, "DELETE", f"api/dbx/kernels/{notebooks['bob'].kernel_id}/cluster")

    assert attached(ann, notebooks["ann"]) == cluster and attached(bob, notebooks["bob"]) == ""


def test_kernel_of_another_user_is_out_of_reach(
    ann: Server, bob: Server, cluster: str, notebooks: dict[str, Notebook]
) -> None:
    attach(ann, notebooks["ann"], cluster)
    share(ann, cluster)

    for method, end in (("PUT", "/cluster"), ("DELETE", "/cluster"), ("GET", ""), ("POST", "/seat")):
        answer = fetch(bob, method, f"api/dbx/kernels/{notebooks['ann'].kernel_id}{end}", {"cluster": cluster})
        assert answer.error == (403, "PERMISSION_DENIED") and "belongs to ann" in answer.body["message"]
    assert attached(ann, notebooks["ann"]) == cluster


def test_attachment_follows_a_notebook_through_the_door(
    ann: Server, cluster: str, notebooks: dict[str, Notebook]
) -> None:
    content = {"type": "notebook", "content": {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}}
    ann.call("PUT", "api/contents/a.ipynb", content)
    attach(ann, notebooks["ann"], cluster)

    ann.call("PATCH", "api/contents/a.ipynb", {"path": "b.ipynb"})
    wait_until(
        lambda: fetch(ann, "GET", f"api/dbx/kernels/{notebooks['ann'].kernel_id}").body["path"].endswith("/b.ipynb"), 10
    )
    assert attached(ann, notebooks["ann"]) == cluster

    ann.call("DELETE", "api/contents/b.ipynb")
    wait_until(lambda: attached(ann, notebooks["ann"]) == "", 10)


def test_a_notebook_has_the_rights_of_a_notebook(ann: Server, cluster: str, notebooks: dict[str, Notebook]) -> None:
    notebook = Notebook(ann, "rights.ipynb")
    token = notebook.run("import os; print(os.environ['DATABRICKS_TOKEN'])").ok().text.strip()

    assert fetch(ann, "GET", "api/dbx/workspace", token=token).body["user_name"] == "ann"
    assert "A notebook cannot do this" in fetch(ann, "GET", "api/2.0/token/list", token=token).body["message"]
    assert fetch(ann, "GET", f"api/dbx/kernels/{notebook.kernel_id}", token=token).status == 200
    another = Notebook(ann, "other.ipynb")
    try:
        for path in (f"api/dbx/kernels/{another.kernel_id}", f"api/dbx/%6bernels/{another.kernel_id}"):
            answer = fetch(ann, "GET", path, token=token)
            assert answer.error == (403, "PERMISSION_DENIED") and "valid only for that kernel" in answer.body["message"]
    finally:
        for opened in (notebook, another):
            opened.run("")
            opened.close()


def test_pages_hear_of_changes_at_the_control_plane(bob: Server, ann: Server, cluster: str) -> None:
    assert listening(bob, lambda: share(ann, cluster, "CAN_RESTART"))


def test_paths_stay_below_the_api(ann: Server) -> None:
    for path in ("api/2.0/../../api/status", "api/2.0/%2e%2e/%2e%2e/api/status", "api/dbx/x/..%2f..%2f..%2fhub"):
        assert fetch(ann, "GET", path).error[0] in (400, 404)


@pytest.mark.parametrize(
    ("door", "plane", "works"),
    [
        ("0.1.0", "0.1.7", True),
        ("0.2.0", "0.1.0", True),
        ("0.1.0", "0.3.0", False),
        ("1.0.0", "0.9.0", False),
        ("x", "0.1.0", False),
    ],
)
def test_versions_may_differ_by_one_release(door: str, plane: str, works: bool) -> None:
    assert are_compatible(door, plane) == works


def test_a_door_of_a_distant_version_is_told_both_versions(plane: Server) -> None:
    header = Door("7.0.0", "http://here/").encode()
    answer = fetch(plane, "GET", "api/dbx/workspace", token="ann", headers={Door.HEADER: header})

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert "7.0.0" in answer.body["message"] and __version__ in answer.body["message"]


def test_a_kernel_is_no_door(plane: Server) -> None:
    token = json.loads((plane.workspace.data / "kernels.json").read_text())["ann"]
    header = Door(__version__, "http://here/", kernel_id="of-another").encode()
    answer = fetch(plane, "GET", "api/dbx/kernels/of-another", token=token, headers={Door.HEADER: header})

    assert answer.error == (403, "PERMISSION_DENIED") and "cannot be a door" in answer.body["message"]


def test_whoever_mentions_a_kernel_first_has_it(plane: Server, ann: Server, cluster: str) -> None:
    share(ann, cluster)
    assert fetch(plane, "GET", "api/dbx/kernels/of-a-job", token="ann").status == 200

    for method, end in (("DELETE", "/cluster"), ("POST", "/seat"), ("PUT", "/cluster")):
        answer = fetch(plane, method, f"api/dbx/kernels/of-a-job{end}", {"cluster": cluster}, token="bob")
        assert answer.error == (403, "PERMISSION_DENIED") and "belongs to ann" in answer.body["message"]


def test_id_of_a_kernel_cannot_name_a_notebook_of_another_user(plane: Server, ann: Server, cluster: str) -> None:
    share(ann, cluster)
    answer = fetch(plane, "PUT", "api/dbx/kernels/%1Fann%1Fkernel/cluster", {"cluster": cluster}, token="bob")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE") and "control characters" in answer.body["message"]


def test_idempotency_tokens_of_two_users_are_two(plane: Server, ann: Server) -> None:
    body = {"cluster_name": "job", "num_workers": 1, "node_type_id": "memory-1c", "idempotency_token": "nightly"}
    made = [
        fetch(plane, "POST", "api/2.0/clusters/create", body, token=user).body["cluster_id"]
        for user in ("ann", "bob", "ann")
    ]

    assert made[0] == made[2] != made[1]
    for cluster_id in made[:2]:
        fetch(plane, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id}, token="boss")


@pytest.mark.parametrize(
    "value", ["", "nonsense", "%7B%7D", "%5B%5D", "1", '{"version": 1}', "[" * 20_000, "%22" * 20_000]
)
def test_a_malformed_door_is_refused(plane: Server, value: str) -> None:
    answer = fetch(plane, "GET", "api/dbx/workspace", token="ann", headers={Door.HEADER: value})

    assert answer.error == (400, "INVALID_PARAMETER_VALUE") if value else answer.status == 200
    for url in ("http://here/'><script>/", "http://here//evil.com/", "http://[/", "ftp://here/", "http://here"):
        header = Door(__version__, url).encode()
        assert fetch(plane, "GET", "api/dbx/workspace", token="ann", headers={Door.HEADER: header}).status == 400
    long = Door("9" * 5000 + ".1", "http://here/").encode()
    assert fetch(plane, "GET", "api/dbx/workspace", token="ann", headers={Door.HEADER: long}).status == 400


def test_a_restart_of_the_control_plane_is_survived(tmp_path: Path) -> None:
    folder = tmp_path / "plane"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "people.json").write_text(json.dumps(PEOPLE))
    port = free_port()
    with serve(folder, app="team_app.py", port=port) as plane:
        door = door_of("ann", plane.url, tmp_path / "doors")
        kernel = Notebook(door, "a.ipynb")
        cluster_id = door.create("etl", num_workers=1, node_type_id="memory-1c")
        attach(door, kernel, cluster_id)
    try:
        gone = fetch(door, "GET", "api/dbx/clusters")
        assert gone.error == (503, "TEMPORARILY_UNAVAILABLE") and gone.reason == "CONTROL_PLANE_UNAVAILABLE"
        assert f"127.0.0.1:{port}" in gone.body["message"]
        assert kernel.value("1 + 1") == 2

        with serve(folder, app="team_app.py", port=port):
            assert attached(door, kernel) == cluster_id
            wait_until(lambda: "The control plane is responding again" in door.log.read_text(), 30)
            assert listening(door, lambda: door.create("more", num_workers=1, node_type_id="memory-1c"))
    finally:
        kernel.close()
        door.stop()


class Breaking(BaseHTTPRequestHandler):
    """A control plane that breaks off in the middle of downloads."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        if "/download" not in self.path:
            body = b"{}"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\nhalf\r\n")
        time.sleep(0.5)  # tornado forgets what arrives together with the end
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_half_a_download_does_not_look_like_a_whole_one(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as plane:
        threading.Thread(target=plane.serve_forever, daemon=True).start()
        door = door_of("ann", f"http://127.0.0.1:{plane.server_port}", tmp_path)
        try:
            with pytest.raises(IncompleteRead) as half:
                door.call("GET", "api/dbx/clusters/c/log/download")
            assert half.value.partial == b"half"
            door.call("GET", "api/dbx/clusters")
        finally:
            door.stop()
            plane.shutdown()
    assert "Traceback" not in door.log.read_text()
