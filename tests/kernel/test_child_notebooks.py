"""Notebooks that a notebook runs, and interrupts of it. The kernel that would run them is a coroutine."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_dbx.kernel.dbutils.running import _on_own_loop
from jupyter_dbx.kernel.errors import CellInterrupted
from jupyter_dbx.kernel.session.notebook import Notebook
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.model.kernel_contact import KernelContact


@pytest.fixture
def session() -> NotebookSession:
    return NotebookSession(Notebook(KernelContact("k1")), {}, lambda _: None)


class Child:
    """A notebook that runs until it is stopped, and cleans up."""

    def __init__(self) -> None:
        self.began, self.stopped = threading.Event(), threading.Event()

    async def run(self) -> str:
        self.began.set()
        try:
            await asyncio.sleep(10**6)
        finally:
            self.stopped.set()
        return ""


def test_interrupt_ends_all_notebooks_that_run_in_threads(session: NotebookSession) -> None:
    children = [Child() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(_on_own_loop, session, "child.py", child.run) for child in children]
        assert all(child.began.wait(10) for child in children)

        session.interrupt()

        for run in runs:
            assert isinstance(run.exception(10), CellInterrupted)
    assert all(child.stopped.is_set() for child in children)
    assert session.stops == set()


def test_notebook_that_ended_before_the_interrupt_keeps_its_value(session: NotebookSession) -> None:
    async def done() -> str:
        return "done"

    assert _on_own_loop(session, "child.py", done) == "done"
    session.interrupt()


def test_threads_of_an_interrupted_cell_run_no_more_notebooks(session: NotebookSession) -> None:
    with session.handling() as cell, ThreadPoolExecutor(1) as pool:
        session.cells.begin(cell)
        session.interrupt()

        with pytest.raises(CellInterrupted):
            pool.submit(_on_own_loop, session, "child.py", Child().run).result(10)


def test_notebook_that_fails_raises_its_error(session: NotebookSession) -> None:
    async def fail() -> str:
        raise ValueError("it failed")

    with pytest.raises(ValueError, match="it failed"):
        _on_own_loop(session, "child.py", fail)
