"""Spark's pages through a user's own server, whose browser has a cookie for that server only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fake_ui import FakeUi, running_with_ui
from live import TOKEN, Server, Workspace
from page_client import get
from serving import serve

UI = "/user/ann/api/dbx/clusters/c1/spark-ui"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("plane")
    (folder / "data").mkdir()
    (folder / "data" / "people.json").write_text(json.dumps({"ann": {}, "bob": {}}))
    with serve(folder, "/services/dbx/", app="team_app.py") as server:
        yield server


@pytest.fixture(scope="module")
def door(plane: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The own server of `ann`."""
    folder = tmp_path_factory.mktemp("door")
    link = (f"--DbxApp.control_plane={plane.url}", "--DbxApp.control_plane_token=ann", "--DbxApp.user_name=ann")
    of_hub = """--ServerApp.tornado_settings={"headers": {"Content-Security-Policy": "frame-ancestors 'none'"}}"""
    server = Server(Workspace(folder, folder / "cache"), base_url="/user/ann/", options=(*link, of_hub))
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="module")
def ui(plane: Server) -> Iterator[FakeUi]:
    """The UI of a cluster of `ann`."""
    ui = FakeUi()
    with running_with_ui(plane, ui.url, "c1", owner="ann"):
        yield ui
    ui.close()


def test_page_is_in_a_sandbox_and_needs_only_its_ticket(door: Server, ui: FakeUi) -> None:
    first = get(door, f"{UI}/jobs/?id=3&token={TOKEN}")
    page = first.headers["Location"]
    assert first.status == 302 and page.startswith(f"{UI}/~") and page.endswith("/jobs/?id=3")

    answer = get(door, page, Sec_Fetch_Dest="iframe", Origin="null")
    assert answer.status == 200 and "Spark Jobs" in answer.text
    policy = ", ".join(answer.headers.get_all("Content-Security-Policy", []))
    assert "sandbox allow-scripts" in policy and "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy and "frame-ancestors 'none'" not in policy
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    path, headers = ui.requests[-1]
    assert path == "/jobs/?id=3" and headers["X-Forwarded-Context"] == page.partition("/jobs/")[0]

    asked = get(door, page, "OPTIONS", Origin="null", Access_Control_Request_Headers="x-requested-with")
    assert (asked.status, asked.headers["Access-Control-Allow-Headers"]) == (204, "X-Requested-With")
    assert page.partition("~")[2].partition("/")[0] not in door.log.read_text()


def test_a_ticket_is_of_no_use_in_a_tab_of_somebody_else(door: Server, ui: FakeUi) -> None:
    page = get(door, f"{UI}/jobs/?token={TOKEN}").headers["Location"]

    assert get(door, page, Sec_Fetch_Dest="document").status == 403
    assert get(door, page.replace("/~", "/~x")).status == 403
    assert get(door, f"{UI}/jobs/").status == 403
    assert get(door, page.replace("/c1/", "/c2/")).status in (403, 404)


def test_programs_get_pages_without_a_ticket(door: Server, ui: FakeUi) -> None:
    answer = get(door, f"{UI}/jobs/", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200 and "Spark Jobs" in answer.text
    root = get(door, UI, Authorization=f"Bearer {TOKEN}")
    assert (root.status, root.headers["Location"]) == (302, f"{UI}/")
