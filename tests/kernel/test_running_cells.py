"""For which cell a thread works, and what an interrupt lets it do. No kernel."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

from jupyter_dbx.kernel.errors import CellInterrupted
from jupyter_dbx.kernel.session import cells as room
from jupyter_dbx.kernel.session.cells import NO_CELL, Cell, Cells


@pytest.fixture
def begun() -> list[Cell]:
    return []


@pytest.fixture
def cells(begun: list[Cell]) -> Cells:
    return Cells(begun.append, lambda: None)


#: Runs work on a thread that outlives it, and returns its result.
Thread = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def threads() -> Iterator[dict[str, Thread]]:
    """A thread of each kind."""
    asked: queue.Queue[Callable[[], None]] = queue.Queue()

    def serve() -> None:
        while True:
            asked.get()()

    def ask(work: Callable[[], Any]) -> Any:
        future: Future[Any] = Future()

        def answer() -> None:
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)

        asked.put(answer)
        return future.result(10)

    threading.Thread(target=serve, daemon=True).start()
    with ThreadPoolExecutor(1) as executor, ThreadPool(1) as pool:
        yield {"executor": lambda work: executor.submit(work).result(10), "pool": pool.apply, "plain": ask}


def test_request_becomes_a_cell_when_it_first_uses_spark_and_ends_with_itself(cells: Cells, begun: list[Cell]) -> None:
    with cells.handling("a click", "header") as idle:
        pass
    with cells.handling("a click", "header") as request:
        claimed = [cells.claim(), cells.claim()]
        running = cells.running

    assert (claimed, running, cells.running) == ([request, request], (request,), ())
    assert (request.number, request.title, request.request) == (1, "a click", "header")
    assert begun == [request]
    assert idle.number == 0


def test_several_cells_run_at_once(cells: Cells, threads: dict[str, Thread]) -> None:
    thread = threads["plain"]
    with cells.handling("main") as main:
        cells.begin(main)

        def run_in_subshell() -> tuple[Cell, Cell, tuple[Cell, ...]]:
            with cells.handling("sub") as sub:
                return sub, cells.claim(), cells.running

        sub, claimed, running = thread(run_in_subshell)
        assert (claimed, running) == (sub, (main, sub))
        assert cells.running == (main,)
        assert cells.claim() is main


def test_tasks_and_their_threads_keep_the_cell_that_started_them(cells: Cells) -> None:
    async def run() -> list[Cell]:
        with cells.handling("first"):
            tasks = [asyncio.create_task(current()), asyncio.create_task(asyncio.to_thread(cells.claim))]
        with cells.handling("second"):
            return [*await asyncio.gather(*tasks), cells.claim()]

    async def current() -> Cell:
        return cells.claim()

    assert [cell.title for cell in asyncio.run(run())] == ["first", "first", "second"]


@pytest.mark.parametrize(("kind", "second"), [("executor", "second"), ("pool", "second"), ("plain", "first")], ids=str)
def test_pools_work_for_the_running_cell_and_other_threads_for_their_first(
    cells: Cells, threads: dict[str, Thread], kind: str, second: str
) -> None:
    thread = threads[kind]
    titles = []
    for title in ("first", "second"):
        with cells.handling(title) as cell:
            cells.begin(cell)
            titles.append(thread(cells.claim).title)

    assert titles == ["first", second]


def test_pool_works_for_the_main_shell_while_a_subshell_runs_a_cell(cells: Cells, threads: dict[str, Thread]) -> None:
    pool, subshell = threads["executor"], threads["plain"]
    with cells.handling("main") as main:
        cells.begin(main)

        def run_in_subshell() -> Cell:
            with cells.handling("sub"):
                cells.claim()
                found: Cell = pool(cells.claim)
                return found

        assert subshell(run_in_subshell) is main


def test_thread_without_any_cell_belongs_to_none(cells: Cells, threads: dict[str, Thread]) -> None:
    assert threads["plain"](cells.claim) is NO_CELL
    assert NO_CELL.number == 0


def test_task_that_outlives_its_request_does_not_make_it_a_cell(cells: Cells) -> None:
    async def run() -> Cell:
        with cells.handling("a click"):
            later = asyncio.create_task(asyncio.to_thread(cells.claim))
        return await later

    assert asyncio.run(run()).number == 0
    assert cells.running == ()


@pytest.mark.parametrize("kind", ["executor", "pool", "plain"])
def test_threads_of_an_interrupted_cell_are_refused_until_it_ends(
    cells: Cells, threads: dict[str, Thread], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "QUIET_S", 0)
    thread = threads[kind]
    with cells.handling() as cell:
        cells.begin(cell)
        thread(cells.claim)
        cells.interrupt()
        with pytest.raises(CellInterrupted):
            thread(cells.claim)
        assert cells.claim() is cell  # the main thread may need Spark to clean up

    thread(cells.claim)


def test_queues_of_pools_are_emptied_after_an_interrupt_though_no_cell_runs(
    cells: Cells, threads: dict[str, Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = threads["executor"]
    cells.interrupt()

    with pytest.raises(CellInterrupted):
        pool(cells.claim)
    with cells.handling() as cell:
        cells.begin(cell)
        assert pool(cells.claim) is cell
    monkeypatch.setattr(room, "QUIET_S", 0)
    pool(cells.claim)


def test_cell_in_a_subshell_is_refused_once_it_is_interrupted(cells: Cells, threads: dict[str, Thread]) -> None:
    def run_in_subshell() -> None:
        with cells.handling() as cell:
            cells.begin(cell)
            cells.interrupt()
            cells.claim()

    subshell = threads["plain"]
    with pytest.raises(CellInterrupted):
        subshell(run_in_subshell)
