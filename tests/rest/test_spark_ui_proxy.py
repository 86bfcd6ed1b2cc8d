"""The proxy for Spark's web UIs: who gets pages, what these may do in a browser, and what the proxy requests."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from fake_ui import FakeUi, Page, running_with_ui
from http_client import fetch
from live import Server
from page_client import get

#: Where the browser of `reader` begins; its token is what a cookie is elsewhere.
START = "/api/dbx/clusters/c1/spark-ui/jobs/?id=3&token=reader"


@pytest.fixture(scope="module")
def whole_ui(team: Server) -> Iterator[FakeUi]:
    """The UI of two clusters of `owner`, to which `reader` may attach."""
    ui = FakeUi()
    with running_with_ui(team, ui.url, "c1", "c2"):
        yield ui
    ui.close()


@pytest.fixture
def ui(whole_ui: FakeUi) -> FakeUi:
    """The same, with its first pages and no requests yet."""
    whole_ui.pages.clear()
    whole_ui.requests.clear()
    return whole_ui


@pytest.fixture
def page(team: Server, ui: FakeUi) -> str:
    """The address of a page with a ticket of `reader`."""
    return get(team, START).location


def permit(team: Server, level: str | None) -> None:
    """Set the permission of `reader` on c1."""
    entries = [{"user_name": "reader", "permission_level": level}] if level else []
    path = "api/2.0/permissions/clusters/c1"
    assert fetch(team, "PUT", path, {"access_control_list": entries}, token="owner").status == 200


def test_browser_is_redirected_to_a_ticket(team: Server, ui: FakeUi) -> None:
    answer = get(team, START)

    assert answer.status == 302
    root, _, rest = answer.location.partition("/~")
    ticket, _, place = rest.partition("/")
    assert (root, place) == ("/api/dbx/clusters/c1/spark-ui", "jobs/?id=3")
    assert len(ticket) >= 32
    assert get(team, START).location == answer.location  # so that browsers can cache
    assert ui.requests == []


def test_page_needs_only_its_ticket_and_is_in_a_sandbox(team: Server, ui: FakeUi, page: str) -> None:
    answer = get(team, page, Origin="null", Sec_Fetch_Dest="iframe")

    assert (answer.status, "Jobs" in answer.text) == (200, True)
    policy = answer.headers["Content-Security-Policy"]
    assert (
        "sandbox allow-scripts" in policy and "allow-same-origin" not in policy and "frame-ancestors 'self'" in policy
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    ((path, headers),) = ui.requests
    assert path == "/jobs/?id=3"
    assert headers["X-Forwarded-Context"] == page.partition("/jobs")[0]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xml", "text/plain"])
def test_everything_is_in_a_sandbox(team: Server, ui: FakeUi, page: str, kind: str) -> None:
    ui.pages["/jobs/"] = Page(headers={"Content-Type": kind})

    for answer in (get(team, page), get(team, START, Authorization="token reader"), get(team, f"{page}/../x")):
        assert "; sandbox allow-scripts" in answer.headers["Content-Security-Policy"]


def test_policy_of_spark_applies_too(team: Server, ui: FakeUi, page: str) -> None:
    sent = "default-src 'self'; script-src 'self' 'nonce-a+b/c='; frame-ancestors *; report-uri http://evil"
    ui.pages["/jobs/"] = Page(headers={"Content-Type": "text/html", "Content-Security-Policy": sent})

    answer = get(team, page)

    ours, sparks = answer.headers.get_all("Content-Security-Policy")
    assert "frame-ancestors 'self'" in ours
    assert sparks.startswith("default-src 'self'; script-src 'unsafe-hashes' 'sha256-")
    assert sparks.endswith("=' 'self' 'nonce-a+b/c='")
    assert '<head><script nonce="a+b/c=">' in answer.text


def test_program_gets_the_page_itself(team: Server, ui: FakeUi) -> None:
    answer = get(team, START, Authorization="Bearer reader")

    assert (answer.status, answer.headers["Access-Control-Allow-Origin"] == "null") == (200, False)
    ((path, headers),) = ui.requests
    assert path == "/jobs/?id=3"  # without Jupyter's own parameters
    assert "reader" not in headers["Authorization"]


def test_credentials_and_other_headers_are_not_forwarded(team: Server, ui: FakeUi, page: str) -> None:
    get(
        team,
        page,
        Cookie="user=reader",
        User_Agent="Mozilla",
        X_Forwarded_Context="/evil",
        X_Forwarded_For="1.2.3.4",
        Origin="null",
    )

    ((_, headers),) = ui.requests
    own = {"Authorization", "X-Forwarded-Context", "Host", "Connection", "Accept-Encoding", "User-Agent"}
    assert headers.keys() <= own and not re.search("evil|Mozilla|reader", str(headers))


def test_ticket_is_for_one_cluster_and_one_ui(team: Server, ui: FakeUi, page: str) -> None:
    assert get(team, page).status == 200
    for other in (page.replace("c1", "c2"), page.replace("spark-ui", "master-ui"), page.replace("/~", "/~x")):
        assert get(team, other).status == 403
    assert len(ui.requests) == 1


def test_revoked_permission_ends_access_at_the_next_request(team: Server, ui: FakeUi, page: str) -> None:
    assert get(team, page).status == 200

    permit(team, None)
    refused = get(team, page)
    permit(team, "CAN_ATTACH_TO")

    assert (refused.status, "does not have CAN_ATTACH_TO permission" in refused.text) == (403, True)
    assert len(ui.requests) == 1
    assert get(team, page).status == 200


def test_address_is_of_no_use_to_others(team: Server, ui: FakeUi, page: str) -> None:
    nobody = get(team, page, Sec_Fetch_Dest="document")
    boss = get(team, f"{page}&token=boss", Sec_Fetch_Dest="document")
    stranger = get(team, f"{page}&token=stranger", Sec_Fetch_Dest="document")
    reader = get(team, f"{page}&token=reader", Sec_Fetch_Dest="document")

    assert (nobody.status, stranger.status, reader.status) == (403, 403, 200)
    assert boss.status == 302 and boss.location != page and boss.location.endswith("/jobs/?id=3")
    assert len(ui.requests) == 1


def test_expired_page_is_loaded_anew(team: Server, ui: FakeUi, page: str) -> None:
    old = page.replace("/~", "/~x")

    tab, frame = get(team, f"{old}&token=reader", Sec_Fetch_Dest="document"), get(team, old, Sec_Fetch_Dest="iframe")

    assert (tab.status, tab.location) == (302, page)
    assert frame.status == 403
    assert "parent.postMessage({ type: 'jupyter-dbx:expired', path: \"/jobs/?id=3\" }" in frame.text


def test_ticket_is_not_logged(team: Server, ui: FakeUi, page: str) -> None:
    ticket = page.partition("/~")[2].partition("/")[0]
    ui.pages["/secret"] = Page(status=500)
    before = len(team.log.read_text())

    for path in (page, page.replace("jobs/", "secret"), page.replace("jobs/", "..")):
        get(team, path)
    get(team, page.replace("c1", "c2"))

    log = team.log.read_text()[before:]
    assert "/spark-ui/secret" in log
    assert ticket not in log
    assert ticket not in "".join(file.read_text() for file in (team.workspace.data / "audit").glob("*"))


def test_browser_may_ask_whether_it_may_send_the_header_of_jquery(team: Server, ui: FakeUi, page: str) -> None:
    asked = {"Origin": "null", "Access_Control_Request_Method": "GET"}
    asked["Access_Control_Request_Headers"] = "x-requested-with"

    answer = get(team, page, "OPTIONS", **asked)

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    assert answer.headers["Access-Control-Allow-Headers"] == "X-Requested-With"
    assert get(team, START.partition("?")[0], "OPTIONS", **asked).status == 403
    assert "Access-Control-Allow-Origin" not in get(team, START, "OPTIONS", **asked).headers
    assert ui.requests == []


# -- what the proxy requests -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["..", "%2e%2e", "..%2f..", "%2E.%2fx", "a/../b", "..%5c..", "x/..%2F"])
def test_path_leads_nowhere_else(team: Server, ui: FakeUi, page: str, step: str) -> None:
    root = page.partition("/jobs")[0]

    assert get(team, f"{root}/{step}").status == 404
    assert get(team, f"/api/dbx/clusters/c1/spark-ui/{step}", Authorization="token reader").status == 404
    assert ui.requests == []


@pytest.mark.parametrize(
    "path", ["/x//evil.example/", "/@evil.example/", "/http://evil.example/", "/%2f%2fevil.example"]
)
def test_path_is_sent_to_the_ui_as_it_is(team: Server, ui: FakeUi, page: str, path: str) -> None:
    assert get(team, page.partition("/jobs")[0] + path).status == 200

    assert [requested for requested, _ in ui.requests] == [path]


def test_absolute_target_of_a_request_is_not_fetched(team: Server, ui: FakeUi) -> None:
    with socket.create_connection(("127.0.0.1", team.port), 30) as connection:
        target = (
            f"GET {ui.url}/api/dbx/clusters/c1/spark-ui/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token reader\r\n"
        )
        connection.sendall(f"{target}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 404"))
    assert ui.requests == []


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/stages/", "/stages/"),
        ("stages/?id=1", "/jobs/stages/?id=1"),
        ("{ui}/SQL/", "/SQL/"),
        ("{root}/jobs/job/", "/jobs/job/"),
        ("{ui}{root}/jobs/job/", "/jobs/job/"),
    ],
)
def test_redirect_stays_below_the_root(team: Server, ui: FakeUi, page: str, target: str, place: str) -> None:
    root = page.partition("/jobs")[0]
    ui.pages["/jobs/"] = Page(status=302, headers={"Location": target.format(ui=ui.url, root=root)})

    answer = get(team, page)

    assert (answer.status, answer.location) == (302, f"{root}{place}")


@pytest.mark.parametrize(
    "target", ["http://evil.example/x", "//evil.example/", "https://127.0.0.1/", "{ui}.evil.example/"]
)
def test_redirect_to_another_server_is_an_error(team: Server, ui: FakeUi, page: str, target: str) -> None:
    ui.pages["/jobs/"] = Page(status=302, headers={"Location": target.format(ui=ui.url)})

    answer = get(team, page)

    assert (answer.status, "Location" in answer.headers) == (502, False)
    assert len(ui.requests) == 1


@pytest.mark.parametrize(
    "forged",
    [
        "http://example.com:80",
        "http://169.254.169.254:80/latest",
        "http://10.0.0.1:4040",
        "https://127.0.0.1:{port}",
        "http://evil@127.0.0.1:{port}",
        "http://127.0.0.1:{port}/api/contents",
        "http://127.0.0.1:{port}?x=",
        "http://localhost:{port}",
        "http://127.0.0.1",
        "http://127.0.0.1:99999",
        "file:///etc/passwd",
        "http://[::ffff:10.0.0.1]:80",
    ],
)
def test_forged_announcement_is_not_followed(team: Server, ui: FakeUi, forged: str) -> None:
    with running_with_ui(team, forged.format(port=urlsplit(ui.url).port), "forged"):
        answer = get(team, "/api/dbx/clusters/forged/spark-ui/jobs/", Authorization="token reader")

    assert (answer.status, "invalid address" in answer.text) == (404, True)
    assert ui.requests == []


def test_answer_has_a_largest_size(team: Server, ui: FakeUi, page: str) -> None:
    ui.pages["/jobs/"] = Page(bytes(33 * 2**20))

    assert get(team, page).status == 502


def test_header_of_spark_cannot_add_others(team: Server, ui: FakeUi, page: str) -> None:
    evil: Mapping[str, str] = {"Content-Type": "text/html", "Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*"}
    ui.pages["/jobs/"] = Page(headers={**evil, "Clear-Site-Data": '"*"', "Service-Worker-Allowed": "/"})

    headers = get(team, page).headers

    assert headers["Access-Control-Allow-Origin"] == "null"
    assert not {"Set-Cookie", "Clear-Site-Data", "Service-Worker-Allowed"} & set(headers.keys())
