"""Runs a notebook in its own kernel on this notebook's cluster, for `dbutils.notebook.run`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from jupyter_dbx.kernel.errors import CellInterrupted, NotebookError, NotebookExited
from jupyter_dbx.model.kernel_contact import KernelContact, encode_contact
from jupyter_dbx.runner.source import find_notebook, read_cells


class NotebookFailed(NotebookError):
    """A cell of the notebook failed; the message has the cell, the error and its traceback."""


class NotebookTimedOut(NotebookError):
    """The notebook exceeded its time limit and was stopped."""


def run_notebook(session: Any, path: str, timeout_s: float, arguments: Mapping[str, Any]) -> str:
    """Run a notebook; return the value it passes to `dbutils.notebook.exit`, or "" if it does not call it.

    Parameters
    ----------
    timeout_s : time limit, s; 0 = none
    arguments : values of its widgets

    Raises
    ------
    NoSuchNotebook, UnreadableNotebook, NotebookFailed, NotebookTimedOut
    CellInterrupted : the cell was interrupted, which stops the notebook
    """
    try:
        limit_s = float(timeout_s)
    except (TypeError, ValueError):
        raise NotebookError(f"timeout_seconds must be a number of seconds, not {timeout_s!r}.") from None
    file = find_notebook(path, session.notebook.folders.candidates_for(path, Path.cwd()))
    cells = read_cells(file)
    contact = KernelContact(
        # The server accepts this kernel's token from the new kernel, too.
        kernel_id=uuid.uuid4().hex,
        notebook=str(file),
        server_url=session.notebook.client.url,
        kernel_token=session.notebook.client.token,
        data_dir=str(session.notebook.folders.data),
        root_dir=str(session.notebook.folders.root),
        cluster_id=session.cluster_id,
        arguments={str(name): str(value) for name, value in arguments.items()},
    )
    env = dict(os.environ) | encode_contact(contact)
    return _on_own_loop(session, file.name, lambda: _run(file, cells, env, limit_s))


async def _run(file: Path, cells: list[str], env: dict[str, str], timeout_s: float) -> str:
    # Imported here because few notebooks run others: it would slow down every kernel's start.
    from jupyter_dbx.runner.notebook_run import CellFailed, NotebookRun, notebook_of

    index = 0

    async def execute() -> None:
        nonlocal index
        async with NotebookRun(notebook_of(cells), env=env, folder=file.parent) as run:
            for index in range(len(cells)):
                await run.run_cell(index)

    running = asyncio.create_task(execute())
    try:
        done, _ = await asyncio.wait([running], timeout=timeout_s if timeout_s > 0 else None)
        if not done:
            raise NotebookTimedOut(
                f"{file.name} did not finish within {timeout_s:g} s and was stopped in cell {index + 1} of {len(cells)}."
            )
        running.result()
    except CellFailed as error:
        if error.name == NotebookExited.__name__:
            return error.value.removeprefix(NotebookExited.PREFIX)
        raise NotebookFailed(
            f"{file.name} failed in cell {index + 1} of {len(cells)}: {error}\n\n{error.traceback}".rstrip()
        ) from None
    finally:
        running.cancel()
        # Waits for the kernel to shut down; errors of the shutdown do not matter.
        await asyncio.gather(running, return_exceptions=True)
    return ""


def _on_own_loop(session: Any, name: str, work: Callable[[], Coroutine[Any, Any, str]]) -> str:
    """Run a coroutine on a new thread and loop, because the kernel's loop runs the cell; an interrupt cancels it."""
    result: Future[str] = Future()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def watched() -> str:
        task = asyncio.current_task()
        assert task is not None
        started.set_result((asyncio.get_running_loop(), task))
        return await work()

    def run() -> None:
        try:
            result.set_result(asyncio.run(watched()))
        except BaseException as error:
            result.set_exception(error)

    thread = threading.Thread(target=run, name="dbx-run", daemon=True)
    with session.stopped_by_interrupts(lambda: started.add_done_callback(_cancel)):
        session.cells.claim()  # after an interrupt, no more notebooks begin
        thread.start()
        try:
            return result.result()
        except asyncio.CancelledError:
            raise CellInterrupted(f"{name} was stopped because its cell was interrupted.") from None
        except KeyboardInterrupt:
            started.add_done_callback(_cancel)
            thread.join()
            raise


def _cancel(started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]]) -> None:
    loop, task = started.result()
    with contextlib.suppress(RuntimeError):  # it has ended meanwhile
        loop.call_soon_threadsafe(task.cancel)
