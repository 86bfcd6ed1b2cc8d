"""Cells: what the notebook runs now, and for which cell a thread works.

A cell is a request of the front end that runs code. Several run at once: one in the main shell, others in subshells, and
callbacks of widgets while a cell awaits something. A request that is not a cell, such as a click on a widget, becomes one when it
first uses Spark, so that its jobs are visible and can be cancelled like a cell's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jupyter_dbx.kernel.errors import CellInterrupted

#: Maximum length of a cell's title, characters.
MAX_TITLE_LENGTH = 100

#: How long after an interrupt threads of no running cell may not use Spark, s. It empties the queues of thread pools.
QUIET_S = 1.0

#: Prefixes of lines that do not describe a cell.
_UNDESCRIPTIVE = ("#", "import ", "from ", "--")


@dataclass(eq=False)
class Cell:
    """One run of a cell.

    Attributes
    ----------
    is_handled : the kernel is handling its request
    is_interrupted : the user has interrupted it; its threads may start no more jobs
    is_in_main_thread : it is a request of the main shell
    """

    #: counts from 1; 0 = it does not count as a cell, or not yet
    number: int = 0
    #: the line that describes it
    title: str = ""
    #: header of the message below whose output the progress of its jobs is shown; None = nowhere
    request: Any = None
    #: its id in the notebook; "" = unknown
    cell_id: str = ""
    is_handled: bool = False
    is_interrupted: bool = False
    is_in_main_thread: bool = False


#: Neither a cell nor a request.
NO_CELL = Cell()

#: The cell that the code in this context works for. Tasks of asyncio and `asyncio.to_thread` inherit it.
_current: ContextVar[Cell] = ContextVar("dbx_cell")


class Cells:
    """The notebook's cells. Can be used from any thread.

    Parameters
    ----------
    on_begin : called when a cell begins
    on_change : called when a cell has begun or ended
    """

    def __init__(self, on_begin: Callable[[Cell], None], on_change: Callable[[], None]) -> None:
        self._on_begin, self._on_change = on_begin, on_change
        self._lock = threading.Lock()
        self._threads = threading.local()
        self._interrupted_at = float("-inf")
        #: number of cells so far
        self.count = 0
        #: in the order in which they began; a new tuple at each change, so that a signal handler can read it
        self.running: tuple[Cell, ...] = ()

    @contextmanager
    def handling(self, title: str = "", request: Any = None, cell_id: str = "") -> Iterator[Cell]:
        """Handle a request in this context; if it has become a cell, the cell ends with it."""
        cell = Cell(0, title, request, cell_id, is_handled=True, is_in_main_thread=_is_main_thread())
        token = _current.set(cell)
        try:
            yield cell
        finally:
            _current.reset(token)
            with self._lock:
                cell.is_handled = False
                if cell in self.running:
                    self.running = tuple(c for c in self.running if c is not cell)
                    self._on_change()

    def begin(self, cell: Cell) -> None:
        """Make a request a cell, unless it is one."""
        with self._lock:
            if not cell.is_handled or cell.number:
                return
            self.count += 1
            cell.number = self.count
            self.running = (*self.running, cell)
            self._on_begin(cell)
            self._on_change()

    @property
    def current(self) -> Cell:
        """Return the cell that this thread works for, or NO_CELL.

        Shells, tasks and callbacks have a cell in their context. Threads of thread pools work for the running cell, the main
        shell's if several run; any other thread belongs to the cell in which it first used Spark.
        """
        cell = _current.get(None)
        if cell is not None:
            return cell
        known: Cell = getattr(self._threads, "cell", NO_CELL)
        if known is not NO_CELL and not _is_pooled_thread():
            return known
        running = self.running
        cell = next((c for c in running if c.is_in_main_thread), running[-1] if running else NO_CELL)
        self._threads.cell = cell
        return cell

    def claim(self) -> Cell:
        """Return the cell that this thread works for, because it is about to use Spark: its request becomes a cell.

        Raises
        ------
        CellInterrupted : the cell was interrupted, and this is another thread than the main one, whose clean-up may need Spark
        """
        cell = self.current
        if not _is_main_thread() and self._is_interrupted(cell):
            raise CellInterrupted("The cell was interrupted.")
        self.begin(cell)
        return cell

    def interrupt(self) -> None:
        """Let other threads than the main one start no more jobs for the cells that run. A signal handler may call this."""
        self._interrupted_at = time.monotonic()
        for cell in self.running:
            cell.is_interrupted = True

    def _is_interrupted(self, cell: Cell) -> bool:
        if cell.is_handled:
            return cell.is_interrupted
        return time.monotonic() < self._interrupted_at + QUIET_S


def current_request() -> Any:
    """Return the header of the message that this context handles, or None."""
    return _current.get(NO_CELL).request


def title_of(code: str) -> str:
    """Return the line that describes a cell: the first one that is not blank, a comment or an import."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    descriptive = [line for line in lines if not line.startswith(_UNDESCRIPTIVE)] or lines or [""]
    title = descriptive[0]
    if title.startswith("%") and " " not in title and len(descriptive) > 1:
        title = f"{title} {descriptive[1]}"  # a magic alone on its line
    return title if len(title) <= MAX_TITLE_LENGTH else f"{title[: MAX_TITLE_LENGTH - 1]}…"


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _is_pooled_thread() -> bool:
    target = getattr(threading.current_thread(), "_target", None)
    return str(getattr(target, "__module__", "")) in ("concurrent.futures.thread", "multiprocessing.pool")
