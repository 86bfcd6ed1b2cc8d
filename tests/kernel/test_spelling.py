"""Cells in Databricks' spelling."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_dbx.kernel.magics.spelling import as_ipython_spells


@pytest.mark.parametrize(
    ("cell", "spelled"),
    [
        ("%sql\nSELECT 1\n", "%%sql\nSELECT 1\n"),
        ("%sql SELECT 1\n", "%%sql SELECT 1\n\n"),
        ("\n\n%sql\nSELECT 1\n", "\n\n%%sql\nSELECT 1\n"),
        ("# About it\n%sql\nSELECT 1\n", "# About it\n%%sql\nSELECT 1\n"),
        ("%md-sandbox\n# a\n", "%%md_sandbox\n# a\n"),
        ("%md # a\n", "%%md # a\n\n"),
        ("%sh -e\nls\n", "%%sh -e\nls\n"),
        ("%python\nx = 1\n", "\nx = 1\n"),
        ("%python x = 1\n", "x = 1\n"),
        ("%scala\nval x = 1\n", "%%scala\nval x = 1\n"),
        ("%skip\n%sql\n", "%%skip\n%sql\n"),
        # Python may follow these, and other cells are none of ours.
        ("%pip install a\nimport a\n", None),
        ("%run ./a\n", None),
        ("%sqlfluff\n", None),
        ("%run-sql\n", None),
        ("%%sql\nSELECT 1\n", None),
        ("x = 1\n%sql SELECT 1\n", None),
        ("x = 7\n%r\n", None),
        ("", None),
        ("# only words\n", None),
    ],
)
def test_first_line_tells_what_the_whole_cell_is(cell: str, spelled: str | None) -> None:
    lines = cell.splitlines(keepends=True)

    made = "".join(as_ipython_spells(lines))

    # IPython takes a cell magic on the first line only; comments before it need not survive.
    assert made.lstrip("\n").replace("# About it\n", "") == (cell if spelled is None else spelled).lstrip("\n").replace(
        "# About it\n", ""
    )


def test_python_cell_keeps_its_line_numbers() -> None:
    assert as_ipython_spells(["# a\n", "%python\n", "x = 1\n"]) == ["# a\n", "\n", "x = 1\n"]


def test_ipython_then_runs_the_magic_of_the_cell() -> None:
    shell = InteractiveShell()
    shell.input_transformer_manager.cleanup_transforms.insert(0, as_ipython_spells)

    assert shell.transform_cell("%sql\nSELECT '?'\n  FROM a?\n").startswith("get_ipython().run_cell_magic('sql', ''")
