"""Requests of a notebook's page to its kernel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from fake_server import FakeClient, FakeSession

from jupyter_dbx.kernel.display import local_source
from jupyter_dbx.kernel.display.data_table import DataTable
from jupyter_dbx.kernel.display.local_source import LocalSource
from jupyter_dbx.kernel.display.registry import TABLES
from jupyter_dbx.kernel.outputs import CellOutputs
from jupyter_dbx.kernel.page import PageRequests
from jupyter_dbx.kernel.progress import CellProgress


class Page:
    """A page, and the responses it gets."""

    def __init__(self, client: FakeClient, session: FakeSession | None = None) -> None:
        progress = CellProgress(SimpleNamespace(clear_output=None), "k1", "s1")
        shell = SimpleNamespace(user_ns={"rows": 3, "In": [], "spark": None}, user_ns_hidden={"In": []})
        used: Any = session or FakeSession(client)
        self._requests = PageRequests(used, progress, CellOutputs(), shell)
        self._responses: queue.Queue[dict[str, Any]] = queue.Queue()

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the response to a request."""
        self.start(request)
        return self.response()

    def start(self, request: dict[str, Any]) -> None:
        """Send a request."""
        self._requests.answer(request | {"id": "7"}, self._receive)

    def response(self) -> dict[str, Any]:
        """Return the next response, or the next part of one."""
        return self._responses.get(timeout=10)

    def _receive(self, response: dict[str, Any], *buffers: bytes) -> None:
        self._responses.put(response | {"bytes": b"".join(buffers)} if buffers else response)


@pytest.fixture
def page(client: FakeClient) -> Page:
    return Page(client)


def test_notebook_gets_a_new_session_on_the_same_cluster(page: Page, client: FakeClient) -> None:
    client.attached.append("1")

    assert page.request({"op": "reattach"}) == {"result": {}}

    assert client.attached == ["1"]
    assert client.order == ["release soon"]


def test_jobs_of_one_cell_are_cancelled(page: Page, client: FakeClient) -> None:
    assert page.request({"op": "cancel", "run": "k1:s1:3"}) == {"result": {}}

    assert client.order == ["cancel 3"]


@pytest.mark.parametrize("run", ["k1:s0:3", "k1:3", ""], ids=["earlier start", "of an older kernel", "none"])
def test_jobs_of_an_earlier_start_of_the_kernel_are_not_taken_for_a_cell_of_this_one(
    page: Page, client: FakeClient, run: str
) -> None:
    assert "earlier start" in page.request({"op": "cancel", "run": run})["error"]

    assert client.order == []


def test_unknown_request_returns_an_error_and_keeps_the_seat(page: Page, client: FakeClient) -> None:
    assert "'dance'" in page.request({"op": "dance"})["error"]

    assert client.order == []


def test_page_learns_which_widgets_the_kernel_has(client: FakeClient) -> None:
    session = FakeSession(client)
    page = Page(client, session)
    assert page.request({"op": "arguments"}) == {"result": {"model_id": ""}}

    session.notebook.arguments.model_id = "m1"

    assert page.request({"op": "arguments"}) == {"result": {"model_id": "m1"}}


def test_request_about_an_unknown_table_returns_an_error(page: Page) -> None:
    for op in ("table_more", "table_columns", "table_profile", "table_groups", "table_file"):
        assert "Run its cell again" in page.request({"op": op, "table": "gone", "offset": 0, "rows": [1]})["error"]


def test_variables_are_listed_without_those_of_the_kernel(page: Page) -> None:
    response = page.request({"op": "variables"})

    assert [row["name"] for row in response["result"]["variables"]] == ["rows"]


@pytest.fixture
def table() -> str:
    """The id of a table of this kernel that is larger than the page."""
    shown = DataTable(LocalSource(["n"], lambda _: "int64", 25_000, lambda _, offset, limit: [a_column(offset, limit)]))
    TABLES.add(shown)
    return shown.id


def a_column(offset: int, limit: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(range(offset, min(25_000, offset + limit)))])


def test_columns_that_are_not_shown_are_read_on_request(page: Page) -> None:
    shown = DataTable(local_source.from_records([tuple(range(i, i + 1500)) for i in range(30)]))
    TABLES.add(shown)

    names = page.request({"op": "table_columns", "table": shown.id})["result"]["columns"]
    request = {"op": "table_more", "table": shown.id, "offset": 10, "limit": 2, "columns": [1400, 0]}
    found = page.request(request)["result"]

    assert (len(names), names[1400]) == (1500, {"name": "_1401", "type": "int64"})
    assert [column["name"] for column in found["columns"]] == ["_1401", "_1"]
    assert (*found["cells"], found["rows"], found["more"]) == ([1410, 1411], [10, 11], 2, True)
    wrong = page.request(request | {"columns": [1500]})
    assert wrong == {"error": "The table does not have these columns."}


def test_file_is_sent_in_parts_with_its_rows_so_far(page: Page, table: str) -> None:
    page.start({"op": "table_file", "table": table, "format": "csv"})

    parts = [page.response() for _ in range(4)]

    assert [part["part"]["rows"] for part in parts] == [10_000, 20_000, 25_000, 25_000]
    assert b"".join(part.get("bytes", b"") for part in parts) == b"n\r\n" + b"".join(
        b"%d\r\n" % n for n in range(25_000)
    )
    assert page.response() == {"result": {"rows": 25_000, "is_cut": False}}


def test_request_about_a_table_can_be_cancelled_while_it_runs(page: Page, client: FakeClient) -> None:
    started, cancelled = threading.Event(), threading.Event()

    def read(_: Sequence[int], offset: int, limit: int) -> list[pa.ChunkedArray]:
        if threading.current_thread() is not threading.main_thread():
            started.set()
            assert cancelled.wait(10)
        return [a_column(offset, limit)]

    shown = DataTable(LocalSource(["n"], lambda _: "int64", 25_000, read))
    TABLES.add(shown)
    page.start({"op": "table_file", "table": shown.id, "format": "csv"})
    assert started.wait(10)

    assert page.request({"op": "table_cancel", "request": "7"}) == {"result": {}}
    cancelled.set()

    assert page.response() == {"error": "The download was cancelled."}
    assert client.order == ["cancel 7"]
    assert page.request({"op": "table_cancel", "request": "gone"}) == {"result": {}}
