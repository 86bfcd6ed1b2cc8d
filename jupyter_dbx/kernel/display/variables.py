"""A notebook's variables, for a list of them: types, sizes and short values, found without a job of Spark."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping, Sized
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from jupyter_dbx.client.dialect import plural
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.model.wire import Json

#: What is listed at most: variables, columns of each, and characters of a value.
VARIABLES_CAP, COLUMNS_CAP, VALUE_CAP = 1_000, 1_000, 120

#: Not variables in the sense of a list: what a notebook imports and defines.
_DEFINITIONS = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)

#: Types whose values say more than their size; the values of others may take long to print.
_SCALARS = (bool, int, float, complex, str, bytes, type(None))

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = VALUE_CAP


def list_variables(names: Mapping[str, Any], hidden: Collection[str]) -> Json:
    """Return the variables in the order of their creation, as the page shows them.

    Parameters
    ----------
    names : variable → value
    hidden : variables that the user has not made

    Returns
    -------
    `{"variables": [{"name", "type", "about", "columns": [[name, type], …], "is_table"}, …], "total": count}`
    """
    shown = {
        name: value
        for name, value in list(names.items())  # at once: a cell may run meanwhile
        if not name.startswith("_") and name not in hidden and not isinstance(value, _DEFINITIONS)
    }
    rows = [_row(name, value) for name, value in list(shown.items())[:VARIABLES_CAP]]
    return {"variables": rows, "total": len(shown)}


def _row(name: str, value: Any) -> Json:
    row: Json = {"name": name, "type": type(value).__name__, "about": "", "columns": [], "is_table": False}
    try:
        return row | (_table(value) or {"about": _about(value)})
    except Exception as error:  # of any library's object: the others are listed all the same
        return row | {"about": str(error).partition("\n")[0]}


def _table(value: Any) -> Json | None:
    """Return the columns of a table of Spark, pandas or pandas on Spark; None = it is no table."""
    module, kind = type(value).__module__.partition(".")[0], type(value).__name__
    if kind != "DataFrame" or module not in ("pyspark", "pandas"):
        return None
    is_pandas = module == "pandas"
    types = value.dtypes.items() if not isinstance(value.dtypes, list) else value.dtypes
    columns = [[str(column), str(data_type)] for column, data_type in types]
    facts = [f"{plural(len(value), 'row')}"] if is_pandas else []
    facts += [plural(len(columns), "column"), *(() if is_pandas else spark_facts(value))]
    return {"about": " · ".join(facts), "columns": columns[:COLUMNS_CAP], "is_table": True}


def _about(value: Any) -> str:
    if isinstance(value, _SCALARS):
        return _SHORT.repr(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{' × '.join(map(str, shape))} {getattr(value, 'dtype', '')}".strip()
    return plural(len(value), "item") if isinstance(value, Sized) else ""


def spark_facts(df: Any) -> list[str]:
    """Return what a Spark DataFrame (hence Any) is besides its columns: streaming, cached. Runs no job."""
    from pyspark.errors import PySparkException

    try:
        if not hasattr(df, "isStreaming"):  # of pandas on Spark
            return []
        return ["stream"] if df.isStreaming else _cache_state(df)
    except (NotebookError, PySparkException) as error:  # the driver has ended, or Spark Connect lacks it
        return [str(error).partition("\n")[0]]


def _cache_state(df: Any) -> list[str]:
    """Return one phrase if a DataFrame is marked for caching, with the size cached so far."""
    level = df.storageLevel
    if not hasattr(df, "_jdf") or not (level.useMemory or level.useDisk or level.useOffHeap):
        return []
    storages = [name for name, is_used in (("memory", level.useMemory), ("disk", level.useDisk)) if is_used]
    manager = df._jdf.sparkSession().sharedState().cacheManager()
    relation = manager.lookupCachedData(df._jdf).get().cachedRepresentation()
    if not relation.cacheBuilder().isCachedColumnBuffersLoaded():
        return [f"will be cached in {' and '.join(storages)}"]
    size = df.sparkSession._jvm.org.apache.spark.util.Utils.bytesToString(relation.computeStats().sizeInBytes())
    return [f"{size} cached in {' and '.join(storages)}"]
