"""`%jvm_stack`: the full stack trace of the last error."""

from __future__ import annotations

import sys

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class


@magics_class
class StackMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """The magic that shows what cells leave out of an error."""

    @line_magic  # type: ignore[untyped-decorator]
    def jvm_stack(self, line: str) -> None:
        """Print the last error with all Python frames and, if Spark failed in the JVM, the Java stack trace."""
        error = getattr(sys, "last_value", None)
        if error is None:
            raise UsageError("No cell has failed.")
        from jupyter_dbx.kernel.pyspark.tracebacks import whole_stack

        print(whole_stack(error))
