"""`%pip` reads its line as a shell does."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from jupyter_dbx.kernel.magics.pip import PipInShell, PipMagics, read_line
from jupyter_dbx.kernel.workspace.folders import Folders


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """The workspace of a notebook whose folder has some wheels."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("INDEX", "https://index")
    (tmp_path / "dist").mkdir()
    for name in ("b.whl", "a.whl"):
        (tmp_path / "dist" / name).touch()
    return Folders(Path("/data"), Path("/root"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("install -r ~/requirements.txt", ["install", "-r", "{home}/requirements.txt"]),
        ("install dist/*.whl", ["install", "dist/a.whl", "dist/b.whl"]),
        ("install nothing/*.whl", ["install", "nothing/*.whl"]),
        ("install a==1.*", ["install", "a==1.*"]),
        ('install "pandas<2.3" a>=1 b>2', ["install", "pandas<2.3", "a>=1", "b>2"]),
        ("install 'a; python_version > \"3\"'", ["install", 'a; python_version > "3"']),
        ("install 'a[x,y]' b[z]", ["install", "a[x,y]", "b[z]"]),
        ("install a # don't ask", ["install", "a"]),
        ("install git+https://x/y#subdirectory=z", ["install", "git+https://x/y#subdirectory=z"]),
        ("install --index-url $INDEX/simple a", ["install", "--index-url", "https://index/simple", "a"]),
        ("install -e .", ["install", "-e", "."]),
        ("install /Volumes/a/b/c/x.whl", ["install", "/data/Volumes/a/b/c/x.whl"]),
        ("install dbfs:/Volumes/a/b/c/x.whl", ["install", "/data/Volumes/a/b/c/x.whl"]),
        ("install dbfs:/FileStore/x.whl /dbfs/y.whl", ["install", "/data/dbfs/FileStore/x.whl", "/data/dbfs/y.whl"]),
        ("install --find-links=/Workspace/w a", ["install", "--find-links=/root/w", "a"]),
        ("# nothing", []),
        ("", []),
    ],
)
def test_words_are_those_that_a_shell_passes(folders: Folders, line: str, words: list[str]) -> None:
    assert read_line(line, folders) == ([word.replace("{home}", os.environ["HOME"]) for word in words], "")


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ("freeze > req.txt", "> req.txt"),
        ("freeze >>/dbfs/req.txt", ">>/data/dbfs/req.txt"),
        ("freeze | grep 'a b' | head", "| grep 'a b' | head"),
        ("freeze 2> /dev/null", "2> /dev/null"),
        ("freeze && echo done", "&& echo done"),
        ("freeze > req.txt # why", "> req.txt # why"),
    ],
)
def test_operator_of_the_shell_ends_the_words(folders: Folders, line: str, then: str) -> None:
    assert read_line(line, folders) == (["freeze"], then)


@pytest.mark.parametrize("line", ["install 'a", 'install "a', "install a\\"])
def test_line_that_a_shell_cannot_read_is_a_usage_error(folders: Folders, line: str) -> None:
    with pytest.raises(UsageError, match="%pip cannot read the line: No "):
        read_line(line, folders)


class RecordingEnvironment:
    """Records what pip would run."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], str]] = []

    def pip(self, words: list[str], then: str) -> None:
        self.calls.append((words, then))


@pytest.fixture
def environment() -> RecordingEnvironment:
    return RecordingEnvironment()


@pytest.fixture
def shell(environment: RecordingEnvironment, folders: Folders) -> Iterator[InteractiveShell]:
    """A shell with the magic."""
    shell = InteractiveShell()
    shell.kernel = SimpleNamespace(spark_session=SimpleNamespace(refresh_module_path=lambda: None))
    shell.register_magics(PipMagics(shell, environment, folders))  # type: ignore[arg-type]  # it has the method that is used
    shell.ast_transformers.append(PipInShell())
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def test_python_variables_are_inserted(shell: InteractiveShell, environment: RecordingEnvironment) -> None:
    cell = "p, v = 'cowsay==6.1', 2\n%pip install {p} 'b[c]'\n%pip install $p d=={v + 1}\nn = len(p)"

    assert shell.run_cell(cell).success

    assert environment.calls == [(["install", "cowsay==6.1", "b[c]"], ""), (["install", "cowsay==6.1", "d==3"], "")]
    assert shell.user_ns["n"] == 11


def test_uninstallation_needs_no_answer(shell: InteractiveShell, environment: RecordingEnvironment) -> None:
    shell.run_cell("%pip -q uninstall a")

    assert environment.calls == [(["-q", "uninstall", "--yes", "a"], "")]


@pytest.mark.parametrize(
    "line", ["!pip install a", "!pip3 install a", "! python -m pip install a", "!{sys.executable} -m pip install a"]
)
def test_pip_in_the_shell_installs_for_the_notebook(
    shell: InteractiveShell, environment: RecordingEnvironment, line: str
) -> None:
    shell.run_cell(f"import sys\nif True:\n    {line}")

    assert environment.calls == [(["install", "a"], "")]


@pytest.mark.parametrize("line", ["!echo pip install a", "!pip install --help && true", "text = '!pip install a'"])
def test_other_lines_are_unchanged(shell: InteractiveShell, environment: RecordingEnvironment, line: str) -> None:
    assert shell.run_cell(line).success

    assert environment.calls == []
