"""A kernel's seat at both ends, and the driver's other routes. Only the JVM is a fake."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from jupyter_dbx.driver import handlers
from jupyter_dbx.driver.daemon import DriverDaemon
from jupyter_dbx.driver.handlers import make_application
from jupyter_dbx.driver.seats import Seat as DriverSeat
from jupyter_dbx.kernel.errors import ClusterFailed
from jupyter_dbx.kernel.session import seat as kernel_side
from jupyter_dbx.kernel.session.seat import DriverUnreachable, Seat
from jupyter_dbx.model.codec import STRICT
from jupyter_dbx.model.derived_secrets import seat_ticket
from jupyter_dbx.model.protocol import (
    PROTOCOL,
    Announcement,
    Bound,
    CachedRdd,
    DecommissionNotice,
    DetachNotice,
    DriverConfig,
    DriverContact,
    Hello,
    Interrupt,
    JobProgress,
    Progress,
    RunningCell,
    TouchNotice,
    Welcome,
)
from jupyter_dbx.spark.probe import notify_driver, read_driver_status

CONFIG = DriverConfig(PROTOCOL, "c1", "demo", 1, "token", "s", "u", ["java"], {}, True, 60)

JOB = JobProgress(0, "count", "RUNNING", 1, None, 8, 2, 2, 0)


class FakeContext:
    """A JVM that runs, and takes notes."""

    master_url = master_ui_url = application_id = ui_url = ""
    jvm_pid = 4711

    def __init__(self) -> None:
        self.decommissioned: list[str] = []
        self.jobs: dict[str, set[int]] = {}

    def exit_code(self) -> None:
        return None

    def keep_root_default(self) -> None:
        pass

    def active_jobs(self, tag: str) -> set[int]:
        return self.jobs.get(tag, set())

    def decommission(self, node_ids: Collection[str]) -> None:
        self.decommissioned += node_ids


class FakeSeats:
    """Seats without what they are made of."""

    def __init__(self) -> None:
        self.taken: dict[str, DriverSeat] = {}
        self.released: list[str] = []
        #: numbers of cells, 0 = what belongs to none that runs
        self.cancelled: list[int] = []
        self.late: list[int] = []

    def all(self) -> list[DriverSeat]:
        return list(self.taken.values())

    def assign(self, kernel_id: str, hello: Hello) -> DriverSeat:
        facts: dict[str, Any] = {"jsession": None, "server": None, "gateway_port": 7, "gateway_secret": "secret"}
        self.taken[kernel_id] = DriverSeat(
            kernel_id, hello.pid, hello.start_ticks, hello.notebook, "notebook-1", 1, **facts, start=hello.start
        )
        return self.taken[kernel_id]

    def release(self, seat: DriverSeat) -> None:
        del self.taken[seat.kernel_id]
        self.released.append(seat.kernel_id)

    def cancel_cell(self, seat: DriverSeat, cell: int) -> None:
        self.cancelled.append(cell)

    def cancel_late(self, seat: DriverSeat, cell: int) -> None:
        self.late.append(cell)

    def cancel_background(self, seat: DriverSeat, newest_cell: int) -> None:
        self.cancelled.append(0)


class Driver:
    """A driver daemon that serves."""

    def __init__(self, folder: Path) -> None:
        self.daemon = DriverDaemon(CONFIG, folder)
        self.context, self.seats = FakeContext(), FakeSeats()
        self.daemon.context = self.context  # type: ignore[assignment]
        self.daemon.seats = self.daemon.activity._seats = self.seats  # type: ignore[assignment]
        self.daemon.ready = True
        self.url = ""

    def contact(self, kernel_id: str = "k1", **changes: Any) -> DriverContact:
        contact = DriverContact("c1", "demo", "RUNNING", "", self.url, seat_ticket(CONFIG.token, kernel_id))
        return replace(contact, **changes)

    async def seated(self, kernel_id: str = "k1", on_progress: Callable[[Progress], None] = lambda p: None) -> Seat:
        """Return the kernel's end of a seat that it has taken."""
        seat = Seat(self.contact(kernel_id), kernel_id, "a.ipynb", on_progress, start="s1")
        await asyncio.to_thread(seat.take)
        return seat


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[Driver]:
    driver = Driver(tmp_path)
    application: Application = make_application(driver.daemon)
    server, sockets = HTTPServer(application), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    driver.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    yield driver
    for connection in driver.daemon.connections.copy():
        connection.close(1001, "The test is over.")
    server.stop()
    await server.close_all_connections()
    await until(lambda: not driver.daemon._releasing and not driver.daemon.connections)


