"""`display` and `displayHTML` as Databricks' notebooks have them."""

from __future__ import annotations

from typing import Any

from IPython.display import HTML
from IPython.display import display as ipython_display

from jupyter_dbx.kernel.display import local_source
from jupyter_dbx.kernel.display.data_table import DataTable
from jupyter_dbx.kernel.display.figures import Figure, is_figure
from jupyter_dbx.kernel.display.schema_tree import SchemaTree, is_schema
from jupyter_dbx.kernel.display.shown import TABLES
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.display.spark_source import SparkSource, is_dataframe
from jupyter_dbx.kernel.display.stream import OPTIONS, StreamDisplay

# What is shown may be of any library, hence Any.


def display(*values: Any, **options: Any) -> Any:
    """Show values: whatever has rows as a table, figures as images, anything else as IPython does.

    Parameters
    ----------
    values : Spark DataFrames; frames of pandas, polars and Arrow; lists of rows, dicts or tuples; figures; …
    options : those of IPython's `display`, e.g. `display_id`; for a stream `processingTime`, `trigger`, `checkpointLocation`
        and `streamName`

    Returns
    -------
    IPython's handle if a `display_id` is asked for, otherwise None

    Source: Databricks, "Visualizations in notebooks", and Structured Streaming's `display`.
    """
    of_stream = {name: options.pop(name) for name in OPTIONS & options.keys()}
    if len(values) == 1 and is_dataframe(values[0]) and values[0].isStreaming:
        return StreamDisplay(values[0], of_stream).run()
    return ipython_display(*map(shown_of, values), **options)


def displayHTML(html: str) -> None:
    """Show HTML as it is."""
    ipython_display(HTML(str(html)))


def shown_of(value: Any) -> Any:
    """Return what IPython shows for a value."""
    source = source_of(value)
    if source is not None:
        table = DataTable(source)
        TABLES.add(table)
        return table
    if is_figure(value):
        return Figure(value)
    return SchemaTree(value) if is_schema(value) else value


def source_of(value: Any) -> Source | None:
    """Return the source of a value's rows, or None if it has none."""
    if is_dataframe(value):
        return None if value.isStreaming else SparkSource(value)
    module, _, name = type(value).__module__.partition(".")
    match module, type(value).__name__:
        case "pandas", "DataFrame" | "Series":
            return local_source.of_pandas(value)
        case "polars", "DataFrame" | "LazyFrame" | "Series":
            return local_source.of_polars(value)
        case "pyarrow", "Table" | "RecordBatch":
            return local_source.of_arrow(value)
        case "pyspark", "DataFrame" | "Series" if name.startswith("pandas."):
            return SparkSource(_plain_spark(value))
    return local_source.of_records(value) if local_source.is_records(value) else None


def _plain_spark(frame: Any) -> Any:
    """Return a pandas-on-Spark object as a DataFrame; an index with names comes first."""
    frame = frame.to_frame() if type(frame).__name__ == "Series" else frame
    named = [str(name) for name in frame.index.names if name is not None]
    return frame.to_spark(index_col=named) if named and len(named) == frame.index.nlevels else frame.to_spark()
