"""`%scala` and `%%scala`: Scala in the driver's JVM, on the notebook's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.errors import LanguageMissing, ScalaFailed

if TYPE_CHECKING:
    from jupyter_dbx.kernel.languages.scala import ScalaInterpreter

#: Part of the message with which the driver refuses to stop the SparkContext of all notebooks.
STOP_REFUSED = "Cannot stop SparkContext within listener bus thread"


@magics_class
class ScalaMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """Magics for Scala and R cells."""

    _interpreter: ScalaInterpreter | None = None

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def scala(self, line: str, cell: str | None = None) -> None:
        """Run Scala: `%scala 1 + 1`, or a cell that starts with `%%scala`. Share DataFrames with Python as temporary views."""
        __tracebackhide__ = True
        from jupyter_dbx.kernel.languages.scala import ScalaInterpreter

        code = line if cell is None else f"{line}\n{cell}"
        if not code.strip():
            raise UsageError("Add Scala code: %scala spark.range(3).show()")
        session = self.shell.kernel.spark_session
        spark = session.spark
        if self._interpreter is None or self._interpreter.spark is not spark:
            self._interpreter = ScalaInterpreter(spark, session.notebook.kernel_id)
        try:
            self._interpreter.run(code)
        except ScalaFailed as error:
            if STOP_REFUSED not in str(error):
                raise
            session.release_soon()
            print("The notebook's session has ended. The cluster continues; the next cell gets a new session.")

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def r(self, line: str, cell: str | None = None) -> None:
        """Report that R is not supported."""
        raise LanguageMissing(
            "R cells are not supported, because the PySpark package does not include SparkR. Use Python, `%sql` or `%scala`. "
            "To use R, write a table to Parquet and read it in a notebook with an R kernel."
        )
