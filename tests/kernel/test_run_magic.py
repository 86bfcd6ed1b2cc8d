"""`%run`: runs another notebook's cells in this notebook's scope."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.dbutils.widgets import Widgets
from jupyter_dbx.kernel.errors import NotebookError, NotebookExited
from jupyter_dbx.kernel.magics.run import RunMagics
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.runner.source import NoSuchNotebook

HEADER = "# Databricks notebook source\n"
SEPARATOR = "\n# COMMAND ----------\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell in a temporary folder, with the magic and with widgets."""
    monkeypatch.chdir(tmp_path)
    shell, arguments = InteractiveShell(), Arguments()
    shell.register_magics(RunMagics(shell, arguments, Folders(tmp_path / "data", tmp_path)))
    shell.push({"widgets": Widgets(arguments), "NotebookExited": NotebookExited})
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def write(path: str, *cells: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(HEADER + SEPARATOR.join(cells))


def test_both_notebooks_share_a_scope(shell: InteractiveShell) -> None:
    write("setup.py", "y = x + 1", "def twice(n): return 2 * n")
    shell.user_ns["x"] = 1

    shell.run_line_magic("run", "./setup")

    assert shell.user_ns["y"] == 2
    assert shell.user_ns["twice"](4) == 8


def test_path_is_relative_to_the_calling_notebook(shell: InteractiveShell) -> None:
    write("sub/a.py", "%run ./b")
    write("sub/b.py", "%run ../c")
    write("c.py", "found = 'c'")

    shell.run_line_magic("run", '"./sub/a"')

    assert shell.user_ns["found"] == "c"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('$day="a b"', "a b"),
        ("$day='it'", "it"),
        ("$day=7", "7"),
        ("$day=$when", "tomorrow"),
        ('$other = "1" $day = "2"', "2"),
        ('$day="1" # why', "1"),
        ("", "none"),
    ],
)
def test_arguments_are_the_values_of_its_widgets(shell: InteractiveShell, line: str, value: str) -> None:
    write("a.py", "widgets.text('day', 'none'); day = widgets.get('day')")
    shell.user_ns["when"] = "tomorrow"

    shell.run_line_magic("run", f"./a {line}")

    assert shell.user_ns["day"] == value


def test_error_fails_the_calling_cell_and_is_shown_once(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    write("bad.py", "x = 1", "1 / 0", "x = 2")

    result = shell.run_cell("%run ./bad")

    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert shell.user_ns["x"] == 1
    assert capsys.readouterr().out.count("division by zero") == 1


def test_exit_ends_only_the_called_notebook(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "x = 1", "raise NotebookExited('early')", "x = 2")

    shell.run_line_magic("run", "./a")

    assert shell.user_ns["x"] == 1
    assert "Notebook exited: early" in capsys.readouterr().out


def test_notebook_that_runs_itself_is_an_error(shell: InteractiveShell) -> None:
    write("a.py", "%run ./a")

    with pytest.raises(NotebookError, match="runs itself"):
        shell.run_line_magic("run", "./a")


def test_script_runs_as_in_ipython(shell: InteractiveShell) -> None:
    Path("script.py").write_text("import sys\nwords = sys.argv[1:]\nname = __name__\n")

    shell.run_line_magic("run", "script.py a b")

    assert (shell.user_ns["words"], shell.user_ns["name"]) == (["a", "b"], "__main__")


@pytest.mark.parametrize(("line", "message"), [("", "Add a notebook"), ("./a day=1", "'day=1'")])
def test_wrong_line_is_a_usage_error(shell: InteractiveShell, line: str, message: str) -> None:
    write("a.py", "")

    with pytest.raises(UsageError, match=message):
        shell.run_line_magic("run", line)
    with pytest.raises(NoSuchNotebook):
        shell.run_line_magic("run", "./nothing")
