"""Magics of the kernel, and the names defined in every Databricks notebook."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.argument_display import ArgumentDisplay
from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.display import formatters
from jupyter_dbx.kernel.magics.cells import CellMagics
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.kernel.magics.completion import ClusterCompleter
from jupyter_dbx.kernel.magics.names import initial_names
from jupyter_dbx.kernel.magics.pip import PipInShell, PipMagics
from jupyter_dbx.kernel.magics.run import RunMagics
from jupyter_dbx.kernel.magics.scala import ScalaMagics
from jupyter_dbx.kernel.magics.sql import SqlMagics
from jupyter_dbx.kernel.magics.sql_completion import SqlCompleter
from jupyter_dbx.kernel.magics.sql_owner import SqlOwner
from jupyter_dbx.kernel.magics.stack import StackMagics
from jupyter_dbx.kernel.magics.variables import VariablesMagics


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; the kernel calls this at its start."""
    session, dbutils = shell.kernel.spark_session, DBUtils(shell)
    shell.register_magics(
        ClusterMagics(shell),
        SqlMagics(shell, session.notebook.arguments),
        CellMagics(shell, dbutils, session.notebook.folders),
        RunMagics(shell, session.notebook.arguments, session.notebook.folders),
        PipMagics(shell, session.notebook.environment, session.notebook.folders),
        ScalaMagics(shell),
        StackMagics(shell),
        VariablesMagics(shell),
    )
    SqlOwner(shell).install()
    shell.ast_transformers.append(PipInShell())
    shell.Completer.custom_matchers += [ClusterCompleter(session).match, SqlCompleter(session).match]
    shell.kernel.initial_names = initial_names(session, dbutils)
    shell.push(shell.kernel.initial_names, interactive=False)
    formatters.install(shell)
    ArgumentDisplay(shell.kernel, session.notebook.arguments)
