"""Magics of the kernel: `%cluster`, `%sql`, `%scala`, and `display` as Databricks' notebooks have it."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.kernel.magics.completion import ClusterCompleter
from jupyter_dbx.kernel.magics.scala import ScalaMagics
from jupyter_dbx.kernel.magics.sql import SqlMagics


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; called by the kernel at its start."""
    shell.register_magics(ClusterMagics(shell), SqlMagics(shell), ScalaMagics(shell))
    shell.Completer.custom_matchers.append(ClusterCompleter(shell.kernel.spark_session).match)
    shell.push({"display": display}, interactive=False)
