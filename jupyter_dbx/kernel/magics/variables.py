"""`%whos`: IPython's list of variables, with the columns and cache state of Spark DataFrames."""

from __future__ import annotations

import contextlib
import io
import re
from types import SimpleNamespace
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magics.namespace import NamespaceMagics

from jupyter_dbx.kernel.errors import NotebookError

#: Maximum characters shown of a DataFrame's columns, count.
COLUMNS_CAP = 80


@magics_class
class VariablesMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """The magic that lists variables."""

    @line_magic  # type: ignore[untyped-decorator]
    def whos(self, line: str) -> None:
        """List the variables with their types and values; `%whos DataFrame` lists those of a type.

        A Spark DataFrame is listed with its columns and its cached size. This runs no job.
        """
        from jupyter_dbx.kernel.display.spark_source import is_dataframe

        names = self.shell.user_ns
        shown, descriptions = dict(names), list[str]()
        for name in [name for name, value in names.items() if not name.startswith("_") and is_dataframe(value)]:
            shown[name] = DataFrame(len(descriptions))
            descriptions.append(describe(names[name]))
        magics = NamespaceMagics()
        magics.shell = SimpleNamespace(user_ns=shown, user_ns_hidden=self.shell.user_ns_hidden)
        with contextlib.redirect_stdout(io.StringIO()) as text:
            magics.whos(line)
        listing = re.sub(r"(Shape: )?\0(\d+)\0", lambda found: descriptions[int(found[2])], text.getvalue())
        print(listing, end="")


class DataFrame:
    """Stand-in for a Spark DataFrame in IPython's list, with the same type name and a marker as its value.

    IPython reads the `shape` of any object whose type has this name, for which Spark would have to count rows.
    """

    def __init__(self, number: int) -> None:
        self.shape = f"\0{number}\0"

    def __str__(self) -> str:
        return self.shape


def describe(df: Any) -> str:
    """Return the columns of a Spark DataFrame (hence Any), and whether it is streaming or cached."""
    from pyspark.errors import PySparkException

    from jupyter_dbx.kernel.display.variables import spark_facts

    try:
        return "; ".join([_columns(df.dtypes), *spark_facts(df)])
    except (NotebookError, PySparkException) as error:  # the driver has ended, or Spark Connect lacks a column
        return str(error).partition("\n")[0]


def _columns(types: list[tuple[str, str]]) -> str:
    shown = ""
    for i, (name, kind) in enumerate(types):
        longer = f"{shown}, {name}: {kind}" if shown else f"{name}: {kind}"
        if shown and len(longer) > COLUMNS_CAP:
            return f"{shown}, … {len(types) - i} more"
        shown = longer if len(longer) <= COLUMNS_CAP else f"{longer[: COLUMNS_CAP - 1]}…"
    return shown
