"""Tables for notebooks: HTML where it is shown, plain text everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Any

from IPython.display import display as ipython_display

#: Rows of a DataFrame that `display` shows, count.
ROW_CAP = 1000

#: Characters of one cell that are shown, count.
CELL_CAP = 500


class Table:
    """A table of values with an optional notice below it."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], notice: str = "") -> None:
        self.columns, self.rows, self.notice = list(columns), [list(row) for row in rows], notice

    def _repr_html_(self) -> str:
        sides = [
            _side_of(next((row[i] for row in self.rows if row[i] is not None), "")) for i in range(len(self.columns))
        ]
        head = "".join(_cell("th", side, name) for side, name in zip(sides, self.columns, strict=True))
        rows = ("".join(_cell("td", side, v) for side, v in zip(sides, row, strict=True)) for row in self.rows)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        notice = f"<p><small>{escape(self.notice)}</small></p>" if self.notice else ""
        # JupyterLab styles `dataframe` tables for the light and the dark theme; only the box that scrolls is ours.
        return (
            '<div style="max-height: 30em; overflow: auto">'
            f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notice}'
        )

    def __repr__(self) -> str:
        cells = [self.columns, *([_text(v) for v in row] for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([*lines, *([self.notice] if self.notice else [])])


def display(*values: Any, **options: Any) -> Any:
    """Show values: a Spark DataFrame as a table of its first rows, anything else as IPython does."""
    shown = [table_of(v) if is_dataframe(v) and not v.isStreaming else v for v in values]
    return ipython_display(*shown, **options)


def is_dataframe(value: Any) -> bool:
    """Return whether a value is a Spark DataFrame, without importing PySpark to find out."""
    return any(c.__module__.startswith("pyspark.sql") and c.__name__ == "DataFrame" for c in type(value).__mro__)


def table_of(df: Any, cap: int = ROW_CAP) -> Table:
    """Return the first rows of a Spark DataFrame; the notice says so if there are more."""
    rows = df.limit(cap + 1).collect()
    notice = f"{len(rows):,} rows" if len(rows) != 1 else "1 row"
    if len(rows) > cap:
        notice = f"Only the first {cap:,} rows are shown. `df.count()` tells how many there are, `df.limit(n)` chooses."
    return Table(df.columns, rows[:cap], notice)


def _cell(tag: str, side: str, value: Any) -> str:
    text = "<em>null</em>" if value is None else escape(_text(value))
    return f'<{tag} style="text-align: {side}">{text}</{tag}>'


def _side_of(value: Any) -> str:
    """Return where a column stands whose first value this is: numbers on the right."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return "right" if is_number else "left"


def _text(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= CELL_CAP else f"{text[:CELL_CAP]}…"
