"""Names of workspace folders in shell scripts, and in the arguments of programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ipykernel import zmqshell
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magics.script import ScriptMagics

from jupyter_dbx.kernel.workspace import programs
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.kernel.workspace.scripts import replace_folders

#: A folder whose name a shell would split and expand.
FOLDERS = {"/dbfs": "/my $data/dbfs", "/Volumes": "/v"}
UNQUOTED, DOUBLE = "'/my $data/dbfs'", r"/my \$data/dbfs"


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("ls /Volumes", "ls /v"),
        ("/Volumes/bin/run", "/v/bin/run"),
        ("cat /Volumes/a/b >/dbfs/x 2>/Volumes/e", f"cat /v/a/b >{UNQUOTED}/x 2>/v/e"),
        ("head '/dbfs/a b' \"/dbfs/$x\"", f"head '/my $data/dbfs/a b' \"{DOUBLE}/$x\""),
        ("tar --file=/Volumes/a X=/Volumes/b", "tar --file=/v/a X=/v/b"),
        ("export PATH=$PATH:/Volumes/bin:/Volumes/b", "export PATH=$PATH:/v/bin:/v/b"),
        ("cat {/Volumes/a,/Volumes/b}; curl -d @/Volumes/c", "cat {/v/a,/v/b}; curl -d @/v/c"),
        ("(ls /Volumes)|wc&&ls /Volumes", "(ls /v)|wc&&ls /v"),
        ('n="$(cat "/Volumes/a" | wc)"; m=$(ls $(echo /Volumes))', 'n="$(cat "/v/a" | wc)"; m=$(ls $(echo /v))'),
        ("n=`ls /Volumes`", "n=`ls /v`"),
        ("cat <<EOF > /Volumes/a\n/Volumes/b\nEOF\nls /Volumes", "cat <<EOF > /v/a\n/Volumes/b\nEOF\nls /v"),
        ("cat <<-'EOF'\n\t/Volumes\n\tEOF\nls /Volumes", "cat <<-'EOF'\n\t/Volumes\n\tEOF\nls /v"),
        ("cat <<< /Volumes/a\nls /Volumes", "cat <<< /v/a\nls /v"),
        ("ls /Volumes # not '/Volumes\nls /Volumes", "ls /v # not '/Volumes\nls /v"),
        (r"ls \'/Volumes /Volumes", r"ls \'/Volumes /v"),
        ("ls '/Volumes", "ls '/v"),
    ],
)
def test_path_in_a_script_is_replaced(script: str, made: str) -> None:
    assert replace_folders(script, FOLDERS) == made


@pytest.mark.parametrize(
    "script",
    [
        "ls ${ROOT}/dbfs $ROOT/dbfs \"$ROOT\"/dbfs $(pwd)/dbfs '/tmp'/dbfs",
        "ls ${ROOT:-/dbfs} ${A:-${B:-/dbfs}}/dbfs",
        "ls /tmp/dbfs ./dbfs ~/dbfs /dbfs2 /dbfs-old /dbfs.bak a/dbfs -I/dbfs",
        "sed 's#/dbfs#/x#' f; echo 'see /dbfs'; echo \"see /dbfs\"",
        """echo '{"path": "/dbfs/a"}'; python -c 'open("/dbfs/a")'""",
        "python <<EOF\nopen('/dbfs/a')\nEOF",
        "scp host:/dbfs/a .; databricks fs ls dbfs:/Volumes/a; ls s3://dbfs/a",
        "# /dbfs",
        "",
    ],
)
def test_other_text_of_a_script_stays_as_it_is(script: str) -> None:
    assert replace_folders(script, FOLDERS) == script


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    """A workspace whose folders programs can use during a test."""
    for name in ("my data/Volumes", "my data/dbfs/tmp", "root"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "my data/dbfs/tmp/x").write_text("found")
    plain = subprocess.Popen.__init__, os.system, zmqshell.system, ScriptMagics.shebang
    folders = Folders(tmp_path / "my data", tmp_path / "root")
    programs.install(folders)
    yield folders
    subprocess.Popen.__init__, os.system, zmqshell.system, ScriptMagics.shebang = plain  # type: ignore[method-assign]


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    "args",
    [
        ["cat", "/dbfs/tmp/x"],
        ("cat", Path("/dbfs/tmp/x")),
        ["bash", "-c", "cat /dbfs/tmp/x"],
        [sys.executable, "-c", "import sys; print(open(sys.argv[1][4:]).read(), end='')", "--a=/dbfs/tmp/x"],
    ],
)
def test_program_finds_a_file_in_its_arguments(args: list[str]) -> None:
    assert subprocess.run(args, capture_output=True, check=True).stdout == b"found"


@pytest.mark.usefixtures("folders")
def test_shell_commands_of_python_agree() -> None:
    command = "test -f /dbfs/tmp/x && cat /dbfs/tmp/x"

    assert subprocess.run(command, shell=True, capture_output=True, check=True).stdout == b"found"
    with os.popen(command) as output:
        assert output.read() == "found"
    assert os.system(f"{command} > /dev/null") == 0
    assert zmqshell.system(f"{command} > /dev/null") == 0
    assert subprocess.check_output(["pwd"], cwd="/dbfs/tmp", text=True).endswith("/my data/dbfs/tmp\n")


@pytest.mark.usefixtures("folders")
def test_cell_of_a_shell_is_translated_and_that_of_another_program_is_not() -> None:
    shell = InteractiveShell()

    shell.run_cell_magic("bash", "--out by_bash", "cat /dbfs/tmp/x")
    shell.run_cell_magic("script", "--out by_sh sh -e", "cat /dbfs/tmp/x")
    shell.run_cell_magic("script", "--out by_cat cat", "cat /dbfs/tmp/x")

    found = [shell.user_ns[name].strip() for name in ("by_bash", "by_sh", "by_cat")]
    assert found == ["found", "found", "cat /dbfs/tmp/x"]
