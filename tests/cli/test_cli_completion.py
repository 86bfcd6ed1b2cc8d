"""Completion, as a shell asks for it; and the scripts, read by the shells that are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from argcomplete.shell_integration import shellcode
from asking import create, wait_for
from commanding import PROGRAM, Shell
from live import Server

from jupyter_dbx.cli.completion import COMMANDS

#: Lets bash complete a line, and prints the words that it offers.
ASK_BASH = """
{script}
COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
read -ra COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_python_argcomplete "${{COMP_WORDS[0]}}" "${{COMP_WORDS[COMP_CWORD]}}" ''
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(shell: Shell, line: str) -> list[str]:
    """Return what bash offers after a line."""
    place = str(Path(PROGRAM).parent)
    asked = ASK_BASH.format(script=shellcode(COMMANDS, shell="bash"), line=line)
    found = shell.having(PATH=f"{place}:{shell.environ['PATH']}").sh(asked)
    assert (found.code, found.stderr) == (0, "")
    return [word.strip() for word in found.stdout.splitlines() if word.strip()]


@pytest.mark.parametrize("command", ["jupyter-dbx", "jupyter dbx"])
def test_verbs_and_choices_are_completed_without_a_server(empty_shell: Shell, command: str) -> None:
    assert complete(empty_shell, f"{command} cl") == ["clusters"]
    assert complete(empty_shell, f"{command} clusters list --state T") == ["TERMINATING", "TERMINATED"]
    assert complete(empty_shell, f"{command} completion ") == ["bash", "zsh", "fish"]
    assert complete(empty_shell, f"{command} clusters create x --no") == ["--node-type", "--no-wait"]


def test_what_the_server_knows_is_completed(server: Server, shell: Shell) -> None:
    cluster_id = create(server, cluster_name="etl-one")
    twins = {create(server, cluster_name="twin") for _ in range(2)}
    wait_for(server, cluster_id, "RUNNING")

    assert complete(shell, "jupyter-dbx clusters get et") == ["etl-one"]
    assert set(complete(shell, "jupyter-dbx clusters terminate ")) == {"etl-one", *twins}
    assert "memory-2c" in complete(shell, "jupyter-dbx clusters create x --node-type ")
    paths = complete(shell, "jupyter-dbx clusters logs etl-one --path ")
    assert len(paths) == 2 and all(path.endswith("/stderr") for path in paths)
    nodes = complete(shell, "jupyter-dbx clusters logs etl-one --node ")
    assert sorted(nodes) == sorted(path.partition("/")[0] for path in paths)
    assert complete(shell, "jupyter-dbx clusters logs nobody --path ") == []


def test_profiles_are_completed(empty_shell: Shell) -> None:
    file = Path(empty_shell.environ["HOME"]) / ".databrickscfg"
    file.write_text("[DEFAULT]\nhost = a\n[__settings__]\ndefault_profile = mine\n[mine]\nhost = b\n")

    assert complete(empty_shell, "jupyter-dbx clusters list --profile ") == ["DEFAULT", "mine"]


@pytest.mark.parametrize("line", ["clusters get ", "clusters logs x --path ", "clusters create x --node-type "])
def test_nothing_is_offered_and_nothing_said_without_a_server(empty_shell: Shell, line: str) -> None:
    assert complete(empty_shell, f"jupyter-dbx {line}") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_script_is_for_both_spellings_and_is_read_by_its_shell(empty_shell: Shell, tmp_path: Path, name: str) -> None:
    script = empty_shell.run("completion", name).ok()

    assert "jupyter-dbx" in script and "jupyter" in script.replace("jupyter-dbx", "")
    if shutil.which(name):
        (tmp_path / "script").write_text(script)
        assert empty_shell.sh(f"{name} -n '{tmp_path / 'script'}'").code == 0
