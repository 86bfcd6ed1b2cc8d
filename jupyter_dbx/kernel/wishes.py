"""Wishes: what the notebook's page asks the kernel for, over a comm, and the kernel's answer.

A page has one comm, and each of its messages is a wish with an `id` that the answer repeats. JupyterLab sends comms to a
subshell, which answers also while a cell runs. Nothing is ever executed for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.choice import ClusterChoice
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.progress import CellProgress
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.errors import DbxError, InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_int, read_str

#: Name of the comm.
TARGET = "jupyter_dbx"


class Wishes:
    """Grants wishes that are about the notebook's session, and about what is shown below its cells."""

    def __init__(self, session: NotebookSession, progress: CellProgress) -> None:
        self._session, self._progress = session, progress

    def listen(self, comms: Any) -> None:  # of ipykernel, which is not followed by mypy here
        """Let pages open comms."""
        comms.register_target(TARGET, lambda comm, _: comm.on_msg(lambda message: self._answer(comm, message)))

    def grant(self, wish: Mapping[str, Any]) -> Json:
        """Do what is wished, and return the answer.

        `{"op": "attach", "cluster_id": …}`, `{"op": "detach"}` and `{"op": "reattach"}` give the seat back as soon as no cell
        runs; the next cell that needs Spark takes a fresh one. `{"op": "cancel"}` cancels the jobs of the cell that runs;
        `{"op": "progress", "run": …}` asks how far a cell's jobs are; `table_more`, `table_profile` and `table_download` are
        about a table that `display` has shown.

        Raises
        ------
        DbxError, NotebookError : it cannot be done; says why
        """
        from jupyter_dbx.kernel.display.shown import TABLES  # which no kernel needs to come up

        choice = ClusterChoice(self._session)
        match wish.get("op"):
            case "attach":
                choice.choose(read_str(wish, "cluster_id"))
            case "detach":
                choice.clear()
            case "reattach":
                pass
            case "cancel":
                self._session.cancel_jobs()
                return {}
            case "progress":
                return self._progress.latest(read_str(wish, "run"))
            case "table_more":
                return TABLES.more(read_str(wish, "table"), read_int(wish, "offset", 0) or 0)
            case "table_profile":
                return TABLES.profile(read_str(wish, "table"))
            case "table_download":
                return TABLES.parquet(read_str(wish, "table"), read_int(wish, "rows", 0) or 0)
            case unknown:
                raise InvalidParameterValue(f"This kernel knows no {unknown!r}: restart it to upgrade it.")
        self._session.release_soon()
        return {}

    def _answer(self, comm: Any, message: Mapping[str, Any]) -> None:
        wish = message["content"]["data"]
        try:
            answer: Json = {"granted": self.grant(wish)}
        except (DbxError, NotebookError) as error:
            answer = {"refused": str(error)}
        comm.send({"id": wish.get("id"), **answer})
