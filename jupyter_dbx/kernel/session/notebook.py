"""Notebook: what a kernel knows and keeps about its notebook, without Spark."""

from __future__ import annotations

import uuid
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.redaction import Redaction
from jupyter_dbx.kernel.session.metadata import read_cluster_id, read_languages
from jupyter_dbx.kernel.workspace.environment import Environment
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.model.cell_language import CellLanguages
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.kernel_contact import KernelContact

if TYPE_CHECKING:
    from jupyter_dbx.client.client import Client


class Notebook:
    """One notebook, from the view of its kernel.

    Attributes
    ----------
    arguments : values of its widgets
    environment : its notebook-scoped packages
    redaction : values that no output may show
    start : tells this start of the kernel from others with the same id
    folders : paths of the workspace's folders

    Parameters
    ----------
    contact : the kernel's identity, and the server that started it
    """

    def __init__(self, contact: KernelContact) -> None:
        self._contact = contact
        self._client: Client | None = None
        self.arguments, self.environment = Arguments(contact.arguments), Environment()
        self.redaction = Redaction()
        self.start = uuid.uuid4().hex[:8]
        self.folders = Folders(Path(contact.data_dir), Path(contact.root_dir))

    @property
    def kernel_id(self) -> str:
        """Return the ID of its kernel."""
        return self._contact.kernel_id

    @property
    def path(self) -> str:
        """Return its path when the kernel started, or "" if it is unknown."""
        return self._contact.notebook

    @property
    def current_path(self) -> str:
        """Return its path, or "" if it is unknown; the server knows whether it was renamed."""
        if not self._contact.server_url or self.runs_on:
            return self.path
        try:
            path = self.client.get_choice(self.kernel_id, self.path).path
        except DbxError:
            return self.path
        return path if path != self.kernel_id else self.path

    @property
    def is_run_by_program(self) -> bool:
        """Return whether neither a Jupyter server nor another notebook started its kernel: papermill, nbconvert, …"""
        return not self._contact.server_url

    @property
    def runs_on(self) -> str:
        """Return the ID of the cluster of the notebook that runs this one, or "" if none does.

        A notebook that another one runs uses the other one's cluster, regardless of its own file and attachment.
        """
        return self._contact.cluster_id

    @property
    def named_cluster(self) -> str:
        """Return the ID or name of the cluster in the notebook's file, or ""."""
        return self._contact.named_cluster or read_cluster_id(self.current_path)

    @cached_property
    def languages(self) -> CellLanguages:
        """Return the languages of its cells, as they were in its file at the start."""
        # The caller of a notebook sends cells that begin with their magic.
        return CellLanguages() if self.runs_on else read_languages(self.path)

    @property
    def client(self) -> Client:
        """Return the client of the server that started the kernel, else of the one that `find_client` returns.

        Raises
        ------
        ServerUnreachable : no server was found
        """
        # Not at the top: a kernel comes up without the client and the classes of its answers.
        from jupyter_dbx.client.client import Client
        from jupyter_dbx.client.finding import find_client

        if self._client is None:
            url, token = self._contact.server_url, self._contact.kernel_token
            self._client = Client(url, token) if url else find_client()
        return self._client

    def forget_server(self) -> None:
        """Find the server again at the next request."""
        self._client = None
