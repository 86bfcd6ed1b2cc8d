"""Completion as a shell requests it; and the scripts, parsed by the installed shells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from argcomplete.shell_integration import shellcode
from commanding import PROGRAM, Shell
from http_client import create, wait_for
from live import Server

from jupyter_dbx.cli.completion import COMMANDS

#: Lets bash complete a line, and prints the candidates.
COMPLETE_IN_BASH = """
{script}
COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
read -ra COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_python_argcomplete "${{COMP_WORDS[0]}}" "${{COMP_WORDS[COMP_CWORD]}}" ''
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(shell: Shell, line: str) -> list[str]:
    """Return the candidates of bash for a line."""
    folder = str(Path(PROGRAM).parent)
    script = COMPLETE_IN_BASH.format(script=shellcode(COMMANDS, shell="bash"), line=line)
    found = shell.with_variables(PATH=f"{folder}:{shell.environ['PATH']}").sh(script)
    assert (found.code, found.stderr) == (0, "")
    return [word.strip() for word in found.stdout.splitlines() if word.strip()]


@pytest.mark.parametrize("command", ["jupyter-dbx", "jupyter dbx"])
def test_verbs_and_choices_are_completed_without_a_server(empty_shell: Shell, command: str) -> None:
    assert complete(empty_shell, f"{command} cl") == ["clusters"]
    assert complete(empty_shell, f"{command} clusters list --state T") == ["TERMINATING", "TERMINATED"]
    assert complete(empty_shell, f"{command} completion ") == ["bash", "zsh", "fish"]
    assert complete(empty_shell, f"{command} clusters create x --no") == ["--node-type", "--no-wait"]


def test_values_from_the_server_are_completed(server: Server, shell: Shell) -> None:
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
def test_completion_without_a_server_is_empty_and_silent(empty_shell: Shell, line: str) -> None:
    assert complete(empty_shell, f"jupyter-dbx {line}") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_script_covers_both_commands_and_is_valid(empty_shell: Shell, tmp_path: Path, name: str) -> None:
    script = empty_shell.run("completion", name).ok()

    assert "jupyter-dbx" in script and "jupyter" in script.replace("jupyter-dbx", "")
    if shutil.which(name):
        (tmp_path / "script").write_text(script)
        assert empty_shell.sh(f"{name} -n '{tmp_path / 'script'}'").code == 0
