"""`%sql`: statements on the notebook's session."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fake_server import FakeClient, FakeShell, FakeSpark
from IPython.core.error import UsageError
from pyspark.errors import AnalysisException

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.magics import sql as sql_magics
from jupyter_dbx.kernel.magics.sql import ParameterError, SqlMagics


@pytest.fixture
def client() -> FakeClient:
    """A server without clusters."""
    return FakeClient("http://fake/", "t")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The values shown in the notebook."""
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


def test_statement_without_a_result_prints_ok(
    client: FakeClient, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    SqlMagics(FakeShell(client), Arguments()).sql("CREATE TABLE a AS SELECT 1")

    assert (shown, capsys.readouterr().out) == ([], "OK\n")


@pytest.mark.parametrize(("line", "cell"), [("", None), ("  ;", None), ("", "\n \n")])
def test_missing_statement_is_a_usage_error(client: FakeClient, line: str, cell: str | None) -> None:
    with pytest.raises(UsageError, match="Add a statement"):
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


class Unbound(AnalysisException):
    """Spark's error for a parameter without a value; the text of the true one comes from the driver."""

    def __init__(self, name: str) -> None:
        super().__init__(message="no value")
        self._name = name

    def getCondition(self) -> str:
        return "UNBOUND_SQL_PARAMETER"

    def getMessageParameters(self) -> dict[str, str]:
        return {"name": self._name}


class Color(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (np.int64(4), 4),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array(7), 7),
        (np.datetime64("2024-01-02T03:04:05"), datetime.datetime(2024, 1, 2, 3, 4, 5)),
        (np.datetime64("NaT"), None),
        (np.timedelta64(3, "s"), datetime.timedelta(seconds=3)),
        (pd.Timestamp("2024-01-02 03:04"), datetime.datetime(2024, 1, 2, 3, 4)),
        (pd.Timedelta(seconds=3), datetime.timedelta(seconds=3)),
        (pd.NaT, None),
        (pd.NA, None),
        (Color.RED, "red"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("/a/b"), "/a/b"),
        (2**70, decimal.Decimal(2**70)),
        (decimal.Decimal("1.50"), decimal.Decimal("1.50")),
        (datetime.time(1, 2), datetime.time(1, 2)),
        (None, None),
    ],
)
def test_value_of_a_library_is_bound_as_the_python_value(
    client: FakeClient, shown: list[Any], value: Any, bound: Any
) -> None:
    shell = FakeShell(client)
    shell.user_ns["x"] = value

    SqlMagics(shell, Arguments()).sql("SELECT :x")

    assert (shell.user_ns["_sqldf"].args, type(shell.user_ns["_sqldf"].args["x"])) == ({"x": bound}, type(bound))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (pd.DataFrame({"a": [1]}), r"pandas\S*\.DataFrame"),
        (object(), "object"),
        (3j, "complex"),
        (len, r"\S*builtin\S*"),
    ],
)
def test_error_for_a_value_that_cannot_be_bound_has_its_type(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch, value: Any, kind: str
) -> None:
    def refuse(self: FakeSpark, statement: str, args: dict[str, Any] | None = None) -> None:
        raise Unbound("x")

    monkeypatch.setattr(FakeSpark, "sql", refuse)
    shell = FakeShell(client)
    shell.user_ns["x"] = value

    with pytest.raises(ParameterError, match=rf"`:x` cannot be a {kind}, only a number, "):
        SqlMagics(shell, Arguments()).sql("SELECT :x")
    del shell.user_ns["x"]
    with pytest.raises(AnalysisException):
        SqlMagics(shell, Arguments()).sql("SELECT :x")


def test_widget_values_are_substituted_in_the_text(client: FakeClient, shown: list[Any]) -> None:
    shell = FakeShell(client)

    SqlMagics(shell, Arguments({"t": "a.b", "who": "it's"})).sql(
        "SELECT * FROM ${t} WHERE who = getArgument('who') AND x = ${spark.x}"
    )

    assert shell.user_ns["_sqldf"].statement == "SELECT * FROM a.b WHERE who = 'it\\'s' AND x = ${spark.x}"


def test_sql_creates_and_removes_widgets(client: FakeClient, capsys: pytest.CaptureFixture[str]) -> None:
    shell, arguments = FakeShell(client), Arguments()
    magics = SqlMagics(shell, arguments)

    magics.sql("", "CREATE WIDGET TEXT `my city` DEFAULT 'Os\\'lo';")
    magics.sql('CREATE WIDGET DROPDOWN n DEFAULT "n" CHOICES SELECT n')

    assert arguments.values == {"my city": "Os'lo", "n": "n"}
    assert [w.choices for w in arguments.widgets] == [(), ("SELECT", "n")]

    magics.sql("REMOVE WIDGET n")

    assert list(arguments.values) == ["my city"]


def test_missing_widget_is_an_error_unless_spark_has_the_name(client: FakeClient, shown: list[Any]) -> None:
    shell = FakeShell(client)
    magics = SqlMagics(shell, Arguments())

    magics.sql("SELECT '${name}'")
    assert shell.user_ns["_sqldf"].statement == "SELECT '${name}'"
    with pytest.raises(WidgetError, match="no widget named 'who'"):
        magics.sql("SELECT ${who} AS x")
