"""Magics of the kernel, and the names that Databricks' notebooks have from the start."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.argument_display import ArgumentDisplay
from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.magics.cells import CellMagics
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.kernel.magics.completion import ClusterCompleter
from jupyter_dbx.kernel.magics.names import given_names
from jupyter_dbx.kernel.magics.pip import PipMagics
from jupyter_dbx.kernel.magics.run import RunMagics
from jupyter_dbx.kernel.magics.scala import ScalaMagics
from jupyter_dbx.kernel.magics.spelling import as_ipython_spells
from jupyter_dbx.kernel.magics.sql import SqlMagics
from jupyter_dbx.kernel.magics.sql_completion import SqlCompleter
from jupyter_dbx.kernel.magics.stack import StackMagics
from jupyter_dbx.kernel.magics.variables import VariablesMagics


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; called by the kernel at its start."""
    session, dbutils = shell.kernel.spark_session, DBUtils(shell)
    shell.register_magics(
        ClusterMagics(shell),
        SqlMagics(shell, session.arguments),
        CellMagics(shell, dbutils, session.folders),
        RunMagics(shell, session.arguments, session.folders),
        PipMagics(shell, session.environment, session.folders),
        ScalaMagics(shell),
        StackMagics(shell),
        VariablesMagics(shell),
    )
    shell.input_transformer_manager.cleanup_transforms.insert(0, as_ipython_spells)
    shell.Completer.custom_matchers += [ClusterCompleter(session).match, SqlCompleter(session).match]
    shell.kernel.given_names = given_names(session, dbutils)
    shell.push(shell.kernel.given_names, interactive=False)
    ArgumentDisplay(shell.kernel, session.arguments)
