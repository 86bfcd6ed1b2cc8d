"""`%run`: another notebook's cells in this one's scope."""

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
from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.magics.run import RunMagics
from jupyter_dbx.kernel.source import NoSuchNotebook

HEAD = "# Databricks notebook source\n"
CUT = "\n# COMMAND ----------\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell in a folder of its own, with the magic and with widgets."""
    monkeypatch.chdir(tmp_path)
    shell, arguments = InteractiveShell(), Arguments()
    shell.register_magics(RunMagics(shell, arguments, Folders(tmp_path / "data", tmp_path)))
    shell.push({"widgets": Widgets(arguments), "NotebookExited": NotebookExited})
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def write(path: str, *cells: str) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(HEAD + CUT.join(cells))


def test_scope_is_shared_both_ways(shell: InteractiveShell) -> None:
    write("setup.py", "y = x + 1", "def twice(n): return 2 * n")
    shell.user_ns["x"] = 1

    shell.run_line_magic("run", "./setup")

    assert shell.user_ns["y"] == 2
    assert shell.user_ns["twice"](4) == 8


def test_paths_begin_at_the_notebook_that_says_them(shell: InteractiveShell) -> None:
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
def test_arguments_are_its_widgets_values(shell: InteractiveShell, line: str, value: str) -> None:
    write("a.py", "widgets.text('day', 'none'); day = widgets.get('day')")
    shell.user_ns["when"] = "tomorrow"

    shell.run_line_magic("run", f"./a {line}")

    assert shell.user_ns["day"] == value


def test_error_is_the_cells_own_and_told_once(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    write("bad.py", "x = 1", "1 / 0", "x = 2")

    result = shell.run_cell("%run ./bad")

    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert shell.user_ns["x"] == 1
    assert capsys.readouterr().out.count("division by zero") == 1


def test_exit_ends_that_notebook_only(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.py", "x = 1", "raise NotebookExited('early')", "x = 2")

    shell.run_line_magic("run", "./a")

    assert shell.user_ns["x"] == 1
    assert "Notebook exited: early" in capsys.readouterr().out


def test_notebook_that_runs_itself_is_told(shell: InteractiveShell) -> None:
    write("a.py", "%run ./a")

    with pytest.raises(NotebookError, match="runs itself"):
        shell.run_line_magic("run", "./a")


def test_script_runs_as_ipython_does(shell: InteractiveShell) -> None:
    Path("script.py").write_text("import sys\nwords = sys.argv[1:]\nname = __name__\n")

    shell.run_line_magic("run", "script.py a b")

    assert (shell.user_ns["words"], shell.user_ns["name"]) == (["a", "b"], "__main__")


@pytest.mark.parametrize(("line", "message"), [("", "Write which notebook"), ("./a day=1", "What does 'day=1' mean")])
def test_mistakes_are_told(shell: InteractiveShell, line: str, message: str) -> None:
    write("a.py", "")

    with pytest.raises(UsageError, match=message):
        shell.run_line_magic("run", line)
    with pytest.raises(NoSuchNotebook):
        shell.run_line_magic("run", "./nothing")
