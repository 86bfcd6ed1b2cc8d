"""Magics of the kernel: `%cluster`, `%sql`, `%jvm_stack`, `%whos`, and `display` as Databricks' notebooks have it."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.kernel.magics.completion import ClusterCompleter
from jupyter_dbx.kernel.magics.sql import SqlMagics
from jupyter_dbx.kernel.magics.stack import StackMagics
from jupyter_dbx.kernel.magics.variables import VariablesMagics


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; called by the kernel at its start."""
    shell.register_magics(ClusterMagics(shell), SqlMagics(shell), StackMagics(shell), VariablesMagics(shell))
    shell.Completer.custom_matchers.append(ClusterCompleter(shell.kernel.spark_session).match)
    shell.push({"display": display}, interactive=False)
