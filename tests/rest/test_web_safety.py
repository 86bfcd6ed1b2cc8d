"""What every route has in common against attacks from the web: XSRF, other origins, sizes, headers, floods."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from http.cookies import SimpleCookie
from typing import Any

import pytest
from http_client import create, fetch, unchanged
from live import Server
from passive_app import ENDLESS_PATH

from jupyter_dbx.rest.framework.endpoint import Route
from jupyter_dbx.rest.framework.handler import MAX_BODY, RECHECK_S
from jupyter_dbx.rest.table import ROUTES

CHANGING = [route for route in ROUTES if route.method != "GET"]


@pytest.fixture(scope="module")
def cookies(passive_server: Server) -> dict[str, str]:
    """The cookies of a user of a browser who has logged in."""
    jar: SimpleCookie = SimpleCookie()
    for path in ("/login", "/api/status?token=test-token"):
        connection = http.client.HTTPConnection("127.0.0.1", passive_server.port, timeout=30)
        sent = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        connection.request("GET", path, headers={"Cookie": sent} if sent else {})
        response = connection.getresponse()
        response.read()
        for header in response.headers.get_all("Set-Cookie") or []:
            jar.load(header)
        connection.close()
    return {name: morsel.value for name, morsel in jar.items()}


@pytest.fixture
def browser(cookies: dict[str, str]) -> dict[str, str]:
    """The headers of a browser without what only scripts of Jupyter's pages can send."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def path_of(route: Route) -> str:
    """Return a path of a route, with names in it."""
    return "api/" + route.path.format(**dict.fromkeys(route.in_path, "x"))


