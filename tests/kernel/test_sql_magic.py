"""`%sql`: one statement on the notebook's session."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import FakeClient, FakeShell
from IPython.core.error import UsageError

from jupyter_dbx.kernel.magics import sql as sql_magics
from jupyter_dbx.kernel.magics.sql import SqlMagics


@pytest.fixture
def client() -> FakeClient:
    """A server without clusters."""
    return FakeClient("http://fake/", "t")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is shown in the notebook."""
    found: list[Any] = []
    monkeypatch.setattr(sql_magics, "display", found.append)
    return found


@pytest.mark.parametrize(
    ("line", "cell", "statement"),
    [
        ("SELECT 1", None, "SELECT 1"),
        ("SELECT 1;", None, "SELECT 1"),
        ("", "SELECT 1\nFROM a;\n", "SELECT 1\nFROM a"),
        ("SELECT", "1", "SELECT\n1"),
    ],
)
def test_statement_runs_on_the_notebooks_session(
    client: FakeClient, shown: list[Any], line: str, cell: str | None, statement: str
) -> None:
    shell = FakeShell(client)

    SqlMagics(shell).sql(line, cell)

    assert client.order == ["bind"]
    assert shell.user_ns["_sqldf"].statement == statement
    assert shown == [shell.user_ns["_sqldf"]]


def test_statement_without_a_result_says_that_it_is_done(
    client: FakeClient, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    SqlMagics(FakeShell(client)).sql("CREATE TABLE a AS SELECT 1")

    assert (shown, capsys.readouterr().out) == ([], "OK\n")


@pytest.mark.parametrize(("line", "cell"), [("", None), ("  ;", None), ("", "\n \n")])
def test_missing_statement_is_told(client: FakeClient, line: str, cell: str | None) -> None:
    with pytest.raises(UsageError, match="Write a statement after it"):
        SqlMagics(FakeShell(client)).sql(line, cell)

    assert client.order == []
