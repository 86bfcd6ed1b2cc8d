"""DISPLAY: what `display()` shows, as an output that is whole in a saved notebook and grows where our extension is.

A value that has rows becomes a *source* (`source.py`): a Spark DataFrame (`spark_source.py`), or a frame of this process
(`local_source.py`). Its first rows are read once, turned into cells (`cells.py`), and put into one output in three forms
(`data_table.py`): our MIME type for the grid, HTML for everybody else, and plain text. What the page asks for later (more rows,
a profile, a file) is asked of the source, which is kept by the id that stands in the output (`shown.py`). A stream is followed
(`stream.py`) until it ends or its cell is interrupted.

No library is imported to find out what a value is: who has one has imported it. And nothing of this room is imported before
something is shown: kernels come up without it.
"""

from typing import Any

__all__ = ["display", "displayHTML"]


def display(*values: Any, **options: Any) -> Any:
    """Show values: what has rows as a table with chart and profile, figures as images, anything else as IPython does.

    Of a streaming DataFrame, `processingTime`, `checkpointLocation`, `streamName` and `trigger` are the stream's options.
    """
    from jupyter_dbx.kernel.display import showing

    return showing.display(*values, **options)


def displayHTML(html: str) -> None:
    """Show HTML as it is."""
    from jupyter_dbx.kernel.display import showing

    showing.displayHTML(html)
