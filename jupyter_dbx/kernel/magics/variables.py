"""`%whos`: IPython's list of variables, which tells of a Spark DataFrame what it is made of and whether it is cached."""

from __future__ import annotations

import contextlib
import io
import re
from types import SimpleNamespace
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magics.namespace import NamespaceMagics

from jupyter_dbx.kernel.errors import NotebookError

#: Characters of a DataFrame's columns that are shown, count.
COLUMNS_CAP = 80


@magics_class
class VariablesMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """Variables, DataFrames among them."""

    @line_magic  # type: ignore[untyped-decorator]
    def whos(self, line: str) -> None:
        """List the variables with their types and what is known of them; `%whos DataFrame` lists those of a type.

        Of a Spark DataFrame it tells the columns and what is cached of it. No job runs for that.
        """
        from jupyter_dbx.kernel.display.spark_source import is_dataframe

        names = self.shell.user_ns
        shown, told = dict(names), list[str]()
        for name in [name for name, value in names.items() if not name.startswith("_") and is_dataframe(value)]:
            shown[name] = DataFrame(len(told))
            told.append(describe(names[name]))
        magics = NamespaceMagics()
        magics.shell = SimpleNamespace(user_ns=shown, user_ns_hidden=self.shell.user_ns_hidden)
        with contextlib.redirect_stdout(io.StringIO()) as text:
            magics.whos(line)
        print(re.sub(r"(Shape: )?\0(\d+)\0", lambda found: told[int(found[2])], text.getvalue()), end="")


class DataFrame:
    """Stands in a list of IPython's for one of Spark's: has its type's name, and a mark where IPython tells the value.

    IPython itself asks everything called so for its `shape`, which Spark would have to count.
    """

    def __init__(self, number: int) -> None:
        self.shape = f"\0{number}\0"

    def __str__(self) -> str:
        return self.shape


def describe(df: Any) -> str:
    """Return what is known of a Spark DataFrame (hence Any): its columns, and whether it is a stream, or cached."""
    from pyspark.errors import PySparkException

    try:
        kind = ["stream"] if df.isStreaming else _cache_words(df)
        return "; ".join([_columns(df.dtypes), *kind])
    except (NotebookError, PySparkException) as error:  # no driver any more; over Spark Connect, no such column
        return str(error).partition("\n")[0]


def _columns(types: list[tuple[str, str]]) -> str:
    shown = ""
    for i, (name, kind) in enumerate(types):
        longer = f"{shown}, {name}: {kind}" if shown else f"{name}: {kind}"
        if shown and len(longer) > COLUMNS_CAP:
            return f"{shown}, … {len(types) - i} more"
        shown = longer if len(longer) <= COLUMNS_CAP else f"{longer[: COLUMNS_CAP - 1]}…"
    return shown


def _cache_words(df: Any) -> list[str]:
    """Return one phrase if a DataFrame is to be cached, with the size of what is cached so far."""
    level = df.storageLevel
    if not hasattr(df, "_jdf") or not (level.useMemory or level.useDisk or level.useOffHeap):
        return []
    places = [name for name, is_used in (("memory", level.useMemory), ("disk", level.useDisk)) if is_used]
    manager = df._jdf.sparkSession().sharedState().cacheManager()
    relation = manager.lookupCachedData(df._jdf).get().cachedRepresentation()
    if not relation.cacheBuilder().isCachedColumnBuffersLoaded():
        return [f"will be cached in {' and '.join(places)}"]
    size = df.sparkSession._jvm.org.apache.spark.util.Utils.bytesToString(relation.computeStats().sizeInBytes())
    return [f"{size} cached in {' and '.join(places)}"]
