"""Output: aligned tables, terminals with fewer characters, and closed or full streams."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from commanding import Shell

from jupyter_dbx.cli.clusters.logs import chosen_logs, newest
from jupyter_dbx.cli.clusters.words import load_words, termination_words
from jupyter_dbx.cli.terminal import has_colour, prepare_streams, print_facts, print_table
from jupyter_dbx.model.answers.answer import decode
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.answers.logs import LogDetails


def test_table_is_aligned_even_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["state", "name", "id"], [["RUNNING", "日本", "1"], ["ERROR", "é\u0301", "2"], ["PENDING", "", "3"]])

    assert capsys.readouterr().out.splitlines() == [
        "STATE    NAME  ID",
        "RUNNING  日本  1",
        "ERROR    é\u0301     2",
        "PENDING        3",
    ]


def test_name_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name"], [["a\x1b[2J\nb\r"]])

    assert capsys.readouterr().out == "NAME\na [2J b\n"


def test_facts_follow_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    print_facts([("State", "RUNNING"), ("Nothing", ""), ("Log", "one\n\ttwo\x1b[2J")])

    assert capsys.readouterr().out == "State:  RUNNING\nLog:    one\n         two [2J\n"


@pytest.mark.parametrize(
    ("variables", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_allow_them(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], colour: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert has_colour(Screen()) is colour
    assert not has_colour(io.StringIO())


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "2-8 x a... -> ?"), ("latin-1", "2-8 × a... -> ?"), ("utf-8", "2–8 × a… → 日")],
)
def test_missing_characters_are_replaced(monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding))
    prepare_streams()

    print("2–8 × a… → 日", end="", flush=True)

    assert raw.getvalue().decode(encoding) == shown


CLUSTER = {"state": "RUNNING", "node_type_id": "n", "driver_node_type_id": "d", "num_workers": 2}


@pytest.mark.parametrize(
    ("busy", "total", "pending", "words"),
    [
        (1, 4, 0, "1/4 cores"),
        (1, 1, 1, "1/1 core, 1 task pending"),
        (4, 4, 60, "4/4 cores, 60 tasks pending"),
    ],
)
def test_load_has_a_text(busy: int, total: int, pending: int, words: str) -> None:
    load = {"busy_cores": busy, "total_cores": total, "pending_tasks": pending, "running_tasks": busy}

    assert load_words(decode(ClusterView, CLUSTER | {"live": {"load": load}})) == words
    assert load_words(decode(ClusterView, CLUSTER)) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"autotermination_minutes": 60, "live": {"ends_in_s": 1500.0}}, "in 25 min"),
        ({"autotermination_minutes": 60, "live": {"ends_in_s": None}}, "after 60 min idle"),
        ({"autotermination_minutes": 60, "live": None}, "after 60 min idle"),
        ({"autotermination_minutes": 0}, "never"),
        ({"autotermination_minutes": 60, "state": "TERMINATED"}, ""),
    ],
)
def test_termination_has_a_text(changes: dict[str, Any], words: str) -> None:
    assert termination_words(decode(ClusterView, CLUSTER | changes)) == words


def log(path: str, role: str = "driver", *, size: int = 1, at: int = 1, live: bool = True) -> LogDetails:
    return LogDetails(path=path, role=role, size=size, modified_time=at, live=live)


LOGS = [
    log("w1/worker/stderr", "worker", at=9),
    log("d2/driver/stdout", size=0, at=8),
    log("d2/driver/log4j-active.log", at=5),
    log("d2/driver/stderr", at=4),
    log("d1/driver/stderr", at=3, live=False),
]


@pytest.mark.parametrize(
    ("path", "node", "chosen"),
    [
        (None, None, "d2/driver/log4j-active.log"),
        ("d1/driver/stderr", None, "d1/driver/stderr"),
        ("driver/stderr", None, "d2/driver/stderr"),
        ("/stdout", None, "d2/driver/stdout"),
        (None, "d1", "d1/driver/stderr"),
        (None, "worker", "w1/worker/stderr"),
        ("stderr", "driver", "d2/driver/stderr"),
    ],
)
def test_most_useful_log_is_chosen(path: str | None, node: str | None, chosen: str) -> None:
    assert newest(chosen_logs(LOGS, path, node)).path == chosen


@pytest.mark.parametrize(("path", "node"), [("err", None), ("x", None), (None, "d"), ("stderr", "x")])
def test_partial_names_match_no_log(path: str | None, node: str | None) -> None:
    assert chosen_logs(LOGS, path, node) == []


# -- as a process ------------------------------------------------------------------------------------------------------


def test_closed_pipe_is_silent(empty_shell: Shell) -> None:
    done = empty_shell.sh("{ sleep 0.5; dbx completion bash; echo ${PIPESTATUS[0]} >&2; } | head -c 0")

    assert done.stderr == "141\n"


def test_full_disk_is_an_error(empty_shell: Shell) -> None:
    done = empty_shell.sh("dbx completion bash > /dev/full")

    assert (done.code, done.stderr) == (1, "jupyter dbx: No space left on device\n")


@pytest.mark.parametrize("args", [(), ("clusters",)])
def test_command_without_a_verb_prints_the_verbs(empty_shell: Shell, args: tuple[str, ...]) -> None:
    done = empty_shell.run(*args)

    assert (done.code, done.stdout) == (2, "")
    assert "\nverbs:\n" in done.stderr


@pytest.mark.parametrize("args", [("nonsense",), ("clusters", "nonsense"), ("clusters", "list", "--nonsense")])
def test_nonsense_is_invalid_usage(empty_shell: Shell, args: tuple[str, ...]) -> None:
    done = empty_shell.run(*args)

    assert (done.code, done.stdout) == (2, "")
    assert "nonsense" in done.stderr


def test_every_verb_has_help_with_its_exit_codes(empty_shell: Shell) -> None:
    for verb in ("list", "create", "logs"):
        assert "exit codes: 0 done" in empty_shell.clusters(verb, "--help").ok()
