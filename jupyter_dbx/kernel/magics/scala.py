"""`%scala` and `%%scala`: Scala in the driver's JVM, on the notebook's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.errors import LanguageMissing

if TYPE_CHECKING:
    from jupyter_dbx.kernel.scala import ScalaInterpreter


@magics_class
class ScalaMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """Scala in notebooks, and a word about R."""

    _interpreter: ScalaInterpreter | None = None

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def scala(self, line: str, cell: str | None = None) -> None:
        """Run Scala: `%scala 1 + 1`, or a cell that begins with `%%scala`. Share DataFrames with Python as temporary views."""
        __tracebackhide__ = True
        from jupyter_dbx.kernel.scala import ScalaInterpreter

        code = line if cell is None else f"{line}\n{cell}"
        if not code.strip():
            raise UsageError("Write Scala after it: %scala spark.range(3).show()")
        session = self.shell.kernel.spark_session
        spark = session.spark
        if self._interpreter is None or self._interpreter.spark is not spark:
            self._interpreter = ScalaInterpreter(spark, session.kernel_id)
        self._interpreter.run(code)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def r(self, line: str, cell: str | None = None) -> None:
        """Say that there is no R."""
        raise LanguageMissing(
            "PySpark's package carries no SparkR, so R cells do not run here. Use Python, `%sql` or `%scala`; "
            "for R itself, write a table to Parquet and read it in a notebook with an R kernel."
        )
