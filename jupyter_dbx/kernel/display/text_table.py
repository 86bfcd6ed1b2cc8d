"""Table: a table for every front end, as HTML and as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Any

#: Maximum characters shown of a cell, count.
CELL_CAP = 500


class Table:
    """A table of values with an optional notice below it.

    Parameters
    ----------
    columns, rows : names and values
    notice : sentence below the table, or ""
    numbers : which columns hold numbers; None = those whose first value is a number
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        notice: str = "",
        numbers: Sequence[bool] | None = None,
    ) -> None:
        self.columns, self.rows, self.notice = list(columns), [list(row) for row in rows], notice
        self._numbers = [self._begins_with_number(i) for i in range(len(self.columns))] if numbers is None else numbers

    def _repr_html_(self) -> str:
        sides = ["right" if is_number else "left" for is_number in self._numbers]
        head = "".join(_cell("th", side, name) for side, name in zip(sides, self.columns, strict=True))
        rows = ("".join(_cell("td", side, v) for side, v in zip(sides, row, strict=True)) for row in self.rows)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        notice = f"<p><small>{escape(self.notice)}</small></p>" if self.notice else ""
        # JupyterLab styles `dataframe` tables for light and dark themes; only the scrolling box needs a style here.
        return (
            '<div style="max-height: 30em; overflow: auto">'
            f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notice}'
        )

    def __repr__(self) -> str:
        cells = [self.columns, *([_text(v) for v in row] for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([*lines, *([self.notice] if self.notice else [])])

    def _begins_with_number(self, column: int) -> bool:
        value = next((row[column] for row in self.rows if row[column] is not None), "")
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(tag: str, side: str, value: Any) -> str:
    text = "<em>null</em>" if value is None else escape(_text(value))
    return f'<{tag} style="text-align: {side}">{text}</{tag}>'


def _text(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= CELL_CAP else f"{text[:CELL_CAP]}…"
