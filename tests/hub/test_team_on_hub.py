"""Two users, a group and an administrator on JupyterHub, on one shared control plane, as different OS users."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hub import Hub, UserServer
from live import Notebook, wait_until

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.timeout(600)]

Open = Callable[[UserServer, str], Notebook]


@pytest.fixture(scope="module")
def cluster(ann: UserServer, boss: UserServer) -> Iterator[str]:
    """Ann's cluster, `etl`."""
    cluster_id = ann.create("etl", num_workers=1)
    ann.wait(cluster_id, "RUNNING")
    yield cluster_id
    boss.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    wait_until(lambda: boss.call("GET", "api/2.0/clusters/list")["clusters"] == [], 60)


@pytest.fixture(autouse=True)
def not_shared(ann: UserServer, cluster: str) -> None:
    """Nobody else may use Ann's cluster at first."""
    share(ann, cluster)


@pytest.fixture
def open_notebook() -> Iterator[Open]:
    opened: list[Notebook] = []

    def open_one(server: UserServer, path: str) -> Notebook:
        opened.append(Notebook(server, path))
        return opened[-1]

    yield open_one
    for notebook in opened:
        notebook.close()


def share(ann: UserServer, cluster: str, *entries: dict[str, str]) -> None:
    ann.call("PUT", f"api/2.0/permissions/clusters/{cluster}", {"access_control_list": entries})


def status(server: UserServer, path: str) -> int:
    """Return the status of a page."""
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {server.token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def names(server: UserServer) -> list[tuple[str, str, str]]:
    """Return the clusters that a user sees: name, owner, and the user's level."""
    found = server.call("GET", "api/dbx/clusters")["clusters"]
    return [(c["cluster_name"], c["creator_user_name"], c["permission_level"]) for c in found]


def test_a_cluster_is_its_owners_until_she_shares_it(
    hub: Hub, ann: UserServer, bob: UserServer, boss: UserServer, cluster: str, open_notebook: Open
) -> None:
    notebook = open_notebook(bob, "n.ipynb")
    assert [names(user) for user in (ann, bob, boss)] == [
        [("etl", "ann", "CAN_MANAGE")],
        [],
        [("etl", "ann", "CAN_MANAGE")],
    ]
    refused = notebook.run("%cluster attach etl").error
    assert "etl" in refused and "Traceback" not in refused
    code, answer = bob.refusal("PUT", f"api/dbx/kernels/{notebook.kernel_id}/cluster", {"cluster": cluster})
    assert (code, answer["error_code"]) == (403, "PERMISSION_DENIED")
    assert status(bob, f"api/dbx/clusters/{cluster}/spark-ui/jobs/") == 403

    share(ann, cluster, {"group_name": "data", "permission_level": "CAN_ATTACH_TO"})

    assert names(bob) == [("etl", "ann", "CAN_ATTACH_TO")]
    assert status(bob, f"api/dbx/clusters/{cluster}/spark-ui/jobs/") == 200
    assert not notebook.run("%cluster attach etl").error
    assert notebook.value("spark.range(10).count()") == 10
    assert bob.refusal("POST", "api/2.0/clusters/delete", {"cluster_id": cluster})[0] == 403


def test_notebooks_of_two_os_users_share_a_cluster_of_a_third(
    hub: Hub, ann: UserServer, bob: UserServer, cluster: str, open_notebook: Open
) -> None:
    share(ann, cluster, {"user_name": "bob", "permission_level": "CAN_ATTACH_TO"})
    both = {"ann": open_notebook(ann, "n.ipynb"), "bob": open_notebook(bob, "n.ipynb")}  # at the same path
    for name, notebook in both.items():
        notebook.attach(cluster)
        assert notebook.value("import os; os.getuid()") == hub.users[name].uid
        assert notebook.value(f"spark.createDataFrame([({name!r}, 1)], 'name string, n int').collect()[0].name") == name
        assert notebook.value("sc.parallelize(range(200_000), 4).map(lambda x: x % 7).distinct().count()") == 7
        notebook.run(f"spark.range(3).createOrReplaceTempView('of_{name}')").ok()

    assert both["bob"].value("spark.catalog.tableExists('of_ann')") is False
    (seen,) = ann.call("GET", "api/dbx/clusters")["clusters"]
    assert len(seen["live"]["notebooks"]) == 2
    own = {seat["kernel_id"]: seat["path"] for seat in seen["live"]["notebooks"]}
    assert own == {both["ann"].kernel_id: "n.ipynb", both["bob"].kernel_id: ""}  # she cannot open his notebook


def test_a_user_who_is_taken_off_leaves_the_cluster(
    hub: Hub, ann: UserServer, bob: UserServer, cluster: str, open_notebook: Open
) -> None:
    share(ann, cluster, {"user_name": "bob", "permission_level": "CAN_ATTACH_TO"})
    notebook = open_notebook(bob, "n.ipynb").attach(cluster)
    assert notebook.value("spark.range(10).count()") == 10

    share(ann, cluster)

    def seats() -> list[Any]:
        (seen,) = ann.call("GET", "api/dbx/clusters")["clusters"]
        return list(seen["live"]["notebooks"])

    wait_until(lambda: seats() == [], 15)
    refused = notebook.run("spark.range(10).count()").error
    assert "ann" in refused and "PERMISSION" not in refused


def test_restarts_of_hub_and_control_plane_lose_nothing(
    hub: Hub, ann: UserServer, bob: UserServer, cluster: str, open_notebook: Open
) -> None:
    notebook = open_notebook(ann, "long.ipynb").attach(cluster)
    notebook.run("import time\nx = spark.range(1).count()").ok()
    running = notebook.begin("sc.parallelize(range(2), 2).map(lambda i: (time.sleep(20), i)[1]).sum()")

    hub.stop()
    assert status(ann, "api/dbx/clusters") == 503
    hub.start()

    assert notebook.wait(running, 120).ok().value == "1"
    assert notebook.value("spark.range(10).count() + x") == 11
    assert names(ann) == [("etl", "ann", "CAN_MANAGE")]
    share(ann, cluster, {"user_name": "bob", "permission_level": "CAN_ATTACH_TO"})
    assert open_notebook(bob, "n.ipynb").attach(cluster).value("spark.range(10).count()") == 10


def test_audit_log_has_both_users(ann: UserServer, bob: UserServer, boss: UserServer, cluster: str) -> None:
    bob.refusal("POST", "api/2.0/clusters/delete", {"cluster_id": cluster})
    records = boss.call("GET", f"api/dbx/audit?object={cluster}&page_size=200")["records"]

    done = {(record["user_name"], record["action"], record["outcome"]) for record in records}
    assert ("ann", "POST 2.0/clusters/create", "OK") in done
    assert ("bob", "POST 2.0/clusters/delete", "PERMISSION_DENIED") in done
    assert ann.refusal("GET", "api/dbx/audit")[0] == 403


def test_kernels_and_users_have_no_shared_secret(hub: Hub, bob: UserServer, open_notebook: Open) -> None:
    notebook = open_notebook(bob, "n.ipynb")
    seen = notebook.value("import os; [name for name, value in os.environ.items() if 'proxy-token' in value]")
    assert seen == []
    token = notebook.value("os.environ['JUPYTERHUB_API_TOKEN']")
    assert hub.plane(token).call("GET", "api/dbx/workspace")["user_name"] == "bob"
