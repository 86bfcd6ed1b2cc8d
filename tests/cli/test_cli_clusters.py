"""The verbs on clusters, each as a process against a server whose clusters are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from answering import OURS
from asking import ask, clusters_of, unchanged
from commanding import Shell, running
from live import Server

from jupyter_dbx.cli import main

# -- list and get ------------------------------------------------------------------------------------------------------


def test_list_is_a_table(server: Server, shell: Shell) -> None:
    one = running(server, cluster_name="one", is_single_node=True, node_type_id="memory-2c")
    etl = running(server, cluster_name="etl", num_workers=2, autotermination_minutes=60)

    heading, *rows = shell.clusters("list").ok().splitlines()

    columns = [heading.index(name) for name in heading.split()]
    assert heading.split() == ["STATE", "NAME", "SIZE", "LOAD", "ENDS", "ID"]
    assert [[row[a:b].strip() for a, b in zip(columns, [*columns[1:], None], strict=True)] for row in rows] == [
        ["RUNNING", "etl", "2 × memory-1c", "1/2 cores", "after 60 idle min", etl],
        ["RUNNING", "one", "single node, memory-2c", "1/0 cores", "never", one],
    ]


def test_list_as_json_is_what_the_api_answers(server: Server, shell: Shell) -> None:
    running(server)

    answer = json.loads(shell.clusters("list", "-o", "json").ok())

    told = ask(server, "GET", "api/dbx/clusters").body
    for cluster in (*answer["clusters"], *told["clusters"]):
        cluster["live"] = bool(cluster["live"])
    assert answer["clusters"] == told["clusters"]


def test_list_of_nothing_says_how_to_begin(shell: Shell) -> None:
    done = shell.clusters("list")

    assert (done.code, done.stdout) == (0, "")
    assert "`jupyter dbx clusters create NAME --workers 2`" in done.stderr
    assert json.loads(shell.clusters("list", "-o", "json").ok())["clusters"] == []


def test_list_leaves_what_was_asked_for(server: Server, shell: Shell) -> None:
    on, off = running(server, cluster_name="on"), running(server, cluster_name="off")
    shell.clusters("terminate", "off").ok()

    def ids(*options: str) -> list[str]:
        return [c["cluster_id"] for c in json.loads(shell.clusters("list", "-o", "json", *options).ok())["clusters"]]

    assert ids("--state", "running") == [on]
    assert ids("--state", "TERMINATED") == [off]
    assert sorted(ids("--state", "TERMINATED", "--state", "RUNNING")) == sorted([off, on])
    assert ids("--pinned") == []
    assert shell.clusters("list", "--pinned").stderr == "No cluster is like that.\n"


def test_get_tells_all_that_people_ask(server: Server, shell: Shell) -> None:
    cluster_id = running(
        server,
        cluster_name="etl",
        autoscale={"min_workers": 2, "max_workers": 8},
        spark_conf={"a.b": "c"},
        autotermination_minutes=60,
    )

    lines = shell.clusters("get", "etl").ok().splitlines()

    facts = {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}
    assert facts["Name"] == "etl"
    assert facts["Id"] == cluster_id
    assert facts["State"] == "RUNNING"
    assert facts["Size"] == "2–8 × memory-1c (2 now)"
    assert facts["Load"] == "1/2 cores"
    assert facts["Notebooks"] == "a.ipynb (busy)"
    assert facts["Spark conf"] == "a.b=c"
    assert facts["Ends"] == "after 60 idle min"
    assert facts["Created"].endswith(" by ada")
    assert facts["Last event"].endswith("runs with 2 workers")


def test_get_tells_why_a_cluster_ended(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl")
    shell.clusters("terminate", "etl").ok()

    told = shell.clusters("get", "etl").ok()

    assert "State:       TERMINATED\n" in told
    assert "asked for by ada" in told


def test_get_as_json_is_what_the_api_answers(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    answer = json.loads(shell.clusters("get", cluster_id, "-o", "json").ok())

    told = ask(server, "GET", f"api/dbx/clusters/{cluster_id}").body
    assert answer | {"live": None} == told | {"live": None}
    assert answer["spec"] == told["spec"]


# -- create and edit ---------------------------------------------------------------------------------------------------


def test_edit_changes_what_it_names(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=1, spark_conf={"a": "1"})
    before = ask(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spec"]

    told = shell.clusters("edit", "etl", "--name", "new", "--workers", "2", "--idle", "20", "--conf", "b=2").ok()

    cluster = ask(server, "GET", f"api/dbx/clusters/{cluster_id}").body
    assert told == "new is changed, and was restarted for that. new is RUNNING, 2 × memory-1c.\n"
    assert cluster["state"] == "RUNNING"
    assert cluster["spec"] == before | {
        "cluster_name": "new",
        "num_workers": 2,
        "autotermination_minutes": 20,
        "spark_conf": {"a": "1", "b": "2"},
    }


def test_edit_with_a_whole_spec_replaces_the_old_one(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", spark_conf={"a": "1"})
    shell.clusters("terminate", "etl").ok()
    spec = {"cluster_name": "etl", "spark_version": "4.9.x-scala2.13", "node_type_id": "memory-2c", "num_workers": 3}

    told = shell.clusters("edit", "etl", "--json", "-", stdin=json.dumps(spec | {"cluster_id": "another"})).ok()

    assert told == "etl is changed. etl is TERMINATED.\n"
    assert ask(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spec"] == spec


def test_edit_that_changes_nothing_does_nothing(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", num_workers=2)
    whole = shell.clusters("get", "etl", "-o", "json").ok()

    with unchanged(server):
        by_option = shell.clusters("edit", "etl", "--workers", "2").ok()
        by_spec = shell.clusters("edit", "etl", "--json", "-", stdin=whole).ok()

    assert by_option == by_spec == "etl stays as it is. etl is RUNNING, 2 × memory-1c.\n"


# -- acting ------------------------------------------------------------------------------------------------------------


def test_cluster_goes_through_its_life_by_name(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=1)

    assert shell.clusters("resize", "etl", "3").ok() == "etl is RUNNING, 3 × memory-1c.\n"
    assert shell.clusters("resize", "etl", "--workers", "2").ok() == "etl is RUNNING, 2 × memory-1c.\n"
    assert shell.clusters("restart", "etl").ok() == "etl is RUNNING, 2 × memory-1c.\n"
    assert shell.clusters("terminate", cluster_id).ok() == "etl is TERMINATED.\n"
    assert shell.clusters("terminate", "etl").ok() == "etl is TERMINATED.\n"
    assert json.loads(shell.clusters("start", "etl", "-o", "json").ok())["state"] == "RUNNING"
    assert shell.clusters("delete", "etl", "--yes").ok() == "etl is deleted.\n"
    assert clusters_of(server) == []


def test_resize_takes_bounds(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", num_workers=1)

    assert shell.clusters("resize", "etl", "1-4").ok() == "etl is RUNNING, 1–4 × memory-1c (1 now).\n"
    assert shell.clusters("resize", "etl", "--max-workers", "6").ok() == "etl is RUNNING, 1–6 × memory-1c (1 now).\n"
    assert shell.clusters("resize", "etl").code == 2
    assert shell.clusters("resize", "etl", "2", "--workers", "3").code == 2


def test_several_clusters_are_taken_at_once(server: Server, shell: Shell) -> None:
    for name in ("a", "b"):
        running(server, cluster_name=name)

    assert shell.clusters("terminate", "a", "b").ok() == "a is TERMINATED.\nb is TERMINATED.\n"
    assert shell.clusters("delete", "-y", "a", "b").ok() == "a is deleted.\nb is deleted.\n"


def test_nothing_is_done_to_any_if_one_is_unknown(server: Server, shell: Shell) -> None:
    running(server, cluster_name="a")

    with unchanged(server):
        done = shell.clusters("terminate", "a", "nobody")

    assert (done.code, done.stdout) == (3, "")
    assert done.stderr == "jupyter dbx: There is no cluster 'nobody'. There are: a.\n"


def test_delete_is_not_done_unasked_where_nobody_can_be_asked(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl")

    with unchanged(server):
        done = shell.clusters("delete", "etl", stdin="y\n")

    assert (done.code, done.stdout) == (2, "")
    assert "--yes" in done.stderr


def test_cluster_is_extended_and_pinned(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", autotermination_minutes=60)

    assert shell.clusters("extend", "etl").ok() == "etl ends after 60 idle min, from now on.\n"
    assert shell.clusters("pin", "etl").ok() == "etl is pinned.\n"
    assert len(json.loads(shell.clusters("list", "--pinned", "-o", "json").ok())["clusters"]) == 1
    assert "Name:        etl (pinned)\n" in shell.clusters("get", "etl").ok()
    assert json.loads(shell.clusters("unpin", "etl", "-o", "json").ok())["pinned"] is False


def test_ui_that_is_not_there_is_code_4(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl")
    made_up = ask(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spark_ui_url"]

    up = shell.clusters("ui", "etl", "--print")
    shell.clusters("terminate", "etl").ok()
    down = shell.clusters("ui", "etl", "--print")

    assert made_up == ""
    assert (up.code, down.code, up.stdout, down.stdout) == (4, 4, "", "")
    assert up.stderr == "jupyter dbx: etl is RUNNING and has no Spark UI: its spark.ui.enabled is false.\n"
    assert down.stderr == "jupyter dbx: etl is TERMINATED and has no Spark UI: there is one only while it runs.\n"


def test_ui_is_printed_or_opened(empty_shell: Shell, answer: Callable[..., Any]) -> None:
    url = "http://127.0.0.1:4040"
    cluster = {"cluster_id": "1", "cluster_name": "etl", "state": "RUNNING", "spark_ui_url": url}
    place = answer(200, OURS[1] | cluster | {"clusters": [cluster]})
    shell = empty_shell.having(DATABRICKS_HOST=place.url, DATABRICKS_TOKEN="secret")

    assert shell.clusters("ui", "etl", "--print").ok() == f"{url}?token=secret\n"
    assert json.loads(shell.clusters("ui", "etl", "--print", "-o", "json").ok()) == {"spark_ui_url": url}
    assert f"opened {url}?token=secret" in shell.having(BROWSER="echo opened %s").clusters("ui", "etl").ok()


# -- exit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("get", "nobody"),
        ("start", "nobody"),
        ("resize", "nobody", "2"),
        ("edit", "nobody", "--idle", "20"),
        ("delete", "nobody", "-y"),
        ("events", "nobody"),
        ("logs", "nobody"),
        ("ui", "nobody"),
        ("pin", "nobody"),
        ("extend", "nobody"),
    ],
)
def test_unknown_cluster_is_code_3(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.setenv(name, shell.environ[name])

    code = main(["clusters", *args])  # in this process, which is as good here, and faster

    assert code == 3
    assert capsys.readouterr() == ("", "jupyter dbx: There is no cluster 'nobody'. There are: none yet.\n")


def test_name_that_several_have_is_code_3_and_their_ids_are_told(server: Server, shell: Shell) -> None:
    ids = [running(server, cluster_name="etl") for _ in range(2)]

    done = shell.clusters("get", "etl")

    assert (done.code, done.stdout) == (3, "")
    assert all(cluster_id in done.stderr for cluster_id in ids)


@pytest.mark.parametrize(("state", "verb"), [("RUNNING", "start"), ("TERMINATED", "restart"), ("TERMINATED", "extend")])
def test_state_that_does_not_allow_it_is_code_4(server: Server, shell: Shell, state: str, verb: str) -> None:
    running(server, cluster_name="etl")
    if state == "TERMINATED":
        shell.clusters("terminate", "etl").ok()

    done = shell.clusters(verb, "etl")

    assert (done.code, done.stdout) == (4, "")
    assert f"it is {state}" in done.stderr


def test_no_server_is_code_5(empty_shell: Shell, server: Server, answer: Callable[..., Any]) -> None:
    none = empty_shell.clusters("list")
    denied = empty_shell.having(DATABRICKS_HOST=server.url, DATABRICKS_TOKEN="wrong").clusters("list")
    other = empty_shell.having(DATABRICKS_HOST=answer(404, "<html>").url).clusters("list")

    assert (none.code, denied.code, other.code) == (5, 5, 5)
    assert "No Jupyter server with jupyter_dbx was found. Start one" in none.stderr
    assert "does not take this token. DATABRICKS_HOST names it: correct it, or unset it." in denied.stderr
    assert "is no Jupyter server with jupyter_dbx." in other.stderr


def test_profile_chooses_the_server(empty_shell: Shell, server: Server) -> None:
    file = Path(empty_shell.environ["HOME"]) / ".databrickscfg"
    file.write_text(f"[mine]\nhost = {server.url}\ntoken = test-token\n")
    running(server, cluster_name="etl")

    assert " etl " in empty_shell.clusters("list", "--profile", "mine").ok()
    assert " etl " in empty_shell.having(DATABRICKS_CONFIG_PROFILE="mine").clusters("list").ok()
    assert empty_shell.clusters("list", "--profile", "other").code == 2


def test_server_that_runs_here_is_found(empty_shell: Shell, server: Server) -> None:
    running(server, cluster_name="etl")

    here = empty_shell.having(JUPYTER_RUNTIME_DIR=str(server.workspace.folder / "runtime"))

    assert " etl " in here.clusters("list").ok()
