"""Runs a notebook in a kernel of its own, on the cluster of this one."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError, NotebookExited
from jupyter_dbx.kernel.source import find_notebook, read_cells

#: Of the kernel that runs it.
KERNEL = "jupyter-dbx"


class NotebookFailed(NotebookError):
    """A cell of the notebook failed; says which, and how."""


class NotebookTimedOut(NotebookError):
    """The notebook did not end in time; it was stopped."""


def run_notebook(session: Any, path: str, timeout_s: float, arguments: Mapping[str, Any]) -> str:
    """Return what a notebook says with `dbutils.notebook.exit`, or "" if it just ends.

    Parameters
    ----------
    timeout_s : how long it may take, s; 0 = as long as it likes
    arguments : values of its widgets

    Raises
    ------
    NoSuchNotebook, UnreadableNotebook, NotebookFailed, NotebookTimedOut
    """
    try:
        limit_s = float(timeout_s)
    except (TypeError, ValueError):
        raise NotebookError(f"timeout_seconds is a number of seconds, not {timeout_s!r}.") from None
    file = find_notebook(path, Path.cwd(), session.folders)
    cells = read_cells(file)
    env = dict(os.environ) | {
        "DBX_SERVER_URL": session.client.url,
        "DBX_KERNEL_TOKEN": session.client.token,
        # A server takes a kernel's token also from kernels that it did not start itself.
        "DBX_KERNEL_ID": uuid.uuid4().hex,
        "DBX_NOTEBOOK": str(file),
        "DBX_DATA_DIR": str(session.folders.data),
        "DBX_ROOT_DIR": str(session.folders.root),
        "DBX_CLUSTER_ID": session.cluster_id,
        "DBX_ARGUMENTS": json.dumps({str(name): str(value) for name, value in arguments.items()}),
    }
    return _on_own_loop(_run(file, cells, env, limit_s))


async def _run(file: Path, cells: list[str], env: dict[str, str], timeout_s: float) -> str:
    # Not at the top: few notebooks run others, and a kernel should not come up later for them.
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    client = NotebookClient(
        notebook, kernel_name=KERNEL, timeout=None, resources={"metadata": {"path": str(file.parent)}}
    )
    number = 0

    async def execute() -> None:
        nonlocal number
        # What it says beside its cells is no output of this notebook.
        async with client.async_setup_kernel(env=env, stdout=DEVNULL, stderr=DEVNULL):
            for number, cell in enumerate(notebook.cells, 1):
                await client.async_execute_cell(cell, number - 1)

    running = asyncio.create_task(execute())
    try:
        done, _ = await asyncio.wait([running], timeout=timeout_s if timeout_s > 0 else None)
        if not done:
            raise NotebookTimedOut(
                f"{file.name} did not end within {timeout_s:g} s and was stopped in its cell {number} of {len(cells)}."
            )
        running.result()
    except CellExecutionError as error:
        if error.ename == NotebookExited.__name__:
            return str(error.evalue).removeprefix(NotebookExited.WORDS)
        raise NotebookFailed(
            f"{file.name} failed in its cell {number} of {len(cells)}: {error.ename}: {error.evalue}\n\n{error.traceback}"
        ) from None
    finally:
        running.cancel()
        # Until its kernel has ended; how that ends is of no matter.
        await asyncio.gather(running, return_exceptions=True)
    return ""


def _on_own_loop(work: Any) -> str:  # a coroutine
    """Run a coroutine on a loop and thread of its own, since the kernel's is busy with the cell; an interrupt ends it."""
    result: Future[str] = Future()
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def watched() -> str:
        task = asyncio.current_task()
        assert task is not None
        begun.set_result((asyncio.get_running_loop(), task))
        return str(await work)

    def run() -> None:
        try:
            result.set_result(asyncio.run(watched()))
        except BaseException as error:
            result.set_exception(error)

    thread = threading.Thread(target=run, name="dbx-run", daemon=True)
    thread.start()
    try:
        return result.result()
    except KeyboardInterrupt:
        loop, task = begun.result()
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
