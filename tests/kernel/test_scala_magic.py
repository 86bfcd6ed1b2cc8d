"""`%scala` and `%r` without a driver."""

from __future__ import annotations

import pytest
from fake_server import FakeClient, FakeShell
from IPython.core.error import UsageError

from jupyter_dbx.kernel.errors import LanguageMissing
from jupyter_dbx.kernel.magics.scala import ScalaMagics


@pytest.mark.parametrize(("line", "cell"), [("", None), ("", "\n \n")])
def test_missing_code_is_a_usage_error_and_does_not_bind(line: str, cell: str | None) -> None:
    client = FakeClient("http://fake/", "t")

    with pytest.raises(UsageError, match="Add Scala code"):
        ScalaMagics(FakeShell(client)).scala(line, cell)

    assert client.order == []


def test_r_cell_raises_an_error_with_alternatives() -> None:
    with pytest.raises(LanguageMissing, match=r"SparkR.*Use Python, `%sql` or `%scala`"):
        ScalaMagics(FakeShell(FakeClient("http://fake/", "t"))).r("", "library(SparkR)")
