"""What a cell is called."""

from __future__ import annotations

import pytest

from jupyter_dbx.kernel.session.cells import MAX_TITLE_LENGTH, title_of


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("df.count()", "df.count()"),
        ("# Load\n\nimport time\nfrom x import y\n  df = spark.range(3)\ndf.count()", "df = spark.range(3)"),
        ("import time", "import time"),
        ("# only words", "# only words"),
        ("%%sql\nSELECT 1", "%%sql SELECT 1"),
        ("%%sql\n-- all of them\nSELECT 1", "%%sql SELECT 1"),
        ("%sql SELECT 1\nFROM t", "%sql SELECT 1"),
        ("%%sql", "%%sql"),
        ("", ""),
        (" \n\t", ""),
        ("x" * MAX_TITLE_LENGTH, "x" * MAX_TITLE_LENGTH),
        ("x" * (MAX_TITLE_LENGTH + 1), "x" * (MAX_TITLE_LENGTH - 1) + "…"),
    ],
)
def test_title_is_the_line_that_tells_most(code: str, title: str) -> None:
    assert title_of(code) == title
