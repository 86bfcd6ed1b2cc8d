"""DISPLAY: what `display()` shows, as an output that is complete in a saved notebook and interactive with our extension.

`dispatch.py` decides how a value is shown. A value with rows becomes a *source* (`source.py`): a Spark DataFrame
(`spark_source.py`) or an in-memory frame (`local_source.py`). Its first rows are read once, encoded as cells (`cells.py`) and put
into one output in three formats (`data_table.py`): our MIME type for the grid, HTML for other front ends, and plain text.
`registry.py` keeps the source under the id in the output, and serves later requests of the page from it: more rows, columns, a
profile, a file (`file.py`), groups of rows for a chart (`grouping.py`; `spark_groups.py` and `local_groups.py` compute them, as
`spark_profile.py` and `local_profile.py` do profiles). A stream (`stream.py`) is followed beside the notebook's next cells;
`streams.py` knows those that run. HTML has a frame of its own (`html_frame.py`).

What a source reads is bounded by columns, rows and bytes before it is read (`rows.py`), whatever the table's size.

Checking what a value is imports no library: a value of a library exists only after its import. The kernel imports this package
at the first `display`, which keeps its start fast.
"""

from typing import Any

__all__ = ["display", "displayHTML"]


def display(*values: Any, **options: Any) -> Any:
    """Show values: data with rows as a table with charts and a profile, figures as images, anything else as IPython does.

    For a streaming DataFrame, the options are `processingTime`, `checkpointLocation`, `streamName` and `trigger`.
    """
    from jupyter_dbx.kernel.display import dispatch

    return dispatch.display(*values, **options)


def displayHTML(html: str) -> None:
    """Render HTML in a frame of its own: its styles and scripts apply to this output only."""
    from jupyter_dbx.kernel.display import dispatch

    dispatch.displayHTML(html)
