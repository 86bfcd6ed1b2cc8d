"""NotebookAttachment: the cluster that the notebook is attached to, which the server stores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_dbx.kernel.session.notebook import Notebook

if TYPE_CHECKING:
    from jupyter_dbx.model.answers.clusters import ClustersSeen
    from jupyter_dbx.model.answers.kernels import AttachmentChoice


class NotebookAttachment:
    """Reads and changes a notebook's attachment."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def choice(self) -> AttachmentChoice:
        """Return which cluster the notebook uses, and whether its user chose it."""
        notebook = self._notebook
        return notebook.client.get_choice(notebook.kernel_id, notebook.path)

    def cluster_id(self) -> str:
        """Return the ID of the cluster that the notebook uses, or ""."""
        return self.choice().cluster_id

    def clusters(self, *, timeout_s: float) -> ClustersSeen:
        """Return every cluster and which one is attached, in one request that is cheap enough to repeat every second."""
        notebook = self._notebook
        client = replace(notebook.client, timeout_s=timeout_s)
        return client.list_clusters_seen(notebook.kernel_id, notebook.path)

    def choose(self, cluster_id: str) -> None:
        """Attach the notebook to this cluster. The caller releases a seat that it has on another one."""
        notebook = self._notebook
        notebook.client.attach(notebook.kernel_id, notebook.path, cluster_id)

    def clear(self) -> None:
        """Detach the notebook."""
        notebook = self._notebook
        notebook.client.detach(notebook.kernel_id, notebook.path)
