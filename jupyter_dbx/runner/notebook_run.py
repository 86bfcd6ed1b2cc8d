"""NotebookRun: runs the code cells of a notebook one by one in a new kernel."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from jupyter_dbx.model.errors import DbxError

#: Kernelspec of notebooks created here.
KERNEL = "jupyter-dbx"

#: How long a kernel may take to start, and to evaluate an expression, s.
KERNEL_TIMEOUT_S, EVALUATE_TIMEOUT_S = 120, 60


class CellFailed(DbxError):
    """A cell of the notebook failed.

    Attributes
    ----------
    name, value : the exception that the cell raised; the name is "" if it timed out or its kernel died
    traceback : as formatted by the kernel, with ANSI colours
    """

    def __init__(self, value: str, name: str = "", traceback: str = "") -> None:
        super().__init__(f"{name}: {value}" if name else value)
        self.name, self.value, self.traceback = name, value, traceback


def notebook_of(cells: list[str]) -> nbformat.NotebookNode:
    """Return a notebook with these code cells for the jupyter-dbx kernel."""
    spec = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": spec})


class NotebookRun:
    """One notebook in one kernel, as an asynchronous context manager; the kernel shuts down with the context.

    Parameters
    ----------
    notebook : receives the outputs; its metadata names the kernel
    env : environment variables of the kernel
    folder : working folder of the kernel
    log : file for the kernel's stdout and stderr; None = discard them
    cell_timeout_s : time limit of a cell, s; None = no limit
    """

    def __init__(
        self,
        notebook: nbformat.NotebookNode,
        *,
        env: Mapping[str, str],
        folder: Path,
        log: Path | None = None,
        cell_timeout_s: int | None = None,
    ) -> None:
        self._notebook, self._env, self._folder, self._log = notebook, dict(env), folder, log
        self._cell_timeout_s = cell_timeout_s
        self._client = NotebookClient(
            notebook,
            timeout=cell_timeout_s,
            startup_timeout=KERNEL_TIMEOUT_S,
            kernel_name="",
            resources={"metadata": {"path": str(folder)}},
        )

    async def __aenter__(self) -> NotebookRun:
        """Start the kernel."""
        self._client.create_kernel_manager()
        with (self._log or Path("/dev/null")).open("wb") as log:
            try:
                await self._client.async_start_new_kernel(env=self._env, cwd=str(self._folder), stdout=log, stderr=log)
                await self._client.async_start_new_kernel_client()
            except BaseException:
                await self._shut_down(now=True)
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Shut the kernel down: immediately after an error, otherwise gracefully so that it can clean up."""
        await self._shut_down(now=kind is not None)

    async def run_cell(self, index: int) -> None:
        """Run the cell at this index.

        Raises
        ------
        CellFailed : the cell raised an exception or timed out, or its kernel died
        """
        try:
            await self._client.async_execute_cell(self._notebook.cells[index], index)
        except CellExecutionError as error:
            raise CellFailed(error.evalue, error.ename, error.traceback) from None
        except CellTimeoutError:
            raise CellFailed(f"The cell took longer than {self._cell_timeout_s} s.") from None
        except DeadKernelError:
            raise CellFailed("The kernel died.") from None

    async def evaluate(self, expression: str) -> Any:
        """Evaluate an expression in the kernel; return its value, which must be a JSON string, decoded.

        Raises
        ------
        CellFailed : evaluating it raised an exception
        """
        reply = await self._client.kc.execute(
            "", silent=True, user_expressions={"value": expression}, reply=True, timeout=EVALUATE_TIMEOUT_S
        )
        answer = reply["content"].get("user_expressions", {}).get("value", {})
        if answer.get("status") != "ok":
            raise CellFailed(str(answer.get("evalue")), str(answer.get("ename")))
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    async def _shut_down(self, *, now: bool) -> None:
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        if self._client.km is not None and self._client.km.has_kernel:
            await self._client.km.shutdown_kernel(now=now)
