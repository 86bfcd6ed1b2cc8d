"""`%scala` and `%r` before there is a driver."""

from __future__ import annotations

import pytest
from fake_server import FakeClient, FakeShell
from IPython.core.error import UsageError

from jupyter_dbx.kernel.errors import LanguageMissing
from jupyter_dbx.kernel.magics.scala import ScalaMagics


@pytest.mark.parametrize(("line", "cell"), [("", None), ("", "\n \n")])
def test_missing_code_is_told_and_binds_nothing(line: str, cell: str | None) -> None:
    client = FakeClient("http://fake/", "t")

    with pytest.raises(UsageError, match="Write Scala after it"):
        ScalaMagics(FakeShell(client)).scala(line, cell)

    assert client.order == []


def test_r_says_that_it_is_not_there_and_what_to_use_instead() -> None:
    with pytest.raises(LanguageMissing, match=r"carries no SparkR.*Use Python, `%sql` or `%scala`"):
        ScalaMagics(FakeShell(FakeClient("http://fake/", "t"))).r("", "library(SparkR)")
