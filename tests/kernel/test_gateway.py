"""The guard around every command to the driver: its end, the tags of jobs, and interrupts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_dbx.kernel.errors import CellInterrupted, DriverEnded
from jupyter_dbx.kernel.pyspark import gateway as gateways
from jupyter_dbx.kernel.pyspark.gateway import Gateway
from jupyter_dbx.kernel.session.cells import Cells
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.model.protocol import Welcome


class Driver:
    """A seat whose driver ends when a test says so."""

    def __init__(self) -> None:
        self.is_ended, self.reason = False, ""

    def wait_ended(self, timeout_s: float) -> bool:
        return self.is_ended


class Jvm:
    """The SparkContext in the JVM: the tags of each thread's jobs."""

    def __init__(self) -> None:
        self._threads = threading.local()

    @property
    def tags(self) -> set[str]:
        if not hasattr(self._threads, "tags"):
            self._threads.tags = set()
        found: set[str] = self._threads.tags
        return found

    def addJobTag(self, tag: str) -> None:
        self.tags.add(tag)

    def removeJobTag(self, tag: str) -> None:
        self.tags.remove(tag)

    def getLocalProperty(self, name: str) -> None: ...

    def setJobDescription(self, title: str | None) -> None: ...


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def cells() -> Cells:
    return Cells(lambda cell: None, lambda: None)


@pytest.fixture
def jvm() -> Jvm:
    return Jvm()


@pytest.fixture
def gateway(driver: Driver, cells: Cells, jvm: Jvm, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """A gateway whose driver answers every command."""
    client = SimpleNamespace(get_thread_connection=lambda: None)
    monkeypatch.setattr(
        gateways, "_connect", lambda _: SimpleNamespace(_gateway_client=client, jvm=None, close=lambda **_: None)
    )
    welcome = Welcome("c1", "etl", 1, "secret", "tag", cells_tag="tag:s1")
    folders = Folders(Path("/"), Path("/"))
    found = Gateway(welcome, driver, cells, folders)  # type: ignore[arg-type]  # as much of a seat as it needs
    monkeypatch.setattr(found, "_send", lambda command, binary: "answer")
    monkeypatch.setattr(gateways, "Surroundings", lambda *_: SimpleNamespace(apply=lambda threads: None))
    found.adopt(jvm, None)
    return found


def send(gateway: Gateway, command: str = "command") -> Any:
    return gateway.py4j._gateway_client.send_command(command)


def in_thread(work: Callable[[], Any]) -> Any:
    """Return the result of work in a new thread, which has no cell in its context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(10)


def test_driver_that_ends_between_two_commands_of_a_cell_is_named(
    gateway: Gateway, driver: Driver, cells: Cells
) -> None:
    with cells.handling():
        assert send(gateway) == "answer"
        driver.is_ended = True

        with pytest.raises(DriverEnded, match=r"The driver of cluster 'etl' ended while this cell ran"):
            send(gateway)


def test_object_of_an_earlier_cell_is_stale_after_the_end_of_its_driver(
    gateway: Gateway, driver: Driver, cells: Cells
) -> None:
    with cells.handling():
        send(gateway)
    driver.is_ended = True

    with cells.handling() as cell, pytest.raises(DriverEnded, match="created on a driver that has ended"):
        cells.begin(cell)
        send(gateway)


def test_object_created_before_stop_is_stale_in_the_same_cell(gateway: Gateway, cells: Cells) -> None:
    with cells.handling():
        send(gateway)
        gateway.shut()

        with pytest.raises(DriverEnded, match=r"created before `stop\(\)`"):
            send(gateway)


def test_jobs_carry_the_cell_they_belong_to(gateway: Gateway, cells: Cells, jvm: Jvm) -> None:
    def tags() -> set[str]:
        send(gateway)
        return set(jvm.tags)

    seen = [tags()]
    for _ in range(2):
        with cells.handling():
            seen += [tags(), in_thread(tags)]
    seen.append(tags())

    assert seen == [set(), {"tag:s1:1"}, {"tag:s1:1"}, {"tag:s1:2"}, {"tag:s1:2"}, set()]


def test_request_that_only_frees_objects_does_not_become_a_cell(gateway: Gateway, cells: Cells) -> None:
    with cells.handling() as request:
        send(gateway, "m\nd\no7\ne\n")

        assert (request.number, cells.running) == (0, ())


def test_threads_of_an_interrupted_cell_start_no_more_jobs_but_it_may_clean_up(gateway: Gateway, cells: Cells) -> None:
    with cells.handling():
        send(gateway)
        cells.interrupt()

        with pytest.raises(CellInterrupted):
            in_thread(lambda: send(gateway))
        assert send(gateway) == "answer"