async def until(condition: Callable[[], Any]) -> None:
    """Wait for what happens at the other end."""
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def test_kernel_takes_its_seat_and_the_seat_is_in_the_status(driver: Driver) -> None:
    seat = Seat(driver.contact(), "k1", "a.ipynb", start="s1")

    welcome = await asyncio.to_thread(seat.take)

    assert welcome == Welcome("c1", "demo", 7, "secret", "dbx-k1", cells_tag="dbx-k1:s1")
    status = await read_driver_status(Announcement(driver.url), "token")
    assert status is not None
    (taken,) = status.seats
    assert (taken.kernel_id, taken.pid, taken.notebook, taken.busy) == ("k1", os.getpid(), "a.ipynb", False)


@pytest.fixture
def one_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell has one job; its progress is read often."""
    monkeypatch.setattr(handlers, "PROGRESS_EVERY_S", 0.01)
    monkeypatch.setattr(handlers, "CANCEL_EVERY_S", 0)
    monkeypatch.setattr(handlers, "LATE_CANCEL_EVERY_S", 0)
    monkeypatch.setattr(handlers, "CellJobs", lambda *args: SimpleNamespace(progress=lambda: (JOB,)))


@pytest.mark.usefixtures("one_job")
async def test_driver_handles_messages_of_its_kernel(driver: Driver) -> None:
    seat = await driver.seated()
    taken = driver.seats.taken["k1"]

    for message in (Bound("/tmp/x"), RunningCell(3, "count"), CachedRdd(5)):
        seat.send(message)

    await until(lambda: taken.cached_rdds)
    assert (taken.temp_dir, taken.cells, taken.cached_rdds) == ("/tmp/x", frozenset({3}), {5})
    seat.send(RunningCell(0, ""))
    await until(lambda: not taken.cells)


@pytest.mark.usefixtures("one_job")
@pytest.mark.parametrize(
    ("message", "cancelled", "late"),
    [(Interrupt(), {0, 3, 4}, {3, 4}), (Interrupt(4), {4}, set()), (Interrupt(2), {2}, set())],
    ids=["all", "a running cell", "a cell whose threads go on"],
)
async def test_interrupt_cancels_what_it_names(
    driver: Driver, message: Interrupt, cancelled: set[int], late: set[int]
) -> None:
    seat = await driver.seated()
    seat.send(RunningCell(3, "count"))
    seat.send(RunningCell(4, "take", (3,)))

    seat.send(message)
    seat.send(RunningCell(5, "begins after the interrupt"))

    await until(lambda: len(driver.seats.cancelled) == handlers.CANCEL_TIMES * len(cancelled))
    await until(lambda: len(driver.seats.late) == handlers.LATE_CANCEL_TIMES * len(late))
    assert (set(driver.seats.cancelled), set(driver.seats.late)) == (cancelled, late)


@pytest.mark.usefixtures("one_job")
async def test_interrupt_between_cells_cancels_jobs_of_threads(driver: Driver) -> None:
    seat = await driver.seated()

    seat.send(Interrupt())

    await until(lambda: driver.seats.cancelled == [0] * handlers.CANCEL_TIMES)


@pytest.mark.usefixtures("one_job")
async def test_kernel_receives_the_progress_of_its_jobs(driver: Driver) -> None:
    received: list[Progress] = []
    seat = await driver.seated(on_progress=received.append)

    seat.send(RunningCell(3, "count"))
    await until(lambda: len(received) == 2)
    seat.send(RunningCell(0, ""))
    await until(lambda: len(received) == 3)

    assert received == [Progress(3, over, "c1", (JOB,)) for over in (False, False, True)]


@pytest.mark.usefixtures("one_job")
async def test_progress_of_a_cell_goes_on_while_another_one_runs(driver: Driver) -> None:
    received: list[Progress] = []
    seat = await driver.seated(on_progress=received.append)

    seat.send(RunningCell(3, "main"))
    await until(lambda: len(received) == 2)
    seat.send(RunningCell(4, "in a subshell", (3,)))
    seat.send(RunningCell(3, "main"))
    await until(lambda: [p for p in received if p.over])
    ended = [p.cell for p in received if p.over]
    seat.send(RunningCell(0, ""))
    await until(lambda: len([p for p in received if p.over]) == 2)

    assert ended == [4]
    assert [p.over for p in received if p.cell == 3] == [False, False, True]


@pytest.mark.usefixtures("one_job")
async def test_progress_goes_on_while_threads_of_an_ended_cell_have_jobs(driver: Driver) -> None:
    received: list[Progress] = []
    driver.context.jobs = {"dbx-k1:s1:3": {7}}
    seat = await driver.seated(on_progress=received.append)

    seat.send(RunningCell(3, "starts a thread"))
    seat.send(RunningCell(0, ""))
    await until(lambda: len(received) == 2)
    while_it_runs = [p.over for p in received]
    driver.context.jobs = {}
    await until(lambda: len(received) == 3)

    assert (while_it_runs, received[-1].over) == ([False, False], True)


async def test_seat_is_released_when_its_kernel_leaves(driver: Driver) -> None:
    seat = await driver.seated()

    await asyncio.to_thread(seat.leave)

    await until(lambda: driver.seats.released == ["k1"])
    assert seat.is_ended


@pytest.mark.usefixtures("one_job")
@pytest.mark.parametrize("is_busy", [False, True])
async def test_kernel_is_told_that_its_notebook_was_detached(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, is_busy: bool
) -> None:
    monkeypatch.setattr(handlers, "LEAVE_S", 0.2)
    dismissed: list[Seat] = []

    def leave(seat: Seat) -> None:
        dismissed.append(seat)
        if not is_busy:
            seat.leave()

    seat = Seat(driver.contact(), "k1", "a.ipynb", on_dismissed=leave)
    await asyncio.to_thread(seat.take)
    other = await driver.seated("k2")

    accepted = [await notify_driver(Announcement(driver.url), "token", DetachNotice(k)) for k in ("k1", "k3")]

    assert (accepted, dismissed) == ([True, False], [seat])
    assert (seat.is_ended, other.is_ended) == (not is_busy, False)
    await until(lambda: driver.seats.released == ([] if is_busy else ["k1"]))


async def test_kernel_receives_the_reason_for_the_end_of_its_seat(driver: Driver) -> None:
    seat = await driver.seated()

    for connection in driver.daemon.connections:
        connection.close(1001, "The cluster's driver was stopped.")

    assert await asyncio.to_thread(seat.wait_ended, 10)
    assert seat.reason == "The cluster's driver was stopped."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": PROTOCOL + 1}, "Restart the cluster to upgrade it"),
        ({"protocol": PROTOCOL - 1}, "Restart the cluster to upgrade it"),
        ({"pyspark": "3.0.0"}, "3.0.0"),
        ({"python": "2.7"}, "2.7"),
    ],
)
async def test_kernel_of_other_versions_is_refused(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], words: str
) -> None:
    hello = kernel_side._hello("a.ipynb")
    monkeypatch.setattr(kernel_side, "_hello", lambda *_: replace(hello, **changes))

    with pytest.raises(ClusterFailed, match=words):
        await driver.seated()

    assert driver.seats.taken == {}


async def test_kernel_is_refused_while_the_driver_starts(driver: Driver) -> None:
    driver.daemon.ready = False

    with pytest.raises(ClusterFailed):
        await driver.seated()


@pytest.mark.parametrize(
    "changes", [{"ticket": seat_ticket("token", "k2")}, {"ticket": ""}, {"url": "http://127.0.0.1:1"}]
)
async def test_other_clients_are_rejected(driver: Driver, changes: dict[str, str]) -> None:
    seat = Seat(driver.contact(**changes), "k1", "a.ipynb")

    with pytest.raises(DriverUnreachable):
        await asyncio.to_thread(seat.take)


async def test_message_of_a_later_version_does_not_change_the_seat(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STRICT)
    seat = await driver.seated()
    assert seat._loop

    seat._loop.call_soon_threadsafe(seat._write, json.dumps({"op": "dance"}))
    seat._loop.call_soon_threadsafe(seat._write, json.dumps({"op": "bound", "temp_dir": "/tmp/x", "color": "green"}))

    await until(lambda: driver.seats.taken["k1"].temp_dir == "/tmp/x")
    assert not seat.is_ended


async def test_driver_handles_notices(driver: Driver) -> None:
    announce = Announcement(driver.url)

    taken = [
        await notify_driver(announce, "token", notice)
        for notice in (TouchNotice(1234, 0.5), DecommissionNotice(("worker-1",)))
    ]

    assert taken == [True, True]
    assert driver.daemon.status().touched_ms == 1234
    assert driver.context.decommissioned == ["worker-1"]


async def test_driver_accepts_only_its_own_server(driver: Driver) -> None:
    announce = Announcement(driver.url)

    assert await read_driver_status(announce, "other") is None
    assert not await notify_driver(announce, "other", TouchNotice(1, 0))
    assert driver.daemon.status().touched_ms == 0
