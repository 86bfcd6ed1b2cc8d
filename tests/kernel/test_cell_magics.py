"""`%sh`, `%fs`, `%md`, `%skip`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.error import UsageError

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.magics import cells
from jupyter_dbx.kernel.magics.cells import CellMagics, ShellFailed
from jupyter_dbx.kernel.workspace.folders import Folders


class Files(Utility):
    """The part of `dbutils.fs` that the magic uses."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def ls(self, dir: str) -> list[str]:
        """List."""
        self.calls.append(("ls", dir))
        return [dir]

    def rm(self, dir: str, recurse: bool = False) -> bool:
        """Remove."""
        self.calls.append(("rm", dir, recurse))
        return True

    def head(self, file: str, maxBytes: int = 10) -> str:
        """Show."""
        return f"{file} {maxBytes}"


class Shell:
    """The part of IPython's shell that the magics use."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The values shown in the notebook."""
    found: list[Any] = []
    for name in ("display", "ipython_display"):
        monkeypatch.setattr(cells, name, found.append)
    return found


@pytest.fixture
def magics(files: Files, tmp_path: Path, shown: list[Any]) -> CellMagics:
    magics = CellMagics(None, SimpleNamespace(fs=files), Folders(tmp_path, tmp_path))  # type: ignore[arg-type]
    magics.shell = Shell()
    return magics


def test_script_streams_and_leaves_its_exit_code(magics: CellMagics, capsys: pytest.CaptureFixture[str]) -> None:
    magics.sh("", "echo out; echo err >&2; false; echo on; exit 3")

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("out\nerr\non\n", "exit code 3\n")
    assert magics.shell.user_ns["_exit_code"] == 3


def test_script_with_e_fails_the_cell_on_an_error(magics: CellMagics, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ShellFailed, match="code 1"):
        magics.sh("-e", "echo before\nfalse\necho after")

    assert capsys.readouterr().out == "before\n"


def test_output_that_is_not_utf8_is_shown(magics: CellMagics, capsys: pytest.CaptureFixture[str]) -> None:
    magics.sh("printf 'a\\xffb\\xc3\\xa9'")

    assert capsys.readouterr().out == "a�bé"


def test_script_can_use_workspace_folders(magics: CellMagics, tmp_path: Path) -> None:
    magics.sh("", "mkdir -p /Volumes/a && echo x > /Volumes/a/b")

    assert (tmp_path / "Volumes" / "a" / "b").read_text() == "x\n"


def test_interrupt_ends_all_processes_of_a_script(tmp_path: Path) -> None:
    program = (
        "from jupyter_dbx.kernel.languages.shell import run_program; "
        "run_program(['bash', '-c', 'sleep 321 & echo $!; wait'])"
    )
    process = subprocess.Popen([sys.executable, "-uc", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    child = int(process.stdout.readline())

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "State:\tZ" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < deadline
        os.sched_yield()
    assert process.returncode != 0


def test_each_line_is_a_command(magics: CellMagics, files: Files, shown: list[Any]) -> None:
    magics.fs("ls '/a b'", "rm -r dbfs:/c\n\nrm dbfs:/d true\n")

    assert files.calls == [("ls", "/a b"), ("rm", "dbfs:/c", True), ("rm", "dbfs:/d", True)]
    assert shown == [["/a b"]]


def test_result_of_a_command_is_printed(magics: CellMagics, capsys: pytest.CaptureFixture[str]) -> None:
    magics.fs("head /a 3")

    assert capsys.readouterr().out == "/a 3\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "Add a command"),
        ("lss /", "There is no command 'lss'. %fs help lists"),
        ("__init__ /", "There is no command '__init__'"),
        ("ls", "missing 1 required positional argument: 'dir'. %fs help ls"),
        ("ls /a /b", "%fs help ls"),
    ],
)
def test_wrong_command_is_a_usage_error(magics: CellMagics, command: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        magics.fs(command)


def test_empty_script_is_a_usage_error(magics: CellMagics) -> None:
    with pytest.raises(UsageError, match="Add a script"):
        magics.sh("", "\n")


def test_markdown_is_shown_and_skipped_cells_are_not(magics: CellMagics, shown: list[Any]) -> None:
    magics.md("", "# A title\n")
    magics.skip("", "raise")

    assert [markdown.data for markdown in shown] == ["# A title\n"]
