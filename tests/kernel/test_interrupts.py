"""What an interrupt ends in a real kernel; the driver is one that only takes notes."""

from __future__ import annotations

import ast
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient, KernelManager

#: Gives the kernel a driver that only takes notes. `use_spark()` does what every command to the driver does first.
SET_UP = """
import asyncio, threading, time
kernel = get_ipython().kernel
session = kernel.spark_session
sent = []
session._seat = type("Seat", (), {"send": lambda self, m: sent.append(m), "leave": lambda self: None, "is_ended": False})()
def use_spark():
    return session.cells.claim()
def sleep(started=None):
    use_spark(); print("started", flush=True)
    time.sleep(60)
"""


@dataclass
class Outcome:
    """The outcome of a request."""

    text: str = ""
    value: str = ""
    error: str = ""
    traceback: list[str] = field(default_factory=list)
    ended: bool = False

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Add a message of the kernel."""
        if kind == "stream":
            self.text += content["text"]
        elif kind == "execute_result":
            self.value = content["data"]["text/plain"]
        elif kind == "error":
            self.error, self.traceback = f"{content['ename']}: {content['evalue']}", content["traceback"]
        elif kind == "status":
            self.ended = content["execution_state"] == "idle"

    def ok(self) -> Outcome:
        assert not self.error
        return self


class Kernel:
    """A kernel, driven over its channels."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="jupyter-dbx")
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.outcomes: dict[str, Outcome] = {}

    def send(self, kind: str, content: dict[str, Any], *, subshell: str | None = None, channel: str = "shell") -> str:
        """Send a request; return its message's id."""
        message = self.client.session.msg(kind, content)
        if subshell:
            message["header"]["subshell_id"] = subshell
        getattr(self.client, f"{channel}_channel").send(message)
        found = str(message["header"]["msg_id"])
        self.outcomes[found] = Outcome()
        return found

    def begin(self, code: str, *, subshell: str | None = None) -> str:
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        content["stop_on_error"] = False  # an older ipykernel aborts what follows an error immediately
        return self.send("execute_request", content, subshell=subshell)

    def until(self, condition: Callable[[], Any], timeout_s: float = 20) -> None:
        """Take messages until a condition is true."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            if outcome := self.outcomes.get(message["parent_header"].get("msg_id")):
                outcome.take(message["msg_type"], message["content"])

    def wait(self, request: str, timeout_s: float = 20) -> Outcome:
        self.until(lambda: self.outcomes[request].ended, timeout_s)
        return self.outcomes[request]

    def started(self, request: str) -> None:
        self.until(lambda: "started" in self.outcomes[request].text)

    def value(self, code: str) -> Any:
        return ast.literal_eval(self.wait(self.begin(code)).ok().value)

    def sent(self, kind: str) -> list[str]:
        """Return the messages of this kind that the driver got."""
        return [text for text in self.value("[repr(m) for m in sent]") if text.startswith(kind)]

    def interrupt(self) -> None:
        self.manager.signal_kernel(signal.SIGINT)

    def subshell(self) -> str:
        """Return the id of a new subshell."""
        if not self.value("bool(getattr(kernel, '_supports_kernel_subshells', False))"):
            pytest.skip("This ipykernel has no subshells.")
        self.send("create_subshell_request", {}, channel="control")
        return str(self.client.get_control_msg(timeout=20)["content"]["subshell_id"])


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    """A kernel with a driver that has no notes yet."""
    shared.wait(shared.begin(SET_UP)).ok()
    shared.wait(shared.begin("sent.clear()")).ok()
    return shared


BLOCKED = {
    "plain": "sleep()",
    "await before": "await asyncio.sleep(0)\nsleep()",
    "inside of a coroutine": "async def work():\n    await asyncio.sleep(0)\n    sleep()\nawait work()",
}


@pytest.mark.parametrize("code", BLOCKED.values(), ids=BLOCKED)
def test_interrupt_ends_a_cell_that_blocks_its_thread(kernel: Kernel, code: str) -> None:
    cell = kernel.begin(code)
    kernel.started(cell)

    kernel.interrupt()

    assert kernel.wait(cell).error == "KeyboardInterrupt: "
    assert kernel.sent("Interrupt") == ["Interrupt(cell=0)"]


AWAITING = {
    "asyncio": "asyncio.get_running_loop().call_later(0.1, print, 'started')\nawait asyncio.sleep(60)",
    "thread": "event = threading.Event()\nasyncio.get_running_loop().call_later(0.1, print, 'started')\n"
    "await asyncio.to_thread(event.wait, 5)",
}


@pytest.mark.parametrize("in_subshell", [False, True], ids=["main shell", "subshell"])
@pytest.mark.parametrize("code", AWAITING.values(), ids=AWAITING)
def test_interrupt_ends_a_cell_that_awaits(kernel: Kernel, code: str, in_subshell: bool) -> None:
    cell = kernel.begin(code, subshell=kernel.subshell() if in_subshell else None)
    kernel.started(cell)

    kernel.interrupt()

    assert kernel.wait(cell).error.startswith("CancelledError")
    assert kernel.sent("Interrupt") == ["Interrupt(cell=0)"]


def test_interrupt_while_another_task_blocks_the_loop_leaves_the_kernel_alive(kernel: Kernel) -> None:
    # Spark's call returns once its job is cancelled; here, the note that it is cancelled ends the wait.
    code = (
        "async def block():\n    print('started', flush=True)\n    while not sent[-1:] or 'Interrupt' not in repr(sent[-1]):\n"
        "        time.sleep(0.01)\n    return 'cancelled'\n"
        "task = asyncio.create_task(block())\nawait asyncio.sleep(60)"
    )
    cell = kernel.begin(code)
    kernel.started(cell)

    kernel.interrupt()

    assert kernel.wait(cell).error.startswith("CancelledError")
    assert kernel.value("task.result()") == "cancelled"


def test_interrupt_reaches_a_subshell_while_the_main_shell_is_idle(kernel: Kernel) -> None:
    subshell = kernel.subshell()
    cell = kernel.begin(
        "use_spark(); print('started', flush=True)\n"
        "while not session.cells.current.is_interrupted: time.sleep(0.01)\nuse_spark()",
        subshell=subshell,
    )
    kernel.started(cell)

    kernel.interrupt()

    assert kernel.wait(cell).error == "CellInterrupted: The cell was interrupted."
    assert kernel.sent("Interrupt") == ["Interrupt(cell=0)"]


def test_driver_is_notified_of_each_cell_that_runs(kernel: Kernel) -> None:
    subshell = kernel.subshell()
    main = kernel.begin("sleep()")
    kernel.started(main)

    value = kernel.wait(kernel.begin("use_spark(); len(session.cells.running)", subshell=subshell)).ok().value
    kernel.interrupt()
    kernel.wait(main)

    assert value == "2"
    notes = kernel.value("[(m.cell > 0, m.title, len(m.others)) for m in sent if type(m).__name__ == 'RunningCell']")
    sub = "use_spark(); len(session.cells.running)"
    assert notes[-5:-1] == [(True, "sleep()", 0), (True, sub, 1), (True, "sleep()", 0), (False, "", 0)]


#: A comm of a cell, whose callback uses Spark until it is interrupted, and one that does not use it.
WIDGET = """
from comm import create_comm
comms = {name: create_comm(target_name="test") for name in ("busy", "idle")}
def work(message):
    cell = use_spark()
    noted.append((cell.title, cell.request["msg_id"]))
    print("started", flush=True)
    sleep()
