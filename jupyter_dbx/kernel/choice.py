"""ClusterChoice: which cluster the notebook wants, as the server keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.wire import Json


class ClusterChoice:
    """Reads and changes a notebook's attachment."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def cluster_id(self) -> str:
        """Return the id of the attached cluster, or "" if there is none."""
        session = self._session
        answer = session.client.kernel("GET", session.kernel_id, path=session.notebook or None)
        return str(answer["cluster_id"])

    def clusters(self, *, timeout_s: float) -> tuple[list[Json], str]:
        """Return every cluster, and the id of the attached one or "", in one request that may be repeated every second."""
        session = self._session
        client = replace(session.client, timeout_s=timeout_s)
        answer = client.kernel("GET", session.kernel_id, "clusters", path=session.notebook or None)
        return answer["clusters"], answer["attached"]

    def choose(self, cluster_id: str) -> None:
        """Let the notebook want this cluster; the seat that it may have on another one is the caller's to release."""
        self._call("PUT", cluster=cluster_id)

    def clear(self) -> None:
        """Let the notebook want no cluster."""
        self._call("DELETE")

    def _call(self, method: str, **args: Any) -> Json:
        session = self._session
        return session.client.kernel(method, session.kernel_id, "cluster", path=session.notebook or None, **args)
