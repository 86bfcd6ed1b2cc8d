"""`%cluster`: how a line is read, what is asked of the server, and what a user is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_server import ATTACHMENT, FakeClient, FakeShell, a_cluster
from IPython.core.error import UsageError

from jupyter_dbx.kernel.client import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.display import Table
from jupyter_dbx.kernel.errors import ClusterFailed, RequestRefused
from jupyter_dbx.kernel.magics import cluster as cluster_magics
from jupyter_dbx.kernel.magics.cluster import ClusterMagics
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS


@pytest.fixture
def client() -> FakeClient:
    """A server of two clusters, none of which is attached."""
    single = a_cluster("2", "small", num_workers=0, executors=[], autotermination_minutes=0, state="TERMINATED")
    return FakeClient("http://fake/", "t", [a_cluster("1", "etl"), single])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is shown in the notebook; an update counts as a further thing."""
    found: list[Any] = []

    def display(value: Any, **options: Any) -> SimpleNamespace:
        found.append(value)
        return SimpleNamespace(update=lambda value, **options: found.append(value))

    monkeypatch.setattr(cluster_magics, "display", display)
    monkeypatch.setattr(cluster_magics, "ASK_EVERY_S", 0)
    return found


@pytest.fixture
def magics(client: FakeClient, shown: list[Any]) -> ClusterMagics:
    return ClusterMagics(FakeShell(client))


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
        ["etl (attached)", "RUNNING", "2 × local-1c-2g", "60 idle min", "1"],
        ["small", "TERMINATED", "single node", "never", "2"],
    ]


