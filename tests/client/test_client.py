"""The way from a kernel to its server: finding it, requests, and errors."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from answering import OURS, CannedServer, error_body

from jupyter_dbx.client.client import Client
from jupyter_dbx.client.finding import find_client
from jupyter_dbx.client.transport import NoSuchCluster, RequestFailed, ServerUnreachable
from jupyter_dbx.model.errors import ClusterDoesNotExist, DbxError, InvalidParameterValue, Reason, StoreUnavailable

Serve = Callable[..., CannedServer]


@contextmanager
def unused_url() -> Iterator[str]:
    """Yield a URL on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@contextmanager
def other_server(greeting: bytes) -> Iterator[str]:
    """Yield a URL on which something listens that is not a web server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(greeting)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(10_000)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(5)


# -- requests ----------------------------------------------------------------------------------------------------------


def test_get_has_its_arguments_in_the_query_and_omits_none(serve: Serve) -> None:
    canned = serve(body={"a": 1})

    answer = Client(canned.url, "secret").call("GET", "2.0/clusters/get", cluster_id="a b&c", nothing=None)

    assert answer == {"a": 1}
    assert canned.requests == [("GET", "/api/2.0/clusters/get?cluster_id=a+b%26c", "", "secret")]


def test_post_has_its_arguments_in_the_body(serve: Serve) -> None:
    canned = serve()

    Client(canned.url, "secret").call("POST", "2.0/clusters/create", cluster_name="ü", num_workers=2, autoscale=None)

    ((method, path, body, _),) = canned.requests
    assert (method, path) == ("POST", "/api/2.0/clusters/create")
    assert json.loads(body) == {"cluster_name": "ü", "num_workers": 2}


def test_kernel_is_named_by_its_id_and_its_notebook(serve: Serve) -> None:
    canned = serve(body={"cluster_id": "c"})
    client = Client(f"{canned.url}user/ada/", "t")

    choice = client.get_choice("a/../b", "x.ipynb")
    client.attach("a/../b", "", "etl")

    assert choice.cluster_id == "c"
    assert [(method, path) for method, path, _, _ in canned.requests] == [
        ("GET", "/user/ada/api/dbx/kernels/a%2F..%2Fb?path=x.ipynb"),
        ("PUT", "/user/ada/api/dbx/kernels/a%2F..%2Fb/cluster"),
    ]
    assert json.loads(canned.requests[1][2]) == {"cluster": "etl"}


def test_endpoints_without_a_databricks_twin_are_below_dbx(serve: Serve) -> None:
    canned = serve()

    Client(canned.url, "t").call("GET", "dbx/clusters/1/log", path="a/b", tail=None, types=["x", "y"])

    assert [path for _, path, _, _ in canned.requests] == ["/api/dbx/clusters/1/log?path=a%2Fb&types=x&types=y"]


def test_download_is_unchanged(serve: Serve) -> None:
    text = "no JSON\n" * 20_000
    canned = serve(200, text)

    pieces = list(Client(canned.url, "t").download("dbx/file", path="x"))

    assert b"".join(pieces).decode() == text
    assert len(pieces) > 1


def test_download_raises_the_servers_error(serve: Serve) -> None:
    canned = serve(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such log."})

    with pytest.raises(RequestFailed, match=r"^No such log\.$"):
        list(Client(canned.url, "t").download("dbx/file"))
    with unused_url() as url, pytest.raises(ServerUnreachable):
        list(Client(url, "t").download("dbx/file"))


def test_unknown_cluster_is_distinguished_from_other_errors(serve: Serve) -> None:
    gone = serve(400, error_body(ClusterDoesNotExist("1-a")))
    other = serve(400, error_body(InvalidParameterValue("Cluster x does not exist", field="cluster_id")))

    with pytest.raises(NoSuchCluster):
        Client(gone.url, "t").get_cluster("1-a")
    with pytest.raises(RequestFailed) as error:
        Client(other.url, "t").get_cluster("1-a")
    assert not isinstance(error.value, NoSuchCluster)
    assert (error.value.reason, error.value.field) == (Reason.INVALID_VALUE, "cluster_id")


@pytest.mark.parametrize("details", [[], [{"@type": "new", "reason": "LATER_REASON", "x": [1]}], "nonsense"])
def test_error_of_an_older_or_newer_server_is_read(serve: Serve, details: object) -> None:
    canned = serve(400, {"error_code": "A_CODE", "message": "No.", "details": details, "more": 1})

    with pytest.raises(RequestFailed) as error:
        Client(canned.url, "t").call("GET", "dbx/limits")

    assert (error.value.status, error.value.reason, error.value.field) == (400, Reason.UNSPECIFIED, "")


def test_answer_of_a_newer_server_is_read_and_kept(serve: Serve) -> None:
    newer = {"cluster_id": "1", "state": "HIBERNATING", "num_workers": "2", "temperature": {"c": 3}}
    canned = serve(body=newer)

    cluster = Client(canned.url, "t").get_cluster("1")

    assert (cluster.state, cluster.num_workers, cluster.received) == ("HIBERNATING", 2, newer)


def test_answer_of_an_older_server_has_defaults(serve: Serve) -> None:
    canned = serve(body={"clusters": [{"cluster_id": "1"}]})

    (cluster,) = Client(canned.url, "t").list_clusters().clusters

    assert (cluster.name, cluster.pinned, cluster.live, bool(cluster.autoscale)) == ("1", False, None, False)


def test_answer_of_another_shape_is_not_from_this_api(serve: Serve) -> None:
    canned = serve(body={"clusters": "none"})

    with pytest.raises(ServerUnreachable, match="clusters"):
        Client(canned.url, "t").list_clusters()


def test_server_that_hangs_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        client = Client(f"http://127.0.0.1:{hanging.getsockname()[1]}/", "t", timeout_s=0.2)

        with pytest.raises(ServerUnreachable, match=r"is not responding \(timed out\)"):
            client.list_clusters()


def test_error_carries_the_servers_message_and_code(serve: Serve) -> None:
    canned = serve(400, {"error_code": "INVALID_STATE", "message": "Cannot start cluster 1: it is RUNNING."})

    with pytest.raises(RequestFailed, match=r"^Cannot start cluster 1: it is RUNNING\.$") as error:
        Client(canned.url, "t").start_cluster("1")

    assert (error.value.error_code, error.value.status) == ("INVALID_STATE", 400)


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", [], {"reason": "x"}, "7"])
def test_error_without_an_envelope_has_its_status(serve: Serve, body: Any) -> None:
    canned = serve(502, body)

    with pytest.raises(RequestFailed, match=r"^The server returned 502 Bad Gateway\.$") as error:
        Client(canned.url, "t").list_clusters()

    assert (error.value.error_code, error.value.status) == ("", 502)


@pytest.mark.parametrize("body", ["<html>", "", "[]", "null", '"text"'])
def test_answer_that_is_not_an_object_is_not_from_this_api(serve: Serve, body: str) -> None:
    canned = serve(200, body)

    with pytest.raises(ServerUnreachable, match=f"server at {canned.url} is not responding"):
        Client(canned.url, "t").list_clusters()


def test_server_that_is_gone_is_named_with_what_to_do() -> None:
    with unused_url() as url, pytest.raises(ServerUnreachable) as error:
        Client(url, "t").list_clusters()

    assert error.value.message.startswith(f"The Jupyter server at {url} is not responding (")
    assert error.value.message.endswith("Restart it, and then the kernels that it started.")


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_another_service_is_not_a_server(greeting: bytes) -> None:
    with other_server(greeting) as url, pytest.raises(ServerUnreachable, match="is not responding"):
        Client(url, "t").list_clusters()


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "http://no such host/", "nonsense/", "http://[::1/"])
def test_invalid_address_is_not_a_server(url: str) -> None:
    with pytest.raises(ServerUnreachable, match="is not responding"):
        Client(url, "t").list_clusters()


def test_proxy_is_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    canned = serve()

    with unused_url() as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        Client(canned.url, "t").list_clusters()

    assert len(canned.requests) == 1


# -- finding a cluster -------------------------------------------------------------------------------------------------

CLUSTERS = [
    {"cluster_id": "1", "cluster_name": "etl"},
    {"cluster_id": "2", "cluster_name": "two"},
    {"cluster_id": "3", "cluster_name": "two"},
    {"cluster_id": "4", "cluster_name": "1"},
    {"cluster_id": "5", "cluster_name": ""},
]


@pytest.mark.parametrize(("wanted", "found"), [("etl", "1"), ("2", "2"), ("1", "1"), ("5", "5")])
def test_cluster_is_found_by_id_and_else_by_name(serve: Serve, wanted: str, found: str) -> None:
    client = Client(serve(body={"clusters": CLUSTERS}).url, "t")

    assert client.find_cluster(wanted).cluster_id == found


@pytest.mark.parametrize(
    ("clusters", "wanted", "sentence", "code"),
    [
        (
            CLUSTERS,
            "x",
            "Cluster 'x' does not exist. Existing clusters: etl, two, two, 1, 5.",
            "RESOURCE_DOES_NOT_EXIST",
        ),
        ([], "x", "Cluster 'x' does not exist. Existing clusters: none.", "RESOURCE_DOES_NOT_EXIST"),
        (CLUSTERS, "two", "Several clusters are named 'two'. Use an ID: 2, 3.", "INVALID_PARAMETER_VALUE"),
    ],
)
def test_unknown_or_ambiguous_cluster_is_an_error(
    serve: Serve, clusters: list[Any], wanted: str, sentence: str, code: str
) -> None:
    client = Client(serve(body={"clusters": clusters}).url, "t")

    with pytest.raises(RequestFailed) as error:
        client.find_cluster(wanted)

    assert (error.value.message, error.value.error_code) == (sentence, code)
    assert isinstance(error.value, NoSuchCluster)


# -- finding the server ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "truth"),
    [
        (*OURS, True),
        (503, error_body(StoreUnavailable()), True),
        (500, error_body(DbxError("A newer version of jupyter_dbx created or upgraded the store.")), True),
        (200, {"cluster_id": "1"}, False),
        (403, {"error_code": "PERMISSION_DENIED", "message": "This token may not do that."}, False),
        (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "x"}, False),
        (404, "<html>Jupyter Server</html>", False),
        (404, {"message": "Not Found", "reason": None}, False),
        (200, "<html>", False),
        (200, "[]", False),
        (500, "", False),
    ],
)
def test_server_with_the_extension_is_recognized(serve: Serve, status: int, body: Any, truth: bool) -> None:
    assert Client(serve(status, body).url, "t").is_ours() is truth


def write_runtime_file(runtime: Path, name: str, content: Any, *, age_s: float = 0) -> None:
    path = runtime / f"jpserver-{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (1_700_000_000 - age_s,) * 2)


@pytest.mark.parametrize(
    "spell",
    [
        lambda url: url,
        lambda url: url.rstrip("/"),
        lambda url: url.removeprefix("http://"),
        lambda url: f"{url}user/ada",
        lambda url: f"{url}user/ada/",
    ],
    ids=["url", "no slash", "no scheme", "prefix", "prefix with slash"],
)
def test_server_in_the_environment_takes_precedence(
    serve: Serve, runtime: Path, monkeypatch: pytest.MonkeyPatch, spell: Callable[[str], str]
) -> None:
    named, runs = serve(*OURS), serve(*OURS)
    monkeypatch.setenv("DATABRICKS_HOST", spell(named.url))
    monkeypatch.setenv("DATABRICKS_TOKEN", "named")
    write_runtime_file(runtime, "1", {"url": runs.url, "token": "t"})

    found = find_client()

    ((_, path, _, token),) = named.requests
    assert (found.token, token) == ("named", "named")
    assert found.url == named.url + path.removeprefix("/").removesuffix("api/dbx/limits")
    assert runs.requests == []


def test_newest_running_server_is_found(serve: Serve, runtime: Path) -> None:
    old, new = serve(*OURS), serve(*OURS)
    write_runtime_file(runtime, "1", {"url": new.url, "token": "new"})
    write_runtime_file(runtime, "2", {"url": old.url, "token": "old"}, age_s=100)

    assert find_client() == Client(new.url, "new")


def test_servers_without_the_extension_are_skipped(
    serve: Serve, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, plain, denied = serve(*OURS), serve(404, "<html>"), serve(403, {"error_code": "X", "message": "x"})
    monkeypatch.setenv("DATABRICKS_HOST", plain.url)
    write_runtime_file(runtime, "1", {"url": plain.url, "token": "t"})
    write_runtime_file(runtime, "2", {"url": denied.url, "token": "t"}, age_s=1)
    write_runtime_file(runtime, "3", {"url": "http://127.0.0.1:0/", "token": "t"}, age_s=2)
    write_runtime_file(runtime, "4", {"url": ours.url, "token": "t"}, age_s=3)

    assert find_client() == Client(ours.url, "t")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "7", {}, {"url": "http://127.0.0.1:0/"}, {"token": "t"}, {"url": "x", "token": ""}],
)
def test_broken_runtime_file_is_skipped(serve: Serve, runtime: Path, content: Any) -> None:
    ours = serve(*OURS)
    write_runtime_file(runtime, "broken", content)
    write_runtime_file(runtime, "ours", {"url": ours.url, "token": "t"}, age_s=100)

    assert find_client() == Client(ours.url, "t")


def test_runtime_file_of_a_server_that_has_just_ended_is_skipped(serve: Serve, runtime: Path) -> None:
    ours = serve(*OURS)
    os.symlink("gone", runtime / "jpserver-1.json")
    write_runtime_file(runtime, "2", {"url": ours.url, "token": "t"})

    assert find_client() == Client(ours.url, "t")


def test_missing_server_is_reported_with_what_to_do(runtime: Path) -> None:
    with pytest.raises(ServerUnreachable) as error:
        find_client()

    assert error.value.message == (
        "No Jupyter server with jupyter_dbx was found. Start one (`jupyter lab`), or set DATABRICKS_HOST and DATABRICKS_TOKEN."
    )
