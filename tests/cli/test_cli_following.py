"""Waiting for clusters, following events and logs; timeouts, Ctrl-C, and confirmations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commanding import Command, Shell, Terminal, plain
from http_client import clusters_of, create, fetch, wait_for
from live import Server

from jupyter_dbx.cli.clusters import waiting
from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable
from jupyter_dbx.model.errors import DbxError

Begin = Callable[..., Command]


@pytest.fixture
def begin(shell: Shell) -> Iterator[Begin]:
    """Starts commands in the background, and kills those that a test leaves."""
    begun: list[Command] = []

    def start(*args: str) -> Command:
        begun.append(shell.begin("clusters", *args))
        return begun[-1]

    yield start
    for command in begun:
        command.kill()


def running(server: Server, name: str = "etl") -> str:
    """Return the ID of a new running cluster."""
    cluster_id = create(server, cluster_name=name, num_workers=1)
    wait_for(server, cluster_id, "RUNNING")
    return cluster_id


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_no_wait_returns_at_once(server: Server, shell: Shell, hold: Callable[[], None]) -> None:
    hold()

    done = shell.clusters("create", "etl", "--no-wait")
    (cluster,) = json.loads(shell.clusters("list", "-o", "json").ok())["clusters"]

    assert (done.code, done.stdout) == (0, f"{cluster['cluster_id']}\n")
    assert done.stderr == "etl is PENDING.\n"
    assert cluster["state"] == "PENDING"


def test_timeout_is_code_6_and_the_cluster_continues(server: Server, shell: Shell, hold: Callable[[], None]) -> None:
    hold()

    done = shell.clusters("create", "etl", "--timeout", "1s")

    assert done.code == 6
    assert done.stdout.strip()
    assert (
        "etl is still PENDING after 1 s (--timeout). It continues; to see its progress, run `jupyter dbx clusters get "
        in done.stderr
    )
    assert server.cluster(done.stdout.strip())["state"] == "PENDING"


def test_cluster_that_terminates_while_waiting_is_code_1(
    server: Server, begin: Begin, hold: Callable[[], None]
) -> None:
    hold()
    command = begin("create", "etl")
    cluster_id = command.expect("\n").strip()

    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})

    assert command.end() == 1
    assert "jupyter dbx: etl is TERMINATED, not RUNNING." in command.output


def test_cluster_that_is_deleted_while_waiting_is_code_3(
    server: Server, begin: Begin, hold: Callable[[], None]
) -> None:
    hold()
    command = begin("create", "etl")
    cluster_id = command.expect("\n").strip()

    fetch(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})

    assert command.end() == 3
    assert f"Cluster {cluster_id} does not exist" in command.output


AWAY = [ServerUnreachable(), RequestFailed("The store is away.", "TEMPORARILY_UNAVAILABLE", 503)]


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes pauses between requests."""
    monkeypatch.setattr(waiting, "POLL_S", 0.0)


def responses(*answers: DbxError | dict[str, object]) -> Callable[[], dict[str, object]]:
    """Return a request with these responses, one after the other."""
    left = list(answers)

    def request() -> dict[str, object]:
        answer = left.pop(0)
        if isinstance(answer, DbxError):
            raise answer
        return answer

    return request


def test_request_is_retried_while_the_server_is_away(no_pauses: None) -> None:
    assert waiting.with_retries(responses(*AWAY, *AWAY, {"a": 1})) == {"a": 1}


@pytest.mark.parametrize("error", AWAY)
def test_server_that_stays_away_is_an_error(no_pauses: None, monkeypatch: pytest.MonkeyPatch, error: DbxError) -> None:
    monkeypatch.setattr(waiting, "AWAY_S", -1.0)

    with pytest.raises(type(error)):
        waiting.with_retries(responses(error))


def test_other_errors_are_not_retried(no_pauses: None) -> None:
    with pytest.raises(RequestFailed, match="no"):
        waiting.with_retries(responses(RequestFailed("no", "INVALID_STATE", 400), {}))


# -- on a terminal -----------------------------------------------------------------------------------------------------


