"""Converts Databricks' cell syntax: a language magic with one percent sign on the first line applies to the whole cell.

An IPython hook on the text of a cell, before other transformations.
"""

from __future__ import annotations

import re

#: Magics that apply to the whole cell. `%pip` and `%run` do not: Python code may follow them.
WHOLE_CELL = ("sql", "md", "md-sandbox", "sh", "fs", "scala", "r", "skip")

_FIRST = re.compile(rf"%({'|'.join(map(re.escape, WHOLE_CELL))}|python)(?![\w-])(.*)", re.DOTALL)


def to_ipython_syntax(lines: list[str], *, has_sql: bool = True) -> list[str]:
    """Return a cell's lines with a leading `%sql` (or another magic of WHOLE_CELL) as `%%sql`; comments may precede it.

    `%python` becomes a blank line, so that line numbers do not change.

    Parameters
    ----------
    has_sql : False = `%sql` belongs to another extension, for which it applies to one line
    """
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if first is None:
        return lines
    found = _FIRST.fullmatch(lines[first].lstrip())
    if found is None:
        return lines
    name, rest = found.groups()
    if name == "sql" and not has_sql:
        return lines
    if name == "python":
        return [*lines[:first], rest.lstrip() or "\n", *lines[first + 1 :]]
    # IPython rejects a cell magic without a second line.
    return [f"%%{name.replace('-', '_')}{rest}", *(lines[first + 1 :] or ["\n"])]
