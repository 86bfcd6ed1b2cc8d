"""Outputs that a page has missed, because it was loaded while their cell ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from serverless_kernel import running_kernel

from jupyter_dbx.kernel.outputs import MAX_RUN_BYTES
from jupyter_dbx.kernel.page import REPLY, REQUEST

#: How long a kernel may take to answer, also while a cell runs, s.
PROMPTLY_S = 1.5

#: Takes the kernel's main thread until the flag exists; the kernel ends with its test.
HOLD = "import os, time\nwhile not os.path.exists({flag!r}): time.sleep(0.01)\n"


class Page:
    """A page that runs cells, and another one that asks what it has missed."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def begin(self, cell_id: str, code: str) -> str:
        """Send a cell as JupyterLab does; return its message's id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self._client.session.msg("execute_request", content, metadata={"cellId": cell_id})
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, cell_id: str, code: str) -> None:
        """Run a cell to its end."""
        request = self.begin(cell_id, code)
        self.until(
            lambda m: m["parent_header"].get("msg_id") == request and m["content"].get("execution_state") == "idle"
        )

    def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the first message that meets the condition."""
        while True:
            message: dict[str, Any] = self._client.get_iopub_msg(timeout=20)
            if condition(message):
                return message

    def missed(self, since_ms: int = 0) -> dict[str, Any]:
        """Return the kernel's answer on its control channel."""
        message = self._client.session.msg(REQUEST, {"op": "missed", "since_ms": since_ms})
        self._client.control_channel.send(message)
        reply = self._client.get_control_msg(timeout=PROMPTLY_S)
        assert (reply["msg_type"], reply["parent_header"]["msg_id"]) == (REPLY, message["header"]["msg_id"])
        result: dict[str, Any] = reply["content"]["result"]
        return result

    def run_of(self, cell_id: str) -> dict[str, Any]:
        """Return the newest run of a cell; earlier versions of ipykernel publish text on a thread, a moment later."""
        deadline = time.monotonic() + PROMPTLY_S
        while True:
            runs: list[dict[str, Any]] = self.missed()["runs"]
            found = [run for run in runs if run["cell_id"] == cell_id]
            if found or time.monotonic() > deadline:
                return found[-1]
            time.sleep(0.05)

    def texts_of(self, cell_id: str) -> list[str]:
        """Return the text of each output of a cell, as a page would show it."""
        return [text_of(message) for message in self.run_of(cell_id)["messages"]]


def text_of(message: dict[str, Any]) -> str:
    content = message["content"]
    return str(content.get("text") or content.get("data", {}).get("text/plain") or "\n".join(content["traceback"]))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as client:
        yield Page(client)


def test_busy_kernel_answers_with_the_outputs_so_far(page: Page, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    code = "print('before', flush=True)\n" + HOLD.format(flag=str(flag)) + "print('after')"
    request = page.begin("busy", code)
    seen = page.until(lambda m: m["msg_type"] == "stream" and m["parent_header"]["msg_id"] == request)

    answer = page.missed()
    flag.touch()

    (run,) = [run for run in answer["runs"] if run["cell_id"] == "busy"]
    assert (run["msg_id"], run["ended_ms"]) == (request, None)
    assert run["execution_count"] is not None
    assert [text_of(message) for message in run["messages"]] == ["before\n"]
    assert seen["header"]["msg_id"] in answer["recent"]
    page.until(lambda m: m["parent_header"].get("msg_id") == request and m["content"].get("execution_state") == "idle")
    assert page.texts_of("busy") == ["before\nafter\n"]


def test_request_of_the_page_reports_a_busy_kernel_as_busy(page: Page, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    request = page.begin("waits", HOLD.format(flag=str(flag)))
    page.until(lambda m: m["msg_type"] == "execute_input" and m["parent_header"]["msg_id"] == request)

    page.missed()
    flag.touch()

    states = [page.until(lambda m: m["msg_type"] == "status") for _ in range(2)]
    assert [state["content"]["execution_state"] for state in states] == ["busy", "idle"]
    assert {state["parent_header"]["msg_id"] for state in states} == {request}


def test_run_that_ended_before_is_not_missed(page: Page) -> None:
    page.run("ended", "1 + 1")
    assert page.texts_of("ended") == ["2"]

    soon = int(time.time() * 1000) + 60_000

    assert page.missed(soon)["runs"] == []


def test_outputs_are_those_that_the_page_would_show(page: Page) -> None:
    page.run(
        "shown",
        "from IPython.display import clear_output, display\n"
        "print('gone'); clear_output()\n"
        "handle = display('first', display_id=True); print('a'); print('b')\n"
        "handle.update('second')\n"
        "1 / 0",
    )

    first, text, error = page.texts_of("shown")
    assert (first, text) == ("'second'", "a\nb\n")
    assert "ZeroDivisionError" in error


def test_output_that_waits_to_be_cleared_stays_until_the_next_one(page: Page) -> None:
    page.run("waiting", "print(1); clear_output(wait=True)")
    assert page.texts_of("waiting") == ["1\n"]

    page.run("waited", "print(1); clear_output(wait=True); print(2)")
    assert page.texts_of("waited") == ["2\n"]


def test_display_of_an_earlier_cell_is_kept_up_to_date(page: Page) -> None:
    page.run("earlier", "handle = display('first', display_id=True)")

    page.run("later", "handle.update('second')")

    assert (page.texts_of("earlier"), page.texts_of("later")) == (["'second'"], [])


def test_memory_for_outputs_is_bounded(page: Page) -> None:
    page.run(
        "much", f"for n in range(20): display({{'text/plain': str(n) * {MAX_RUN_BYTES // 20}}}, raw=True)\ndisplay(7)"
    )

    texts = page.texts_of("much")
    assert "not kept" in texts[0] and texts[-1] == "7"
    assert MAX_RUN_BYTES // 4 < sum(map(len, texts)) <= MAX_RUN_BYTES


def test_code_of_no_document_is_not_kept(page: Page) -> None:
    before = len(page.missed()["runs"])

    page.run("", "print(1)")

    assert len(page.missed()["runs"]) == before