@pytest.mark.parametrize("route", CHANGING, ids=lambda route: f"{route.method} {route.path}")
def test_route_changes_nothing_for_pages_of_others(
    passive_server: Server, browser: dict[str, str], cookies: dict[str, str], route: Route
) -> None:
    def send(**headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return fetch(passive_server, route.method, path_of(route), {}, token="", headers=browser | named).error

    with unchanged(passive_server):
        assert send() == (403, "PERMISSION_DENIED")
        assert send(X_XSRFToken="2|forged|forged|1") == (403, "PERMISSION_DENIED")
        assert send(X_XSRFToken=cookies["_xsrf"], Origin="http://evil.example")[0] in (403, 404)
        assert send(X_XSRFToken=cookies["_xsrf"], Origin="null")[0] in (403, 404)
        assert send(Content_Type="text/plain") == (403, "PERMISSION_DENIED")
        accepted = send(X_XSRFToken=cookies["_xsrf"])
    assert accepted[1] not in ("PERMISSION_DENIED", "ENDPOINT_NOT_FOUND")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_answer_has_the_headers(passive_server: Server, route: Route) -> None:
    headers = fetch(passive_server, route.method, path_of(route)).headers if not _is_download(route) else {}

    for found in filter(None, (headers, fetch(passive_server, route.method, path_of(route), token="").headers)):
        assert found["Cache-Control"] == "no-store"
        assert found["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in found["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in found or not found["Access-Control-Allow-Origin"]


def _is_download(route: Route) -> bool:
    return route.path.endswith("/download")


def test_other_origins_are_as_jupyter_permits(passive_server: Server, browser: dict[str, str]) -> None:
    evil = {"Origin": "http://evil.example"}

    by_cookie = fetch(passive_server, "GET", "api/2.0/clusters/list", token="", headers=browser | evil)
    by_token = fetch(passive_server, "GET", "api/2.0/clusters/list", headers=evil)

    assert by_cookie.status in (403, 404) and "Access-Control-Allow-Origin" not in by_cookie.headers
    assert by_token.headers["Access-Control-Allow-Origin"] == "http://evil.example"  # it knows the token, no cookie
    assert "Access-Control-Allow-Credentials" not in by_token.headers


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "api/sessions", "api/events/subscribe", "api/me"])
def test_personal_token_is_for_this_api_only(passive_server: Server, path: str) -> None:
    made = fetch(passive_server, "POST", "api/2.0/token/create", {}).body["token_value"]
    headers = {"Authorization": f"Bearer {made}", "Connection": "Upgrade", "Upgrade": "websocket"}
    connection = http.client.HTTPConnection("127.0.0.1", passive_server.port, timeout=30)

    connection.request("GET", f"/{path}", headers=headers | {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"})
    status = connection.getresponse().status
    connection.close()

    assert status == 403


# -- sizes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [MAX_BODY + 1, 20 * MAX_BODY])
def test_larger_body_is_refused_in_the_envelope(passive_server: Server, size: int) -> None:
    answer = fetch(passive_server, "POST", "api/2.0/clusters/create", b" " * size)

    assert answer.error == (413, "MAX_REQUEST_SIZE_EXCEEDED")
    assert (answer.reason, str(MAX_BODY) in answer.body["message"]) == ("REQUEST_TOO_LARGE", True)


def test_body_in_chunks_is_read_and_bounded(passive_server: Server) -> None:
    def send(*chunks: bytes) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", passive_server.port, timeout=30)
        headers = {"Authorization": "Bearer test-token", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/api/2.0/clusters/get", iter(chunks), headers, encode_chunked=True)
        response = connection.getresponse()
        try:
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    assert send(b'{"a"', b": 1", b"}")[1]["error_code"] == "ENDPOINT_NOT_FOUND"  # only GET is served
    assert send(*[b" " * 2**16] * (MAX_BODY // 2**16 + 2))[0] in (404, 413)


def test_largest_body_is_read(passive_server: Server) -> None:
    body = b'{"cluster_id": "none"' + b" " * (MAX_BODY - 22) + b"}"

    answer = fetch(passive_server, "POST", "api/2.0/clusters/start", body)

    assert len(body) == MAX_BODY
    assert answer.body["message"] == "Cluster none does not exist"


def test_header_has_a_largest_size(passive_server: Server) -> None:
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        fetch(passive_server, "GET", "api/2.0/clusters/list", headers={"X-Long": "x" * 2**17})


# -- the audit log -----------------------------------------------------------------------------------------------------


def records(server: Server, **wanted: object) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return list(fetch(server, "GET", f"api/dbx/audit?{query}", token="boss").body["records"])


def size_of(server: Server) -> int:
    return sum(file.stat().st_size for file in (server.workspace.data / "audit").glob("*"))


def test_stranger_cannot_fill_the_disk(team: Server) -> None:
    fetch(team, "GET", "api/dbx/audit", token="boss")
    before, first = size_of(team), int(time.time() * 1000)

    for n in range(200):
        assert fetch(team, "GET", f"api/2.0/clusters/get?cluster_id={n}{'x' * 900}", token="").status == 403
    found = records(team, start_time=first)

    assert sum(record["count"] for record in found) == 200
    assert len(found) <= 4 and size_of(team) - before < 4000
    assert {(record["user_name"], record["outcome"]) for record in found} == {("", "UNAUTHENTICATED")}


def test_forged_address_of_a_proxy_is_not_recorded(team: Server) -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Real-Ip": "1.2.3.4", "X-Forwarded-User": "boss", "Remote-User": "boss"}
    first = int(time.time() * 1000)

    answer = fetch(team, "POST", "api/2.0/clusters/create", {"num_workers": 1}, token="stranger", headers=forged)

    (record,) = records(team, start_time=first, action="create")
    assert (record["source"], record["user_name"]) == ("127.0.0.1", "stranger")
    fetch(team, "POST", "api/2.0/clusters/permanent-delete", answer.body, token="stranger")


def raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("text", [b"\x1b[31m", b"%0A%1B[2J", b"\x00", b"%E2%80%A8", b"\xff", b"\r"])
def test_log_has_no_line_of_a_client(team: Server, text: bytes) -> None:
    before = len(team.log.read_bytes())
    head = (
        b"Host: 127.0.0.1\r\nUser-Agent: a" + text + b"\r\nReferer: http://x/" + text + b"\r\nConnection: close\r\n\r\n"
    )

    raw(team, b"GET /api/2.0/clusters/get?cluster_id=forged" + text + b" HTTP/1.1\r\n" + head)
    raw(team, b"GET /api/dbx/clusters/x" + text + b"/spark-ui/ HTTP/1.1\r\n" + head)

    written = team.log.read_bytes()[before:]
    assert not {*written} & ({*range(0x20)} - {0x0A}) and b"\x7f" not in written
    assert all(line.startswith((b"[", b"{", b"}", b"  ")) for line in written.splitlines())
    for file in (team.workspace.data / "audit").glob("*"):
        assert min(file.read_bytes().replace(b"\n", b"")) >= 0x20
        assert all(json.loads(line)["request_id"] for line in file.read_bytes().splitlines())


# -- who makes a request -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field", ["user", "user_name", "username", "restart_user", "creator_user_name", "requested_by"]
)
def test_no_field_of_a_request_says_whose_it_is(server: Server, field: str) -> None:
    made = create(server, **{field: "eve"})
    for verb, args in (("pin", {}), ("edit", {"num_workers": 2}), ("delete", {})):
        fetch(server, "POST", f"api/2.0/clusters/{verb}?{field}=eve", {"cluster_id": made, field: "eve"} | args)

    answer = fetch(server, "POST", "api/2.1/clusters/events", {"cluster_id": made, "limit": 100})

    users = {event["details"].get("user") for event in answer.body["events"]} - {None}
    assert users == {"ada"} and server.cluster(made)["creator_user_name"] == "ada"


# -- what ends in the middle ---------------------------------------------------------------------------------------------


class Endless:
    """A download that does not end by itself."""

    def __init__(self, server: Server, token: str, cluster_id: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), 30)
        path = f"/api/dbx/clusters/{cluster_id}/log/download?path={ENDLESS_PATH}"
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._socket.sendall(head.encode())
        assert self._socket.recv(4096).split()[1] == b"200"

    def read_to_its_end(self) -> None:
        """Return once the server closes the connection, which must not look like the end of the file."""
        last = b""
        with self._socket, contextlib.suppress(ConnectionResetError):
            while piece := self._socket.recv(65536):
                last = piece
                time.sleep(0.001)  # leave the processor to the server
        assert not last.endswith(b"0\r\n\r\n")

    def goes_on(self) -> bool:
        """Return whether there is more to read, and stop reading."""
        with self._socket:
            return bool(self._socket.recv(1024))


@pytest.fixture
def shared(team: Server) -> Iterator[str]:
    """A cluster of `owner`, which `reader` may manage."""
    made = fetch(team, "POST", "api/2.0/clusters/create", {"cluster_name": "logs", "num_workers": 1}, token="owner")
    cluster_id = str(made.body["cluster_id"])
    permit(team, cluster_id, "CAN_MANAGE")
    yield cluster_id
    fetch(team, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id}, token="owner")


def permit(team: Server, cluster_id: str, level: str) -> None:
    body: Mapping[str, Any] = {"access_control_list": [{"user_name": "reader", "permission_level": level}]}
    assert fetch(team, "PUT", f"api/2.0/permissions/clusters/{cluster_id}", body, token="owner").status == 200


def test_revoked_token_ends_its_download(team: Server, shared: str) -> None:
    made = fetch(team, "POST", "api/2.0/token/create", {}, token="reader").body
    download = Endless(team, made["token_value"], shared)

    fetch(team, "POST", "api/2.0/token/delete", {"token_id": made["token_info"]["token_id"]}, token="reader")

    download.read_to_its_end()
    assert RECHECK_S * 2 < 5  # s, as promised


def test_removed_permission_ends_a_download(team: Server, shared: str) -> None:
    first = int(time.time() * 1000)
    readers, owners = Endless(team, "reader", shared), Endless(team, "owner", shared)

    permit(team, shared, "CAN_RESTART")

    readers.read_to_its_end()
    ended = [record for record in records(team, start_time=first) if record["status"] == 403]
    assert [(record["user_name"], record["action"]) for record in ended] == [
        ("reader", "GET dbx/clusters/{cluster_id}/log/download")
    ]
    assert owners.goes_on()
