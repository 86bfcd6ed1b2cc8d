"""Displayed streams that run beside the notebook's cells, without Spark."""

from __future__ import annotations

import threading

import pytest

from jupyter_dbx.kernel.display.streams import Streams


class FakeStream:
    """A stream that ends a moment after it is stopped."""

    def __init__(self, streams: Streams, stream_id: str, cell: str = "", name: str = "") -> None:
        self.id, self.cell, self.request, self.name = stream_id, cell, "first", name
        self._streams, self._stopping = streams, threading.Event()
        self._thread = threading.Thread(target=self._run)
        streams.add(self)
        self._thread.start()

    def _run(self) -> None:
        self._stopping.wait(10)
        self._streams.discard(self)

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(10)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest.fixture
def running(streams: Streams) -> list[FakeStream]:
    return [FakeStream(streams, "1", cell="a", name="n"), FakeStream(streams, "2", cell="b"), FakeStream(streams, "3")]


def stopped(streams: Streams, running: list[FakeStream]) -> list[str]:
    """Return the ids of the streams that were stopped, and end the others."""
    found = [stream.id for stream in running if stream._stopping.is_set()]
    streams.stop_all()
    for stream in running:
        stream.join()
    return found


def test_cell_that_runs_again_ends_its_stream(streams: Streams, running: list[FakeStream]) -> None:
    streams.end_cell("b", "first")  # e.g. another cell of a notebook that it runs
    assert running[1].is_running
    streams.end_cell("b", "second")

    assert not running[1].is_running
    assert stopped(streams, running) == ["2"]


def test_name_that_is_used_again_ends_its_stream(streams: Streams, running: list[FakeStream]) -> None:
    streams.end_name("n")

    assert not running[0].is_running
    assert stopped(streams, running) == ["1"]


def test_streams_of_unknown_cells_and_without_a_name_are_not_replaced(
    streams: Streams, running: list[FakeStream]
) -> None:
    streams.end_name("")
    streams.end_cell("", "second")

    assert stopped(streams, running) == []


def test_page_stops_the_stream_of_one_output(streams: Streams, running: list[FakeStream]) -> None:
    streams.stop("3")

    assert stopped(streams, running) == ["3"]


def test_interrupt_stops_all(streams: Streams, running: list[FakeStream]) -> None:
    streams.stop_all()
    for stream in running:
        stream.join()

    assert not any(stream.is_running for stream in running)
