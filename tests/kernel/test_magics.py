"""`%cluster`: its requests, its output, and its values for scripts."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import ATTACHMENT, CHOICE, FakeClient
from IPython.core.error import UsageError

from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.kernel.errors import ClusterFailed, RequestRefused
from jupyter_dbx.kernel.magics import waiting
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.model.errors import DbxError

# -- showing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["", "list", "  list  "])
def test_list_shows_every_cluster_and_which_is_attached(
    magics: ClusterMagics, client: FakeClient, shown: list[Any], line: str
) -> None:
    client.attached.append("1")

    magics.cluster(line)

    (table,) = shown
    assert isinstance(table, Table)
    assert table.rows == [
        [
            "etl (attached)",
            "RUNNING",
            "2 workers · local-1c-2g each",
            "3 of 4 cores busy",
            "Terminates after 60 minutes of inactivity",
            "1",
        ],
        ["small", "TERMINATED", "Single node · local-1c-2g", "", "Terminated", "2"],
    ]


def test_list_names_the_owners_of_others_clusters(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.known[0]["creator_user_name"] = "ann"
    client.attached.append("1")

    magics.cluster("list")

    assert [row[0] for row in shown[0].rows] == ["etl (owner: ann) (attached)", "small"]


def test_list_of_no_clusters_explains_how_to_create_one(
    magics: ClusterMagics, client: FakeClient, shown: list[Any]
) -> None:
    client.known.clear()

    magics.cluster("list")

    assert shown[0].rows == []
    assert shown[0].notice.startswith("No clusters yet. Create one with `%cluster create NAME --workers 2`")


def test_get_shows_the_cluster_in_detail(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.known[0] |= {"spark_conf": {"a": "b"}, "state_message": "All is well."}

    magics.cluster("get etl")

    facts = dict(shown[0].rows)
    assert (facts["State"], facts["Size"]) == ("RUNNING: All is well.", "2 workers · local-1c-2g each")
    assert (facts["Spark config"], facts["Load"]) == ("a=b", "3 of 4 cores busy")
    assert "Environment variables" not in facts


def test_events_have_texts(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    magics.cluster("events etl --limit 3")

    assert ("POST", "dbx/clusters/1/events", {"limit": 3}) in client.requests
    assert [row[1:] for row in shown[0].rows] == [
        ["TERMINATING", "Terminating: inactive"],
        ["RESIZING", "Resizing from 0 workers to 2 workers"],
        ["CREATING", "Created by ada"],
    ]
    assert shown[0].notice == "3 of 7 events"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("logs etl", "n0/driver/spark.log"),
        ("logs etl --path worker/stderr", "n1/worker/stderr"),
        ("logs etl --path n0/driver/stderr", "n0/driver/stderr"),
    ],
)
def test_logs_are_the_drivers_fullest_or_the_one_of_a_path(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str], line: str, path: str
) -> None:
    magics.cluster(f"{line} --tail 2")

    assert ("GET", "dbx/clusters/1/log", {"path": path, "tail": 2}) in client.requests
    assert capsys.readouterr().out == f"{path}, last 2 lines:\none\ntwo\n"


def test_unknown_log_is_an_error_with_the_existing_ones(magics: ClusterMagics) -> None:
    with pytest.raises(UsageError, match=r"no such log. Existing logs: n1/worker/stderr, n0/driver/stderr"):
        magics.cluster("logs etl --path nothing")


def test_info_explains_how_programs_connect_without_a_secret(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.known[0]["spark_ui_url"] = "http://127.0.0.1:4040"

    magics.cluster("info etl")

    output = capsys.readouterr().out
    assert "etl is RUNNING" in output and "http://127.0.0.1:4040" in output and "b.ipynb" in output
    assert "export DATABRICKS_HOST=http://fake\n" in output
    assert "export DATABRICKS_TOKEN=…" in output and "jupyter server list" in output


def test_panel_is_shown(magics: ClusterMagics, shown: list[Any]) -> None:
    magics.cluster("panel")

    (panel,) = shown
    assert type(panel).__name__ == "ClusterPanel"
    panel.close()


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_waiting_shows_the_progress_on_one_line(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.known[0]["executors"] = [{}]
    client.states[:] = ["RESTARTING", "RUNNING"]

    magics.cluster("restart etl")

    first, last = shown
    assert first["text/plain"] == "etl: RESTARTING, 1 of 2 workers ready, 0 s · Terminating: inactive"
    assert '<progress value="0.67"' in first["text/html"]
    assert last["text/plain"].startswith("etl is RUNNING: 2 workers (") and last["text/plain"].endswith(" s)")


def test_interrupt_does_not_stop_the_cluster(
    magics: ClusterMagics, client: FakeClient, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.states[:] = ["PENDING"]

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(waiting.time, "sleep", interrupt)

    with pytest.raises(KeyboardInterrupt):
        magics.cluster("start etl")

    assert shown[-1]["text/plain"] == "etl is PENDING and continues in the background"


def test_same_line_is_sent_once(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.states[:] = ["PENDING"] * 5 + ["RUNNING"]

    magics.cluster("start small")

    assert len(shown) == 2


def test_name_of_a_cluster_is_escaped(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.known[0]["cluster_name"] = "<script>"
    client.states[:] = ["PENDING", "RUNNING"]

    magics.cluster("start 1")

    assert all("<script>" not in each["text/html"] for each in shown)


@pytest.mark.parametrize("state", ["TERMINATED", "ERROR"])
def test_failed_start_raises_the_clusters_message(magics: ClusterMagics, client: FakeClient, state: str) -> None:
    client.states[:] = ["PENDING", state]
    client.known[0]["state_message"] = "There is no Java."

    with pytest.raises(ClusterFailed, match=f"^Cluster etl is {state}. There is no Java.$"):
        magics.cluster("start etl")

    assert "bind" not in client.order


# -- plain data --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("list --json", lambda data: [c["cluster_name"] for c in data] == ["etl", "small"]),
        ("get etl --json", lambda data: data["spec"]["cluster_name"] == "etl"),
        ("create x --json", lambda data: data["cluster_id"] == "new" and data["state"] == "RUNNING"),
        ("restart etl --json", lambda data: data["state"] == "RUNNING"),
        ("extend etl --json", lambda data: data["cluster_id"] == "1"),
        ("delete small --json", lambda data: data == {}),
        ("events etl --json", lambda data: data[0]["type"] == "TERMINATING"),
        ("logs etl --json", lambda data: data["text"] == "one\ntwo\n"),
        ("logs etl --list --json", lambda data: len(data) == 3),
        ("info etl --json", lambda data: data["host"] == "http://fake" and data["notebooks"] == ["/home/ada/b.ipynb"]),
    ],
)
def test_json_returns_a_value_and_shows_nothing(
    magics: ClusterMagics, shown: list[Any], capsys: pytest.CaptureFixture[str], line: str, answer: Any
) -> None:
    value = magics.cluster(line)

    assert answer(value)
    assert (shown, capsys.readouterr().out) == ([], "")


def test_without_json_nothing_is_returned(magics: ClusterMagics) -> None:
    assert magics.cluster("list") is None


# -- creating and changing ---------------------------------------------------------------------------------------------


def test_created_cluster_is_attached_and_bound_once_it_is_running(magics: ClusterMagics, client: FakeClient) -> None:
    client.attached.append("1")
    client.states[:] = ["PENDING", "RUNNING"]

    magics.cluster("create 'my cluster' --workers 5")

    (spec,) = client.requests_to("create")
    assert (spec["cluster_name"], spec["num_workers"]) == ("my cluster", 5)
    assert spec["spark_version"] == "4.3.x-scala2.13"
    assert client.attached == ["new"]
    assert client.order == ["PUT", "release", "bind"]


def test_edit_changes_the_given_options_and_keeps_the_rest(magics: ClusterMagics, client: FakeClient) -> None:
    magics.cluster("edit etl --idle 30 --conf a=b")

    (spec,) = client.requests_to("edit")
    assert (spec["cluster_id"], spec["cluster_name"], spec["num_workers"]) == ("1", "etl", 2)
    assert (spec["autotermination_minutes"], spec["spark_conf"]) == (30, {"a": "b"})


def test_edit_without_options_is_an_error(magics: ClusterMagics, client: FakeClient) -> None:
    with pytest.raises(UsageError, match="Specify what to change in etl"):
        magics.cluster("edit etl")

    assert client.requests_to("edit") == []


@pytest.mark.parametrize("wanted", ["etl", "1"])
def test_attach_changes_the_attachment_before_the_seat(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    magics.cluster(f"attach {wanted}")

    assert client.attached == ["1"]
    assert client.order == ["PUT", "release", "bind"]
    assert capsys.readouterr().out == "Attached to etl.\n"


@pytest.mark.parametrize("line", ["attach nothing", "delete nothing", "start nothing"])
def test_unknown_cluster_is_an_error_without_side_effects(magics: ClusterMagics, client: FakeClient, line: str) -> None:
    client.attached.append("1")

    with pytest.raises(RequestRefused, match=r"Cluster 'nothing' does not exist. Existing clusters: etl, small\."):
        magics.cluster(line)

    assert (client.attached, client.order) == (["1"], [])


def test_failed_attachment_keeps_the_seat(magics: ClusterMagics, client: FakeClient) -> None:
    client.errors[ATTACHMENT] = RequestFailed("This token may not do that.", "PERMISSION_DENIED", 403)

    with pytest.raises(RequestRefused, match="This token may not do that"):
        magics.cluster("attach etl")

    assert client.order == []


def test_detach_releases_the_seat(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.attached.append("1")

    magics.cluster("detach")

    assert (client.attached, client.order) == ([], ["release", "DELETE"])
    assert capsys.readouterr().out == "Detached.\n"


# -- controlling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "verb", "args"),
    [
        ("start", "start", {}),
        ("restart", "restart", {}),
        ("terminate", "delete", {}),
        ("pin", "pin", {}),
        ("unpin", "unpin", {}),
        ("resize 3", "resize", {"num_workers": 3}),
        ("resize 2-8", "resize", {"autoscale": {"min_workers": 2, "max_workers": 8}}),
    ],
)
@pytest.mark.parametrize("name", ["", "small"])
def test_verb_is_for_the_attached_cluster_unless_another_is_named(
    magics: ClusterMagics, client: FakeClient, line: str, verb: str, args: dict[str, Any], name: str
) -> None:
    client.attached.append("1")
    client.states[:] = ["TERMINATED" if verb == "delete" else "RUNNING"]
    word, *rest = line.split()

    magics.cluster(" ".join([word, name, *rest]))

    assert client.requests_to(verb) == [{"cluster_id": "2" if name else "1"} | args]


def test_extend_resets_the_idle_time(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    magics.cluster("extend etl")

    assert ("POST", "dbx/clusters/1/extend", {}) in client.requests
    assert capsys.readouterr().out == "Idle time of etl is reset. Terminates after 60 minutes of inactivity.\n"


@pytest.mark.parametrize(
    "line", ["start", "restart", "terminate", "events", "resize 3", "info", "logs", "edit --idle 9"]
)
def test_verb_without_a_name_needs_an_attached_cluster(magics: ClusterMagics, line: str) -> None:
    with pytest.raises(UsageError, match=r"not attached to a cluster\. .*`%cluster attach NAME`"):
        magics.cluster(line)


def test_delete_needs_a_name_and_confirms_it(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    magics.cluster("delete small")

    assert client.requests_to("permanent-delete") == [{"cluster_id": "2"}]
    assert capsys.readouterr().out == "Deleted small.\n"


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RequestFailed("Cannot start cluster 1: it is RUNNING.", "INVALID_STATE", 400), "it is RUNNING"),
        (ServerUnreachable(), "No Jupyter server with jupyter_dbx was found"),
    ],
)
def test_error_of_the_server_is_one_sentence(
    magics: ClusterMagics, client: FakeClient, error: DbxError, sentence: str
) -> None:
    client.errors["2.0/clusters/start"] = error

    with pytest.raises(RequestRefused, match=sentence) as raised:
        magics.cluster("start etl")

    assert raised.value._render_traceback_() == [f"\x1b[31mRequestRefused\x1b[0m: {error.message}"]


def test_unreadable_attachment_is_an_error(magics: ClusterMagics, client: FakeClient) -> None:
    client.errors[CHOICE] = RequestFailed("No.", "PERMISSION_DENIED", 403)

    with pytest.raises(RequestRefused, match=r"^No\.$"):
        magics.cluster("list")