noted = []
comms["busy"].on_msg(work)
comms["idle"].on_msg(lambda message: print("started"))
{name: comm.comm_id for name, comm in comms.items()}
"""


def test_callback_is_a_run_of_the_cell_of_its_widget_and_can_be_interrupted(kernel: Kernel) -> None:
    cell = kernel.begin(WIDGET)
    comm_id = ast.literal_eval(kernel.wait(cell).ok().value)["busy"]

    click = kernel.send("comm_msg", {"comm_id": comm_id, "data": {}})
    kernel.started(click)
    kernel.interrupt()
    kernel.wait(click)

    assert kernel.value("noted") == [
        ('comms = {name: create_comm(target_name="test") for name in ("busy", "idle")}', cell)
    ]
    assert kernel.sent("Interrupt") == ["Interrupt(cell=0)"]
    titles = kernel.value("[m.title for m in sent if type(m).__name__ == 'RunningCell' and m.cell]")
    assert sum(title.startswith("comms") for title in titles) == 2, "the cell and the click"


def test_callback_without_spark_is_not_reported_to_the_driver(kernel: Kernel) -> None:
    comm_id = ast.literal_eval(kernel.wait(kernel.begin(WIDGET)).ok().value)["idle"]
    before = kernel.value("session.cells.count")

    click = kernel.send("comm_msg", {"comm_id": comm_id, "data": {}})
    kernel.started(click)
    kernel.wait(click)

    assert kernel.value("session.cells.count") == before + 1, "only the cell that counts"


ENDS = {
    "plain": "time.sleep(60)",
    "await": "await asyncio.sleep(60)",
    "in a function": "def work():\n    sleep()\nwork()",
}


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS)
def test_cancelled_cell_ends_with_one_grey_line(kernel: Kernel, code: str) -> None:
    cell = kernel.begin(f"print('started', flush=True)\n{code}")
    kernel.started(cell)

    kernel.interrupt()

    assert kernel.wait(cell).traceback == ["\x1b[38;5;244mCancelled\x1b[0m"]
    assert "sleep" in "\n".join(kernel.wait(kernel.begin("%tb")).traceback)


def test_interrupt_that_no_user_has_sent_is_an_error(kernel: Kernel) -> None:
    for code in ("raise KeyboardInterrupt('mine')", "raise asyncio.CancelledError('mine')"):
        outcome = kernel.wait(kernel.begin(code))

        assert outcome.error.endswith(": mine")
        assert len("\n".join(outcome.traceback).splitlines()) > 3


def test_cell_whose_job_was_cancelled_shows_no_java(kernel: Kernel) -> None:
    """The job was cancelled from the page; PySpark's errors carry Java's text like this one."""
    java = (
        "org.apache.spark.SparkException: Job aborted.\\n\\tat org.apache.spark.Thing.run(Thing.scala:1)\\n"
        "Caused by: org.apache.spark.SparkException: [SPARK_JOB_CANCELLED] Job 3 cancelled part of cancelled job tag t"
    )
    outcome = kernel.wait(
        kernel.begin(f"class Captured(Exception):\n    _stackTrace = '{java}'\nraise Captured('Job aborted.')")
    )

    assert (outcome.error, outcome.traceback) == (
        "CellInterrupted: Cancelled",
        ["\x1b[38;5;244mCancelled\x1b[0m"],
    )
