"""`%jvm_stack`: all that is known of the last error."""

from __future__ import annotations

import sys

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class


@magics_class
class StackMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """What cells leave out when they show an error."""

    @line_magic  # type: ignore[untyped-decorator]
    def jvm_stack(self, line: str) -> None:
        """Print the last error with every frame of Python and, if Spark's Java side failed, with Java's stack."""
        error = getattr(sys, "last_value", None)
        if error is None:
            raise UsageError("No cell has failed yet.")
        from jupyter_dbx.kernel.tracebacks import whole_stack

        print(whole_stack(error))