def test_progress_is_shown_on_a_terminal_and_removed(server: Server, shell: Shell, hold: Callable[[], None]) -> None:
    hold()
    terminal = Terminal(shell, "clusters", "create", "etl")
    terminal.expect("etl: PENDING, waiting for the driver (1 s)")

    (server.workspace.data / "hold").unlink()

    assert terminal.end() == 0
    assert terminal.output.endswith("\r\x1b[Ketl is RUNNING, 2 workers · memory-1c each.\r\n")


def test_interrupt_while_waiting_is_code_130_and_the_cluster_continues(
    server: Server, shell: Shell, hold: Callable[[], None]
) -> None:
    hold()
    terminal = Terminal(shell, "clusters", "create", "etl")
    terminal.expect("etl: PENDING")

    terminal.type("\x03")

    assert terminal.end() == 130
    assert re.search(r"\r\x1b\[Ketl \([\w-]+\) is PENDING and continues in the background\.\r\n", terminal.output)
    assert [c["state"] for c in clusters_of(server)] == ["PENDING"]


def test_states_have_colours_on_a_terminal(server: Server, shell: Shell) -> None:
    running(server)

    bright, plain_ = (
        Terminal(shell, "clusters", "list"),
        Terminal(shell.with_variables(NO_COLOR="1"), "clusters", "list"),
    )

    assert (bright.end(), plain_.end()) == (0, 0)
    assert "\x1b[32mRUNNING\x1b[0m  etl" in bright.output
    assert "\x1b" not in plain_.output


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        ("y\n", 0, "etl was deleted."),
        ("\n", 1, "Nothing was deleted."),
        ("n\n", 1, "Nothing was deleted."),
        ("\x04", 1, "Nothing was deleted."),
        ("\x03", 130, ""),
    ],
)
def test_delete_asks_for_confirmation_on_a_terminal(
    server: Server, shell: Shell, typed: str, code: int, message: str
) -> None:
    running(server)
    terminal = Terminal(shell, "clusters", "delete", "etl")
    terminal.expect("Permanently delete etl (RUNNING)? [y/N] ")

    terminal.type(typed)

    assert terminal.end() == code
    assert plain(terminal.output).strip().endswith(message)
    assert len(json.loads(shell.clusters("list", "-o", "json").ok())["clusters"]) == (code != 0)


# -- events ------------------------------------------------------------------------------------------------------------


def test_events_are_in_order_the_newest_last(server: Server, shell: Shell) -> None:
    running(server)
    shell.clusters("resize", "etl", "2").ok()

    lines = [line.split(maxsplit=3) for line in shell.clusters("events", "etl").ok().splitlines()]

    assert [words[2:] for words in lines] == [
        ["CREATING", "Created by ada"],
        ["RUNNING", "Running with 1 worker"],
        ["RESIZING", "Resizing from 1 worker to 2 workers"],
        ["UPSIZE_COMPLETED", "Resized to 2 workers"],
    ]


