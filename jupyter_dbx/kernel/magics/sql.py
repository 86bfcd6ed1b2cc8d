"""`%sql` and `%%sql`: a statement on the notebook's session; the result is shown and kept as `_sqldf`."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from jupyter_dbx.kernel.display import display


@magics_class
class SqlMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """SQL in notebooks."""

    @line_cell_magic  # type: ignore[untyped-decorator]
    def sql(self, line: str, cell: str | None = None) -> None:
        """Run one SQL statement: `%sql SELECT …`, or a cell that begins with `%%sql`. The result is in `_sqldf`."""
        __tracebackhide__ = True  # a statement that is refused is no fault of ours
        statement = (line if cell is None else f"{line}\n{cell}").strip().rstrip(";")
        if not statement:
            raise UsageError("Write a statement after it: %sql SELECT 1")
        session = self.shell.kernel.spark_session
        result: Any = session.spark.sql(statement)
        self.shell.user_ns["_sqldf"] = result
        if result.columns:
            display(result)
        else:
            print("OK")
