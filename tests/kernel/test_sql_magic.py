"""`%sql`: one statement on the notebook's session."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import FakeClient, FakeShell
from IPython.core.error import UsageError

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
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
        ("", "SELECT 1\nFROM a;\n", "\nSELECT 1\nFROM a"),
        ("SELECT", "1", "SELECT\n1"),
    ],
)
def test_statement_runs_on_the_notebooks_session(
    client: FakeClient, shown: list[Any], line: str, cell: str | None, statement: str
) -> None:
    shell = FakeShell(client)

    SqlMagics(shell, Arguments()).sql(line, cell)

    assert client.order == ["bind"]
    assert shell.user_ns["_sqldf"].statement == statement
    assert shown == [shell.user_ns["_sqldf"]]


def test_statement_without_a_result_says_that_it_is_done(
    client: FakeClient, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    SqlMagics(FakeShell(client), Arguments()).sql("CREATE TABLE a AS SELECT 1")

    assert (shown, capsys.readouterr().out) == ([], "OK\n")


@pytest.mark.parametrize(("line", "cell"), [("", None), ("  ;", None), ("", "\n \n")])
def test_missing_statement_is_told(client: FakeClient, line: str, cell: str | None) -> None:
    with pytest.raises(UsageError, match="Write a statement after it"):
        SqlMagics(FakeShell(client), Arguments()).sql(line, cell)

    assert client.order == []


@pytest.mark.parametrize(
    ("cell", "args"),
    [
        ("SELECT :city", {"city": "Oslo"}),
        ("SELECT :n, :city", {"city": "Oslo", "n": 3}),
        ("SELECT ':city', `:n` -- :city", None),
        ("SELECT a::int, :missing", None),
        ("SELECT value:n.city, l[1:n], :session", None),
    ],
)
def test_parameters_are_bound_to_widgets_and_variables(
    client: FakeClient, shown: list[Any], cell: str, args: dict[str, Any] | None
) -> None:
    shell, arguments = FakeShell(client), Arguments({"city": "Oslo"})
    shell.user_ns |= {"n": 3, "city": "Rome", "session": shell.kernel}

    SqlMagics(shell, arguments).sql("", cell)

    assert shell.user_ns["_sqldf"].args == args


def test_widgets_values_are_inserted_as_text_where_it_is_asked_for(client: FakeClient, shown: list[Any]) -> None:
    shell = FakeShell(client)

    SqlMagics(shell, Arguments({"t": "a.b", "who": "it's"})).sql(
        "SELECT * FROM ${t} WHERE who = getArgument('who') AND x = ${spark.x}"
    )

    assert shell.user_ns["_sqldf"].statement == "SELECT * FROM a.b WHERE who = 'it\\'s' AND x = ${spark.x}"


def test_widgets_are_made_and_removed_in_sql(client: FakeClient, capsys: pytest.CaptureFixture[str]) -> None:
    shell, arguments = FakeShell(client), Arguments()
    magics = SqlMagics(shell, arguments)

    magics.sql("", "CREATE WIDGET TEXT `my city` DEFAULT 'Os\\'lo';")
    magics.sql('CREATE WIDGET DROPDOWN n DEFAULT "n" CHOICES SELECT n')

    assert arguments.values == {"my city": "Os'lo", "n": "n"}
    assert [w.choices for w in arguments.widgets] == [(), ("SELECT", "n")]

    magics.sql("REMOVE WIDGET n")

    assert list(arguments.values) == ["my city"]


def test_missing_widget_is_told_unless_spark_knows_the_name(client: FakeClient, shown: list[Any]) -> None:
    shell = FakeShell(client)
    magics = SqlMagics(shell, Arguments())

    magics.sql("SELECT '${name}'")
    assert shell.user_ns["_sqldf"].statement == "SELECT '${name}'"
    with pytest.raises(WidgetError, match="No widget is called 'who'"):
        magics.sql("SELECT ${who} AS x")