def test_events_are_filtered_by_number_and_type(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    assert "RUNNING" in shell.clusters("events", "etl", "--limit", "1").ok()
    assert "CREATING" in shell.clusters("events", cluster_id, "--type", "creating").ok()
    assert shell.clusters("events", "etl", "--type", "NONSENSE").code == 2
    assert shell.clusters("events", "etl", "--limit", "-1").code == 2
    assert shell.clusters("events", "etl", "--limit", "0").ok() == ""


def test_events_as_json_are_what_the_api_answers(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    answer = json.loads(shell.clusters("events", "etl", "-o", "json").ok())

    assert answer == fetch(server, "POST", f"api/dbx/clusters/{cluster_id}/events", {"limit": 20}).body


def test_events_are_followed_until_the_cluster_is_deleted(server: Server, shell: Shell, begin: Begin) -> None:
    cluster_id = running(server)
    as_text, as_json = begin("events", "etl", "--follow"), begin("events", "etl", "-f", "-n", "1", "-o", "json")
    chosen = begin("events", "etl", "-f", "--type", "RUNNING", "--type", "UPSIZE_COMPLETED")
    as_text.expect("Running with 1 worker")
    as_json.expect("\n")
    chosen.expect("\n")

    shell.clusters("resize", "etl", "2").ok()
    as_text.expect("Resized to 2 workers")
    as_json.expect("UPSIZE_COMPLETED")
    chosen.expect("Resized to 2 workers")
    shell.clusters("delete", "etl", "-y").ok()

    assert (as_text.end(), as_json.end(), chosen.end()) == (0, 0, 0)
    assert as_text.output.endswith("etl was deleted.\n")
    assert as_text.output.count("RUNNING  ") == 1
    assert [line.split()[2] for line in chosen.output.splitlines()[:-1]] == ["RUNNING", "UPSIZE_COMPLETED"]
    *events, last = as_json.output.splitlines()
    assert last == "etl was deleted."
    assert {json.loads(event)["cluster_id"] for event in events} == {cluster_id}


def test_ctrl_c_stops_following(server: Server, begin: Begin) -> None:
    running(server)
    command = begin("events", "etl", "--follow")
    command.expect("Running with 1 worker")

    assert command.interrupt() == 130
    assert "Traceback" not in command.output


# -- logs --------------------------------------------------------------------------------------------------------------


def logs_of(server: Server, cluster_id: str) -> list[str]:
    """Return the paths of a cluster's logs."""
    return [log["path"] for log in fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/logs").body["logs"]]


def test_logs_are_listed(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    heading, *rows = shell.clusters("logs", "etl", "--list").ok().splitlines()
    answer = json.loads(shell.clusters("logs", "etl", "--list", "-o", "json").ok())

    assert heading.split() == ["PATH", "ROLE", "SIZE", "WRITTEN"]
    assert sorted(row.split()[0] for row in rows) == sorted(logs_of(server, cluster_id))
    assert answer == fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/logs").body


def test_log_is_the_drivers_unless_another_is_chosen(server: Server, shell: Shell) -> None:
    cluster_id = running(server)
    texts = {
        path: fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/log?path={path}").body["text"]
        for path in logs_of(server, cluster_id)
    }
    (driver,) = [path for path in texts if "/driver/" in path]
    (worker,) = [path for path in texts if "/worker/" in path]

    done = shell.clusters("logs", "etl")

    assert (done.code, done.stdout) == (0, texts[driver])
    assert done.stderr == f"{driver} is the newest of 2 logs; --list shows all.\n"
    assert shell.clusters("logs", "etl", "--node", "worker").ok() == texts[worker]
    assert shell.clusters("logs", "etl", "--path", worker).ok() == texts[worker]
    assert shell.clusters("logs", "etl", "--path", "worker/stderr", "--tail", "all").ok() == texts[worker]
    assert shell.clusters("logs", "etl", "--path", driver, "-n", "1").ok() == texts[driver].splitlines(True)[-1]
    assert json.loads(shell.clusters("logs", "etl", "--path", driver, "-o", "json").ok())["text"] == texts[driver]


def test_logs_are_saved_under_their_paths(server: Server, shell: Shell, tmp_path: Path) -> None:
    cluster_id = running(server)
    paths = logs_of(server, cluster_id)

    output = shell.clusters("logs", "etl", "--download", str(tmp_path / "logs")).ok()

    assert sorted(output.splitlines()) == sorted(str(tmp_path / "logs" / path) for path in paths)
    for path in paths:
        text = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/log?path={path}&offset=0").body["text"]
        assert (tmp_path / "logs" / path).read_text() == text


def test_unwritable_folder_is_an_error(server: Server, shell: Shell) -> None:
    running(server)

    done = shell.clusters("logs", "etl", "--download", "/proc/logs")

    assert done.code == 1
    assert done.stderr.startswith("jupyter dbx: /proc/logs")


def test_unknown_log_is_an_error_with_the_existing_ones(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    done = shell.clusters("logs", "etl", "--path", "nonsense", "--node", "driver")

    assert (done.code, done.stdout) == (1, "")
    assert "etl has no log for nonsense and driver. Existing logs: " in done.stderr
    assert all(path in done.stderr for path in logs_of(server, cluster_id))


def test_log_is_followed_until_its_process_ends(server: Server, shell: Shell, begin: Begin) -> None:
    cluster_id = running(server)
    (driver,) = [path for path in logs_of(server, cluster_id) if "/driver/" in path]
    text = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/log?path={driver}").body["text"]
    command = begin("logs", "etl", "--follow", "--path", driver)
    command.expect(text)

    shell.clusters("terminate", "etl").ok()

    assert command.end() == 0
    assert command.output == f"{text}{driver}: the process ended.\n"
