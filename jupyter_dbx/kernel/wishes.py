"""Wishes: what the notebook's page asks the kernel for, over a comm, and the kernel's answer.

Each wish is a comm of its own, so that it is handled where it came in: JupyterLab sends comms to a subshell, which answers
also while a cell runs. Nothing is ever executed for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.choice import ClusterChoice
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.errors import DbxError, InvalidParameterValue
from jupyter_dbx.model.wire import read_str

#: Name of the comm.
TARGET = "jupyter_dbx"


class Wishes:
    """Grants wishes that are about the notebook's session."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def listen(self, comms: Any) -> None:  # of ipykernel, which is not followed by mypy here
        """Let pages open a comm with a wish in it."""
        comms.register_target(TARGET, self._on_open)

    def grant(self, wish: Mapping[str, Any]) -> None:
        """Do what is wished: `{"op": "attach", "cluster_id": …}`, `{"op": "detach"}` or `{"op": "reattach"}`.

        A seat is given back as soon as no cell runs; the next cell that needs Spark takes a fresh one.

        Raises
        ------
        DbxError : it cannot be done; says why
        """
        choice = ClusterChoice(self._session)
        match wish.get("op"):
            case "attach":
                choice.choose(read_str(wish, "cluster_id"))
            case "detach":
                choice.clear()
            case "reattach":
                pass
            case unknown:
                raise InvalidParameterValue(f"This kernel knows no {unknown!r}: restart it to upgrade it.")
        self._session.release_soon()

    def _on_open(self, comm: Any, message: Mapping[str, Any]) -> None:
        try:
            self.grant(message["content"]["data"])
        except DbxError as error:
            comm.send({"refused": error.message})
        else:
            comm.send({"granted": True})
