"""NotebookRun: runs a notebook cell by cell in a kernel of its own."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from jupyter_dbx.model.errors import DbxError

#: How long a kernel may take to start, a cell to run, and a question to be answered, s.
KERNEL_TIMEOUT_S, CELL_TIMEOUT_S, ASK_TIMEOUT_S = 120, 900, 60


class CellFailed(DbxError):
    """A cell of the notebook failed."""


@dataclass(frozen=True)
class Step:
    """One code cell."""

    #: its place among all cells, and among the code cells (1, 2, …)
    index: int
    number: int
    #: the last heading above it
    section: str
    #: its first comment, else its first line
    title: str


def steps_of(cells: list[Any]) -> list[Step]:
    """Return the code cells of a notebook with their sections."""
    steps: list[Step] = []
    section = ""
    for index, cell in enumerate(cells):
        lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "markdown":
            headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
            section = headings[-1] if headings else section
        elif cell.cell_type == "code" and lines:
            comments = [line.lstrip("#- ") for line in lines if line.startswith(("# ", "-- "))]
            steps.append(Step(index, len(steps) + 1, section, (comments or lines)[0]))
    return steps


class NotebookRun:
    """One notebook in one kernel.

    Parameters
    ----------
    path : of the notebook, which is not changed
    environment : variables of the kernel
    folder : where the kernel works and logs
    """

    def __init__(self, path: Path, environment: Mapping[str, str], folder: Path) -> None:
        self._notebook = nbformat.read(path, as_version=4)
        self._environment, self._folder = dict(environment), folder
        self.steps = steps_of(self._notebook.cells)
        self._client = NotebookClient(
            self._notebook, timeout=CELL_TIMEOUT_S, startup_timeout=KERNEL_TIMEOUT_S, kernel_name=""
        )

    async def open(self) -> None:
        """Start the kernel that the notebook names."""
        self._client.create_kernel_manager()
        with (self._folder / "kernel.log").open("wb") as log:
            await self._client.async_start_new_kernel(
                env=self._environment, cwd=str(self._folder), stdout=log, stderr=log
            )
        await self._client.async_start_new_kernel_client()

    async def run(self, step: Step) -> None:
        """Run one cell.

        Raises
        ------
        CellFailed : it raised, took too long, or its kernel died
        """
        try:
            await self._client.async_execute_cell(self._notebook.cells[step.index], step.index)
        except CellExecutionError as error:
            raise CellFailed(f"The cell «{step.title}» failed: {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise CellFailed(f"The cell «{step.title}» took longer than {CELL_TIMEOUT_S} s.") from None
        except DeadKernelError:
            raise CellFailed(f"The kernel died in the cell «{step.title}».") from None

    async def ask(self, expression: str) -> Any:
        """Return the value of an expression, a JSON text, that the kernel evaluates.

        Raises
        ------
        CellFailed : it has no value, or none that is JSON
        """
        asked = {"answer": expression}
        reply = await self._client.kc.execute(
            "", silent=True, user_expressions=asked, reply=True, timeout=ASK_TIMEOUT_S
        )
        answer = reply["content"].get("user_expressions", {}).get("answer", {})
        if answer.get("status") != "ok":
            raise CellFailed(f"The notebook has no `{expression}`: {answer.get('ename')}: {answer.get('evalue')}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    async def close(self) -> None:
        """End the kernel at once; its seat is freed by the driver."""
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        if self._client.km is not None:
            with suppress(RuntimeError):  # it has never started
                await self._client.km.shutdown_kernel(now=True)