def test_list_of_no_clusters_says_how_to_make_one(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.known.clear()

    magics.cluster("list")

    assert shown[0].rows == []
    assert shown[0].notice == "There are no clusters yet: `%cluster create NAME --workers 2`"


def test_events_are_told_in_words(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    magics.cluster("events etl --limit 3")

    assert client.asked("events") == [{"cluster_id": "1", "limit": 3}]
    assert [row[1:] for row in shown[0].rows] == [
        ["TERMINATING", "INACTIVITY"],
        ["RESIZING", "0 → 2 workers"],
        ["CREATING", "by ada"],
    ]
    assert shown[0].notice == "3 of 7 events"


def test_wait_shows_each_state_once(magics: ClusterMagics, client: FakeClient, shown: list[Any]) -> None:
    client.states[:] = ["RESTARTING", "RESTARTING", "RESTARTING", "RUNNING"]

    magics.cluster("restart etl")

    first, last = (each["text/plain"] for each in shown)
    assert first == "etl: RESTARTING, 2 of 2 workers"
    assert last.startswith("etl: RUNNING, 2 of 2 workers (") and last.endswith(" s)")


# -- creating and attaching --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "spec"),
    [
        ("", {}),
        ("--workers 5 --idle 0", {"num_workers": 5, "autotermination_minutes": 0}),
        ("--node-type a --driver-node-type b", {"node_type_id": "a", "driver_node_type_id": "b"}),
        ("--conf a=b --conf 'c=d e=f'", {"spark_conf": {"a": "b", "c": "d e=f"}}),
        (
            "--workers 0 --conf a=b",
            {"num_workers": 0, "spark_conf": SINGLE_NODE_CONF | {"a": "b"}, "custom_tags": SINGLE_NODE_TAGS},
        ),
    ],
)
def test_create_asks_for_what_the_line_says(
    magics: ClusterMagics, client: FakeClient, line: str, spec: dict[str, Any]
) -> None:
    magics.cluster(f"create 'my cluster' {line}")

    usual = {"num_workers": 2, "autotermination_minutes": 60, "spark_conf": {}}
    names = {"cluster_name": "my cluster", "spark_version": "4.3.x-scala2.13"}
    assert client.asked("create") == [names | usual | spec]


def test_created_cluster_is_the_notebooks_once_it_runs(magics: ClusterMagics, client: FakeClient) -> None:
    client.attached.append("1")
    client.states[:] = ["PENDING", "RUNNING"]

    magics.cluster("create x")

    assert client.attached == ["new"]
    assert client.order == ["PUT", "release", "bind"]
    assert len(client.asked("get")) == 2


@pytest.mark.parametrize("state", ["TERMINATED", "ERROR"])
def test_cluster_that_does_not_come_up_is_told_with_its_message(
    magics: ClusterMagics, client: FakeClient, state: str
) -> None:
    client.states[:] = ["PENDING", state]
    client.known[0]["state_message"] = "There is no Java."

    with pytest.raises(ClusterFailed, match=f"^Cluster etl is {state}. There is no Java.$"):
        magics.cluster("start etl")

    assert "bind" not in client.order


@pytest.mark.parametrize("wanted", ["etl", "1"])
def test_attach_changes_the_attachment_before_the_seat(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    magics.cluster(f"attach {wanted}")

    assert client.attached == ["1"]
    assert client.order == ["PUT", "release", "bind"]
    assert capsys.readouterr().out == "Attached to etl.\n"


@pytest.mark.parametrize("line", ["attach nothing", "delete nothing", "start nothing"])
def test_cluster_that_does_not_exist_is_refused_and_nothing_is_done(
    magics: ClusterMagics, client: FakeClient, line: str
) -> None:
    client.attached.append("1")

    with pytest.raises(RequestRefused, match=r"There is no cluster 'nothing'. There are: etl, small\."):
        magics.cluster(line)

    assert (client.attached, client.order) == (["1"], [])


def test_refused_attachment_leaves_the_seat(magics: ClusterMagics, client: FakeClient) -> None:
    client.refuse[ATTACHMENT] = RequestFailed("This token may not do that.", "PERMISSION_DENIED", 403)

    with pytest.raises(RequestRefused, match="This token may not do that"):
        magics.cluster("attach etl")

    assert client.order == []


def test_detach_gives_the_seat_back(
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
        ("events", "events", {"limit": 20}),
        ("resize 3", "resize", {"num_workers": 3}),
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

    assert client.asked(verb) == [{"cluster_id": "2" if name else "1"} | args]


@pytest.mark.parametrize("line", ["start", "restart", "terminate", "events", "resize 3"])
def test_verb_without_a_name_needs_an_attached_cluster(magics: ClusterMagics, line: str) -> None:
    with pytest.raises(UsageError, match="attached to no cluster: say which one, or `%cluster attach NAME`"):
        magics.cluster(line)


def test_delete_needs_a_name_and_says_which_is_gone(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    magics.cluster("delete small")

    assert client.asked("permanent-delete") == [{"cluster_id": "2"}]
    assert capsys.readouterr().out == "Deleted small.\n"


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("explode", "invalid choice: 'explode'"),
        ("create", "the following arguments are required: name"),
        ("create a --workers two", "argument --workers: invalid int value: 'two'"),
        ("create a --conf ab", "--conf takes KEY=VALUE, not 'ab'"),
        ("create a --conf =b", "--conf takes KEY=VALUE, not '=b'"),
        ("create a b", "unrecognized arguments: b"),
        ("attach", "the following arguments are required: name"),
        ("delete", "the following arguments are required: name"),
        ("resize", "the following arguments are required: workers"),
        ("resize etl", "argument workers: invalid int value: 'etl'"),
        ("resize etl many", "argument workers: invalid int value: 'many'"),
        ("list --all", "unrecognized arguments: --all"),
        ("attach 'etl", "No closing quotation in: attach 'etl"),
    ],
)
def test_line_that_cannot_be_read_is_refused_with_how_to_write_it(
    magics: ClusterMagics, client: FakeClient, line: str, complaint: str
) -> None:
    with pytest.raises(UsageError) as error:
        magics.cluster(line)

    assert complaint in str(error.value)
    assert client.order == [] and client.asked("create") == []


@pytest.mark.parametrize("line", ["-h", "--help", "create -h"])
def test_help_is_printed_and_nothing_is_asked(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    magics.cluster(line)

    assert "usage: %cluster" in capsys.readouterr().out
    assert client.heard == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RequestFailed("Cannot start cluster 1: it is RUNNING.", "INVALID_STATE", 400), "it is RUNNING"),
        (ServerUnreachable(), "No Jupyter server with jupyter_dbx was found"),
    ],
)
def test_refusal_of_the_server_is_one_sentence(
    magics: ClusterMagics, client: FakeClient, error: DbxError, sentence: str
) -> None:
    client.refuse["2.0/clusters/start"] = error

    with pytest.raises(RequestRefused, match=sentence) as refusal:
        magics.cluster("start etl")

    assert refusal.value._render_traceback_() == [f"\x1b[31mRequestRefused\x1b[0m: {error.message}"]


def test_attachment_that_cannot_be_read_is_no_missing_one(magics: ClusterMagics, client: FakeClient) -> None:
    client.refuse[ATTACHMENT] = RequestFailed("No.", "PERMISSION_DENIED", 403)

    with pytest.raises(RequestRefused, match=r"^No\.$"):
        magics.cluster("list")
