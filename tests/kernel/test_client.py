"""The way from a kernel to its server: finding it, asking it, and what is said when it refuses or is gone."""

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
from answering import OURS, Place

from jupyter_dbx.kernel.client import Client, NoSuchCluster, RequestFailed, ServerUnreachable, find_client

Serve = Callable[..., Place]


@contextmanager
def nobody() -> Iterator[str]:
    """Give a URL where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@contextmanager
def stranger(greeting: bytes) -> Iterator[str]:
    """Give a URL where something listens that is no web server."""
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


# -- asking ------------------------------------------------------------------------------------------------------------


def test_get_has_its_arguments_in_the_query_and_leaves_out_what_is_none(serve: Serve) -> None:
    place = serve(body={"a": 1})

    answer = Client(place.url, "secret").clusters("get", cluster_id="a b&c", nothing=None)

    assert answer == {"a": 1}
    assert place.heard == [("GET", "/api/2.0/clusters/get?cluster_id=a+b%26c", "", "secret")]


def test_post_has_its_arguments_in_the_body(serve: Serve) -> None:
    place = serve()

    Client(place.url, "secret").clusters("create", cluster_name="ü", num_workers=2, autoscale=None)

    ((method, path, body, _),) = place.heard
    assert (method, path) == ("POST", "/api/2.0/clusters/create")
    assert json.loads(body) == {"cluster_name": "ü", "num_workers": 2}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_kernel_is_asked_about_by_its_id(serve: Serve, method: str) -> None:
    place = serve()

    Client(f"{place.url}user/ada/", "t").kernel(method, "a/../b", "cluster", path="x.ipynb")

    ((heard, path, body, _),) = place.heard
    assert (heard, path) == (method, "/user/ada/api/dbx/kernels/a%2F..%2Fb/cluster")
    assert json.loads(body) == {"path": "x.ipynb"}


def test_our_own_words_are_asked_for_under_dbx(serve: Serve) -> None:
    place = serve()

    Client(place.url, "t").dbx("GET", "clusters/1/log", path="a/b", tail=None, types=["x", "y"])

    assert [path for _, path, _, _ in place.heard] == ["/api/dbx/clusters/1/log?path=a%2Fb&types=x&types=y"]


def test_download_comes_as_it_is(serve: Serve) -> None:
    text = "no JSON\n" * 20_000
    place = serve(200, text)

    pieces = list(Client(place.url, "t").download("dbx/file", path="x"))

    assert b"".join(pieces).decode() == text
    assert len(pieces) > 1


def test_download_that_is_refused_or_gone_is_told(serve: Serve) -> None:
    place = serve(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such log."})

    with pytest.raises(RequestFailed, match=r"^No such log\.$"):
        list(Client(place.url, "t").download("dbx/file"))
    with nobody() as url, pytest.raises(ServerUnreachable):
        list(Client(url, "t").download("dbx/file"))


def test_unknown_cluster_is_told_from_other_refusals(serve: Serve) -> None:
    gone = serve(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Cluster 1-a does not exist"})
    other = serve(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Cluster size x does not exist"})

    with pytest.raises(NoSuchCluster):
        Client(gone.url, "t").clusters("get", cluster_id="1-a")
    with pytest.raises(RequestFailed) as error:
        Client(other.url, "t").clusters("get", cluster_id="1-a")
    assert not isinstance(error.value, NoSuchCluster)


def test_server_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = Client(f"http://127.0.0.1:{deaf.getsockname()[1]}/", "t", timeout_s=0.2)

        with pytest.raises(ServerUnreachable, match=r"does not answer \(timed out\)"):
            client.clusters("list")


def test_refusal_carries_the_servers_sentence_and_code(serve: Serve) -> None:
    place = serve(400, {"error_code": "INVALID_STATE", "message": "Cannot start cluster 1: it is RUNNING."})

    with pytest.raises(RequestFailed, match=r"^Cannot start cluster 1: it is RUNNING\.$") as error:
        Client(place.url, "t").clusters("start", cluster_id="1")

    assert (error.value.error_code, error.value.status) == ("INVALID_STATE", 400)


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", [], {"reason": "x"}, "7"])
def test_refusal_that_is_no_envelope_tells_its_status(serve: Serve, body: Any) -> None:
    place = serve(502, body)

    with pytest.raises(RequestFailed, match=r"^The server answered 502 Bad Gateway\.$") as error:
        Client(place.url, "t").clusters("list")

    assert (error.value.error_code, error.value.status) == ("", 502)


@pytest.mark.parametrize("body", ["<html>", "", "[]", "null", '"text"'])
def test_answer_that_is_no_object_is_not_from_our_server(serve: Serve, body: str) -> None:
    place = serve(200, body)

    with pytest.raises(ServerUnreachable, match=f"server at {place.url} does not answer"):
        Client(place.url, "t").clusters("list")


def test_server_that_is_gone_is_named_with_what_to_do() -> None:
    with nobody() as url, pytest.raises(ServerUnreachable) as error:
        Client(url, "t").clusters("list")

    assert error.value.message.startswith(f"The Jupyter server at {url} does not answer (")
    assert error.value.message.endswith("Start it again; kernels that it had started need a restart, too.")


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_something_else_that_listens_there_is_no_server(greeting: bytes) -> None:
    with stranger(greeting) as url, pytest.raises(ServerUnreachable, match="does not answer"):
        Client(url, "t").clusters("list")


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "http://no such host/", "nonsense/", "http://[::1/"])
def test_address_that_is_none_is_no_server(url: str) -> None:
    with pytest.raises(ServerUnreachable, match="does not answer"):
        Client(url, "t").clusters("list")


def test_proxy_is_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    place = serve()

    with nobody() as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        Client(place.url, "t").clusters("list")

    assert len(place.heard) == 1


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

    assert client.find_cluster(wanted)["cluster_id"] == found


@pytest.mark.parametrize(
    ("clusters", "wanted", "sentence", "code"),
    [
        (CLUSTERS, "x", "There is no cluster 'x'. There are: etl, two, two, 1, 5.", "RESOURCE_DOES_NOT_EXIST"),
        ([], "x", "There is no cluster 'x'. There are: none yet.", "RESOURCE_DOES_NOT_EXIST"),
        (CLUSTERS, "two", "Several clusters are called 'two'; use an id: 2, 3", "INVALID_PARAMETER_VALUE"),
    ],
)
def test_cluster_that_cannot_be_told_is_refused(
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
        (503, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "x"}, True),
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
def test_our_server_is_known_by_its_answer(serve: Serve, status: int, body: Any, truth: bool) -> None:
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
def test_server_in_the_environment_is_taken_before_those_that_run(
    serve: Serve, runtime: Path, monkeypatch: pytest.MonkeyPatch, spell: Callable[[str], str]
) -> None:
    named, runs = serve(*OURS), serve(*OURS)
    monkeypatch.setenv("DATABRICKS_HOST", spell(named.url))
    monkeypatch.setenv("DATABRICKS_TOKEN", "named")
    write_runtime_file(runtime, "1", {"url": runs.url, "token": "t"})

    found = find_client()

    ((_, path, _, token),) = named.heard
    assert (found.token, token) == ("named", "named")
    assert found.url == named.url + path.removeprefix("/").removesuffix("api/dbx/limits")
    assert runs.heard == []


def test_newest_server_that_runs_is_taken(serve: Serve, runtime: Path) -> None:
    old, new = serve(*OURS), serve(*OURS)
    write_runtime_file(runtime, "1", {"url": new.url, "token": "new"})
    write_runtime_file(runtime, "2", {"url": old.url, "token": "old"}, age_s=100)

    assert find_client() == Client(new.url, "new")


def test_servers_that_are_none_of_ours_are_passed_by(
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
def test_broken_runtime_file_is_passed_by(serve: Serve, runtime: Path, content: Any) -> None:
    ours = serve(*OURS)
    write_runtime_file(runtime, "broken", content)
    write_runtime_file(runtime, "ours", {"url": ours.url, "token": "t"}, age_s=100)

    assert find_client() == Client(ours.url, "t")


def test_runtime_file_of_a_server_that_has_just_ended_is_passed_by(serve: Serve, runtime: Path) -> None:
    ours = serve(*OURS)
    os.symlink("gone", runtime / "jpserver-1.json")
    write_runtime_file(runtime, "2", {"url": ours.url, "token": "t"})

    assert find_client() == Client(ours.url, "t")


def test_no_server_is_told_with_what_to_do(runtime: Path) -> None:
    with pytest.raises(ServerUnreachable) as error:
        find_client()

    assert error.value.message == (
        "No Jupyter server with jupyter_dbx was found. Start one (`jupyter lab`), or set DATABRICKS_HOST and DATABRICKS_TOKEN."
    )
