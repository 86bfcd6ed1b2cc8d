"""The verbs on clusters, as processes against a server with simulated clusters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commanding import Shell, running
from http_client import clusters_of, fetch, unchanged
from live import Server

from jupyter_dbx.cli import main

# -- list and get ------------------------------------------------------------------------------------------------------


def test_list_is_a_table(server: Server, shell: Shell) -> None:
    one = running(server, cluster_name="one", is_single_node=True, node_type_id="memory-2c")
    etl = running(server, cluster_name="etl", num_workers=2, autotermination_minutes=60)

    heading, *rows = shell.clusters("list").ok().splitlines()

    columns = [heading.index(name) for name in heading.split()]
    assert heading.split() == ["STATE", "NAME", "SIZE", "LOAD", "TERMINATES", "ID"]
    assert [[row[a:b].strip() for a, b in zip(columns, [*columns[1:], None], strict=True)] for row in rows] == [
        ["RUNNING", "etl", "2 workers · memory-1c each", "1/2 cores", "after 60 min idle", etl],
        ["RUNNING", "one", "Single node · memory-2c", "1/0 cores", "never", one],
    ]


def test_list_as_json_is_what_the_api_answers(server: Server, shell: Shell) -> None:
    running(server)

    answer = json.loads(shell.clusters("list", "-o", "json").ok())

    expected = fetch(server, "GET", "api/dbx/clusters").body
    for cluster in (*answer["clusters"], *expected["clusters"]):
        cluster["live"] = bool(cluster["live"])
    assert answer["clusters"] == expected["clusters"]


def test_empty_list_explains_how_to_create_a_cluster(shell: Shell) -> None:
    done = shell.clusters("list")

    assert (done.code, done.stdout) == (0, "")
    assert "`jupyter dbx clusters create NAME --workers 2`" in done.stderr
    assert json.loads(shell.clusters("list", "-o", "json").ok())["clusters"] == []


def test_list_filters_clusters(server: Server, shell: Shell) -> None:
    on, off = running(server, cluster_name="on"), running(server, cluster_name="off")
    shell.clusters("terminate", "off").ok()

    def ids(*options: str) -> list[str]:
        return [c["cluster_id"] for c in json.loads(shell.clusters("list", "-o", "json", *options).ok())["clusters"]]

    assert ids("--state", "running") == [on]
    assert ids("--state", "TERMINATED") == [off]
    assert sorted(ids("--state", "TERMINATED", "--state", "RUNNING")) == sorted([off, on])
    assert ids("--pinned") == []
    assert shell.clusters("list", "--pinned").stderr == "No clusters match.\n"


def test_get_shows_a_cluster_in_detail(server: Server, shell: Shell) -> None:
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
    assert facts["ID"] == cluster_id
    assert facts["State"] == "RUNNING"
    assert facts["Size"] == "2–8 workers (2 now) · memory-1c each"
    assert facts["Load"] == "1/2 cores"
    assert facts["Notebooks"] == "a.ipynb (busy)"
    assert facts["Spark config"] == "a.b=c"
    assert facts["Terminates"] == "after 60 min idle"
    assert facts["Created"].endswith(" by ada")
    assert facts["Last event"].endswith("Running with 2 workers")


def test_get_shows_the_termination_reason(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl")
    shell.clusters("terminate", "etl").ok()

    output = shell.clusters("get", "etl").ok()

    assert " TERMINATED\n" in output
    assert "requested by ada" in output


def test_get_as_json_is_what_the_api_answers(server: Server, shell: Shell) -> None:
    cluster_id = running(server)

    answer = json.loads(shell.clusters("get", cluster_id, "-o", "json").ok())

    expected = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body
    assert answer | {"live": None} == expected | {"live": None}
    assert answer["spec"] == expected["spec"]


# -- create and edit ---------------------------------------------------------------------------------------------------


def test_edit_changes_the_given_options(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=1, spark_conf={"a": "1"})
    before = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spec"]

    output = shell.clusters("edit", "etl", "--name", "new", "--workers", "2", "--idle", "20", "--conf", "b=2").ok()

    cluster = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body
    assert output == "new was edited and restarted. new is RUNNING, 2 workers · memory-1c each.\n"
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

    output = shell.clusters("edit", "etl", "--json", "-", stdin=json.dumps(spec | {"cluster_id": "another"})).ok()

    assert output == "etl was edited. etl is TERMINATED.\n"
    assert fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spec"] == spec


def test_edit_that_changes_nothing_does_nothing(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", num_workers=2)
    whole = shell.clusters("get", "etl", "-o", "json").ok()

    with unchanged(server):
        by_option = shell.clusters("edit", "etl", "--workers", "2").ok()
        by_spec = shell.clusters("edit", "etl", "--json", "-", stdin=whole).ok()

    assert by_option == by_spec == "etl is unchanged. etl is RUNNING, 2 workers · memory-1c each.\n"


# -- acting ------------------------------------------------------------------------------------------------------------


def test_lifecycle_of_a_cluster_by_name(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=1)

    assert shell.clusters("resize", "etl", "3").ok() == "etl is RUNNING, 3 workers · memory-1c each.\n"
    assert shell.clusters("resize", "etl", "--workers", "2").ok() == "etl is RUNNING, 2 workers · memory-1c each.\n"
    assert shell.clusters("restart", "etl").ok() == "etl is RUNNING, 2 workers · memory-1c each.\n"
    assert shell.clusters("terminate", cluster_id).ok() == "etl is TERMINATED.\n"
    assert shell.clusters("terminate", "etl").ok() == "etl is TERMINATED.\n"
    assert json.loads(shell.clusters("start", "etl", "-o", "json").ok())["state"] == "RUNNING"
    assert shell.clusters("delete", "etl", "--yes").ok() == "etl was deleted.\n"
    assert clusters_of(server) == []


def test_resize_takes_bounds(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", num_workers=1)

    assert shell.clusters("resize", "etl", "1-4").ok() == "etl is RUNNING, 1–4 workers (1 now) · memory-1c each.\n"
    assert (
        shell.clusters("resize", "etl", "--max-workers", "6").ok()
        == "etl is RUNNING, 1–6 workers (1 now) · memory-1c each.\n"
    )
    assert shell.clusters("resize", "etl").code == 2
    assert shell.clusters("resize", "etl", "2", "--workers", "3").code == 2


def test_verbs_accept_several_clusters(server: Server, shell: Shell) -> None:
    for name in ("a", "b"):
        running(server, cluster_name=name)

    assert shell.clusters("terminate", "a", "b").ok() == "a is TERMINATED.\nb is TERMINATED.\n"
    assert shell.clusters("delete", "-y", "a", "b").ok() == "a was deleted.\nb was deleted.\n"


def test_unknown_cluster_leaves_the_others_unchanged(server: Server, shell: Shell) -> None:
    running(server, cluster_name="a")

    with unchanged(server):
        done = shell.clusters("terminate", "a", "nobody")

    assert (done.code, done.stdout) == (3, "")
    assert done.stderr == "jupyter dbx: Cluster 'nobody' does not exist. Existing clusters: a.\n"


def test_delete_without_a_terminal_needs_yes(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl")

    with unchanged(server):
        done = shell.clusters("delete", "etl", stdin="y\n")

    assert (done.code, done.stdout) == (2, "")
    assert "--yes" in done.stderr


def test_cluster_is_extended_and_pinned(server: Server, shell: Shell) -> None:
    running(server, cluster_name="etl", autotermination_minutes=60)

    assert (
        shell.clusters("extend", "etl").ok()
        == "Idle time of etl is reset. Terminates after 60 minutes of inactivity.\n"
    )
    assert shell.clusters("pin", "etl").ok() == "etl is pinned.\n"
    assert len(json.loads(shell.clusters("list", "--pinned", "-o", "json").ok())["clusters"]) == 1
    assert " etl (pinned)\n" in shell.clusters("get", "etl").ok()
    assert json.loads(shell.clusters("unpin", "etl", "-o", "json").ok())["pinned"] is False


def test_missing_spark_ui_is_code_4(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl")
    made_up = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}").body["spark_ui_url"]

    up = shell.clusters("ui", "etl", "--print")
    shell.clusters("terminate", "etl").ok()
    down = shell.clusters("ui", "etl", "--print")

    assert made_up == ""
    assert (up.code, down.code, up.stdout, down.stdout) == (4, 4, "", "")
    assert up.stderr == "jupyter dbx: etl is RUNNING and has no Spark UI: spark.ui.enabled is false.\n"
    assert (
        down.stderr
        == "jupyter dbx: etl is TERMINATED and has no Spark UI: it is available only while the cluster is running.\n"
    )


def test_ui_is_printed_or_opened(empty_shell: Shell, answer: Callable[..., Any]) -> None:
    url = "http://127.0.0.1:4040"
    cluster = {"cluster_id": "1", "cluster_name": "etl", "state": "RUNNING", "spark_ui_url": url}
    place = answer(200, cluster | {"autotermination_minutes": 60, "clusters": [cluster]})
    shell = empty_shell.with_variables(DATABRICKS_HOST=place.url, DATABRICKS_TOKEN="secret")

    assert shell.clusters("ui", "etl", "--print").ok() == f"{url}?token=secret\n"
    assert json.loads(shell.clusters("ui", "etl", "--print", "-o", "json").ok()) == {"spark_ui_url": url}
    assert f"opened {url}?token=secret" in shell.with_variables(BROWSER="echo opened %s").clusters("ui", "etl").ok()


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

    code = main(["clusters", *args])  # in this process, which is faster

    assert code == 3
    assert capsys.readouterr() == ("", "jupyter dbx: Cluster 'nobody' does not exist. Existing clusters: none.\n")


def test_ambiguous_name_is_code_3_with_the_ids(server: Server, shell: Shell) -> None:
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
    denied = empty_shell.with_variables(DATABRICKS_HOST=server.url, DATABRICKS_TOKEN="wrong").clusters("list")
    other = empty_shell.with_variables(DATABRICKS_HOST=answer(404, "<html>").url).clusters("list")

    assert (none.code, denied.code, other.code) == (5, 5, 5)
    assert "No Jupyter server with jupyter_dbx was found. Start one" in none.stderr
    assert "does not accept this token. Correct or unset DATABRICKS_HOST and DATABRICKS_TOKEN." in denied.stderr
    assert "is not a Jupyter server with jupyter_dbx." in other.stderr


def test_profile_chooses_the_server(empty_shell: Shell, server: Server) -> None:
    file = Path(empty_shell.environ["HOME"]) / ".databrickscfg"
    file.write_text(f"[mine]\nhost = {server.url}\ntoken = test-token\n")
    running(server, cluster_name="etl")

    assert " etl " in empty_shell.clusters("list", "--profile", "mine").ok()
    assert " etl " in empty_shell.with_variables(DATABRICKS_CONFIG_PROFILE="mine").clusters("list").ok()
    assert empty_shell.clusters("list", "--profile", "other").code == 2


def test_server_that_runs_here_is_found(empty_shell: Shell, server: Server) -> None:
    running(server, cluster_name="etl")

    here = empty_shell.with_variables(JUPYTER_RUNTIME_DIR=str(server.workspace.folder / "runtime"))

    assert " etl " in here.clusters("list").ok()
