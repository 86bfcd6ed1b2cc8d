"""`display` and `displayHTML`, as in Databricks notebooks: chooses how each value is shown."""

from __future__ import annotations

from typing import Any

from IPython.display import display as ipython_display

from jupyter_dbx.kernel.display import local_source
from jupyter_dbx.kernel.display.data_table import DataTable
from jupyter_dbx.kernel.display.figures import Figure, is_figure
from jupyter_dbx.kernel.display.html_frame import HtmlFrame
from jupyter_dbx.kernel.display.registry import TABLES
from jupyter_dbx.kernel.display.schema_tree import SchemaTree, is_schema
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.display.spark_source import SparkSource, is_dataframe
from jupyter_dbx.kernel.display.stream import OPTIONS, StreamDisplay

# Values may come from any library, hence Any.


def display(*values: Any, **options: Any) -> Any:
    """Show values: data with rows as a table, figures as images, anything else as IPython does.

    Parameters
    ----------
    values : Spark, pandas, polars and Arrow frames; lists of rows, dicts or tuples; figures; or any other value
    options : those of IPython's `display`, e.g. `display_id`; for a stream `processingTime`, `trigger`, `checkpointLocation`
        and `streamName`

    Returns
    -------
    IPython's handle if `display_id` is given, otherwise None

    Source: Databricks, "Visualizations in notebooks", and Structured Streaming's `display`.
    """
    stream_options = {name: options.pop(name) for name in OPTIONS & options.keys()}
    if len(values) == 1 and is_dataframe(values[0]) and values[0].isStreaming:
        return StreamDisplay(values[0], stream_options).run()
    return ipython_display(*map(renderable, values), **options)


def displayHTML(html: str) -> None:
    """Render HTML in a frame of its own: its styles and scripts apply to this output only."""
    ipython_display(HtmlFrame(str(html)))


def renderable(value: Any) -> Any:
    """Return the object that IPython displays for a value."""
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
            return local_source.from_pandas(value)
        case "polars", "DataFrame" | "LazyFrame" | "Series":
            return local_source.from_polars(value)
        case "pyarrow", "Table" | "RecordBatch":
            return local_source.from_arrow(value)
        case "pyspark", "DataFrame" | "Series" if name.startswith("pandas."):
            return SparkSource(_plain_spark(value))
    return local_source.from_records(value) if local_source.is_records(value) else None


def _plain_spark(frame: Any) -> Any:
    """Return a pandas-on-Spark object as a DataFrame; a named index comes first."""
    frame = frame.to_frame() if type(frame).__name__ == "Series" else frame
    named = [str(name) for name in frame.index.names if name is not None]
    return frame.to_spark(index_col=named) if named and len(named) == frame.index.nlevels else frame.to_spark()
