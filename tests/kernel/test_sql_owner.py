"""`%sql` when another extension defines it, and its result in a variable."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from typing import Any

import pytest
from fake_server import FakeClient, FakeShell
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class

import jupyter_dbx
from jupyter_dbx.kernel.magics import sql as sql_magics
from jupyter_dbx.kernel.magics.sql_owner import RESTORE, SqlOwner, restore_sql

TAKEN = f"`%sql` now belongs to {__name__}. To run it on Spark again: {RESTORE}\n"


@magics_class
class OtherMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """An extension with a magic of the same name."""

    @line_cell_magic  # type: ignore[untyped-decorator]
    def sql(self, line: str, cell: str | None = None) -> str:
        return f"theirs: {line}|{cell}"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The values shown in the notebook."""
    found: list[Any] = []
    monkeypatch.setattr(sql_magics, "display", found.append)
    return found


@pytest.fixture
def shell(shown: list[Any]) -> Iterator[InteractiveShell]:
    """A shell with our magic."""
    shell = InteractiveShell()
    shell.kernel = FakeShell(FakeClient("http://fake/", "t")).kernel
    restore_sql(shell)
    SqlOwner(shell).install()
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def test_result_of_sql_can_be_assigned(shell: InteractiveShell, shown: list[Any]) -> None:
    assert shell.run_cell("df = %sql SELECT 1 AS a\nn = 1").success

    assert shell.user_ns["df"].statement == "SELECT 1 AS a"
    assert shell.user_ns["_sqldf"] is shell.user_ns["df"]
    assert shown == []


def test_result_of_sql_is_shown_unless_it_is_assigned(shell: InteractiveShell, shown: list[Any]) -> None:
    shell.run_cell("n = 1\n%sql SELECT 2")

    assert [df.statement for df in shown] == ["SELECT 2"]
    assert shell.user_ns["_"] == ""


def test_line_reports_who_has_taken_sql_and_how_to_get_it_back(
    shell: InteractiveShell, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("n = 1")
    assert capsys.readouterr().out == ""

    shell.user_ns["other"] = OtherMagics
    shell.run_cell("get_ipython().register_magics(other)")
    assert capsys.readouterr().out == TAKEN

    shell.run_cell("%sql SELECT 1\nn = 2")
    assert (shell.user_ns["n"], shown, capsys.readouterr().out) == (2, [], "")
    shell.run_cell("x = %sql SELECT 1")
    assert shell.user_ns["x"] == "theirs: SELECT 1|None"

    shell.run_cell(RESTORE)
    shell.run_cell("%sql SELECT 3\n")
    assert [df.statement for df in shown] == ["SELECT 3"]
    shell.run_cell("get_ipython().register_magics(other)")
    assert capsys.readouterr().out == TAKEN


def test_extension_needs_its_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    jupyter_dbx.load_ipython_extension(object())

    assert "select Spark (jupyter-dbx)" in capsys.readouterr().out
