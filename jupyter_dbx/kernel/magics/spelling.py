"""Cells as Databricks spells them: a language's name on the first line, with one percent sign, is for the whole cell.

A hook of IPython's on the text of a cell, before anything else reads it.
"""

from __future__ import annotations

import re

#: Magics that take the whole cell. `%pip` and `%run` do not: Python may follow them.
WHOLE_CELL = ("sql", "md", "md-sandbox", "sh", "fs", "scala", "r", "skip")

_FIRST = re.compile(rf"%({'|'.join(map(re.escape, WHOLE_CELL))}|python)(?![\w-])(.*)", re.DOTALL)


def as_ipython_spells(lines: list[str]) -> list[str]:
    """Return a cell's lines with `%sql` as `%%sql`, and the like; what comes before it may be blank lines and comments.

    `%python` becomes a blank line, so that the others keep their numbers.
    """
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if first is None:
        return lines
    found = _FIRST.fullmatch(lines[first].lstrip())
    if found is None:
        return lines
    name, rest = found.groups()
    if name == "python":
        return [*lines[:first], rest.lstrip() or "\n", *lines[first + 1 :]]
    # IPython takes a cell without a second line for a mistake.
    return [f"%%{name.replace('-', '_')}{rest}", *(lines[first + 1 :] or ["\n"])]
