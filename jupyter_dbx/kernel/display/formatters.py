"""Formatters: what IPython shows of a DataFrame, and its own `display`, which some notebooks and modules import, of file lists.

IPython asks them for the value of a cell, too: a DataFrame is then shown as a table, with its usual text beside it; a list of
files is printed as any list.
"""

from __future__ import annotations

from typing import Any

# IPython and PySpark are not followed by mypy here, hence Any.


def install(shell: Any) -> None:
    """Register the formatters; they cost nothing until such a value is shown."""
    formatter = shell.display_formatter.mimebundle_formatter

    def format_dataframe(df: Any) -> dict[str, Any] | None:
        from jupyter_dbx.kernel.display import dispatch

        is_value = _is_value_of_cell(shell)
        if df.isStreaming:
            if is_value:
                return None  # a stream starts by `display` only
            dispatch.display(df)
            return {"text/plain": ""}
        bundle: dict[str, Any] = dispatch.renderable(df)._repr_mimebundle_()
        return bundle | {"text/plain": repr(df)} if is_value else bundle

    def format_list(values: list[Any]) -> dict[str, Any] | None:
        if _is_value_of_cell(shell) or not values or not all(map(_is_of_dbutils, values)):
            return None
        from jupyter_dbx.kernel.display import dispatch

        bundle: dict[str, Any] = dispatch.renderable(values)._repr_mimebundle_()
        return bundle

    formatter.for_type_by_name("pyspark.sql.dataframe", "DataFrame", format_dataframe)
    formatter.for_type(list, format_list)


def _is_value_of_cell(shell: Any) -> bool:
    """Return whether IPython formats the value of a cell; otherwise `display` was called."""
    return getattr(shell.displayhook, "msg", None) is not None


def _is_of_dbutils(value: object) -> bool:
    return isinstance(value, tuple) and type(value).__module__.startswith("jupyter_dbx.")
