"""Which extension has `%sql`: others, such as JupySQL, define a magic of this name, too."""

from __future__ import annotations

import ast
from typing import Any

from jupyter_dbx.kernel.magics.sql import SqlMagics
from jupyter_dbx.kernel.magics.syntax import to_ipython_syntax

#: What to run to get `%sql` back. IPython loads an extension once; only `%reload_ext` always works.
RESTORE = "%reload_ext jupyter_dbx"


class SqlOwner:
    """Notices that another extension has taken `%sql`, and then leaves cells with it to that extension."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._was_ours = True

    @property
    def is_ours(self) -> bool:
        """Return whether `%sql` runs on Spark."""
        return isinstance(getattr(self._shell.find_cell_magic("sql"), "__self__", None), SqlMagics)

    def install(self) -> None:
        """Watch every cell."""
        self._shell.input_transformer_manager.cleanup_transforms.insert(0, self._to_ipython_syntax)
        self._shell.ast_transformers.append(AssignedSql(self))
        self._shell.events.register("post_run_cell", self._report)

    def _to_ipython_syntax(self, lines: list[str]) -> list[str]:
        return to_ipython_syntax(lines, has_sql=self.is_ours)

    def _report(self, result: Any) -> None:
        """Print once that the cell has changed who has `%sql`."""
        if self._was_ours and not self.is_ours:
            owner = getattr(self._shell.find_cell_magic("sql"), "__module__", "another extension")
            print(f"`%sql` now belongs to {owner}. To run it on Spark again: {RESTORE}")
        self._was_ours = self.is_ours


class AssignedSql(ast.NodeTransformer):
    """Makes `df = %sql …` return the result instead of showing it."""

    def __init__(self, owner: SqlOwner) -> None:
        self._owner = owner

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """Return the assignment with `%sql_result` in place of `%sql`; IPython has made a call of the magic."""
        match node.value:
            case ast.Call(func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant("sql") as name, _]):
                name.value = "sql_result" if self._owner.is_ours else "sql"
        return node


def restore_sql(shell: Any) -> None:
    """Make `%sql` run on Spark again."""
    shell.register_magics(SqlMagics(shell, shell.kernel.spark_session.notebook.arguments))
