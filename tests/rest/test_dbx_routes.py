"""`/api/dbx/clusters/…`: live load, extending, every event, and logs; over plain HTTP."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from http_client import clusters_of, create, fetch, unchanged, wait_for
from live import TOKEN, Server, wait_until

from jupyter_dbx.rest.framework.openapi import describe
from jupyter_dbx.rest.table import ROUTES

UNKNOWN = "1234-567890-abcdefgh"


def running(server: Server, **spec: Any) -> str:
    """Create a cluster, wait until it is RUNNING, and return its id."""
    cluster_id = create(server, **spec)
    wait_for(server, cluster_id, "RUNNING")
    return cluster_id


def dbx(server: Server, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Send a request that must succeed and return its answer."""
    answer = fetch(server, method, f"api/dbx/{path}", body)
    assert answer.status == 200, answer.body
    return answer.body


def live_of(server: Server, cluster_id: str) -> dict[str, Any]:
    """Return the live status of a cluster once there is one."""
    wait_until(lambda: dbx(server, "GET", f"clusters/{cluster_id}")["live"], 10)
    return dict(dbx(server, "GET", f"clusters/{cluster_id}")["live"])


@pytest.fixture
def ending(server: Server) -> Iterator[None]:
    """Makes simulated drivers report that they are about to terminate."""
    flag = server.workspace.data / "ending"
    flag.touch()
    yield
    flag.unlink()


def test_limits_contain_the_bounds_of_autotermination(server: Server) -> None:
    assert dbx(server, "GET", "limits")["autotermination_minutes"] == {"least": 10, "most": 10_000}


def test_limits_contain_the_available_capacity(server: Server) -> None:
    before = dbx(server, "GET", "limits")["capacity"]

    running(server, num_workers=2, node_type_id="memory-2c")

    after = dbx(server, "GET", "limits")["capacity"]
    assert (before["free_cores"], before["free_memory_mib"]) == (before["cores"], before["memory_mib"])
    assert before["free_cores"] - after["free_cores"] == 6
    assert before["free_memory_mib"] - after["free_memory_mib"] == 3 * 4096


def test_clusters_are_as_in_api_2_0_plus_live_status(server: Server) -> None:
    cluster_id = running(server, num_workers=2)
    live_of(server, cluster_id)

    (listed,) = dbx(server, "GET", "clusters")["clusters"]
    got = dbx(server, "GET", f"clusters/{cluster_id}")

    ours = {
        "pinned",
        "live",
        "spark_ui_url",
        "master_ui_url",
        "apache_spark_version",
        "running_since",
        "permission_level",
    }
    assert {k: v for k, v in listed.items() if k not in ours} == clusters_of(server)[0]
    assert {k: v for k, v in got.items() if k not in ours} == server.cluster(cluster_id)
    assert (listed["pinned"], got["pinned"]) == (False, False)
    assert set(listed["live"]) == set(got["live"]) == {"time", "load", "idle_s", "ends_in_s", "notebooks"}


def test_live_status_has_load_idle_time_and_notebooks(server: Server) -> None:
    cluster_id = running(server, num_workers=2)

    live = live_of(server, cluster_id)

    assert live["load"] == {"running_tasks": 1, "pending_tasks": 0, "busy_cores": 1, "total_cores": 2}
    assert live["idle_s"] == 0 and live["ends_in_s"] is None
    assert abs(live["time"] / 1000 - time.time()) < 60
    (notebook,) = live["notebooks"]
    assert set(notebook) == {"kernel_id", "pid", "notebook", "path", "since_ms", "busy"}
    assert notebook["path"] == ""  # outside of this server's root folder


def test_cluster_that_is_not_running_has_no_live_status(server: Server, hold: Callable[[], None]) -> None:
    cluster_id = running(server)
    live_of(server, cluster_id)
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")
    ended = dbx(server, "GET", f"clusters/{cluster_id}")["live"]
    hold()

    fetch(server, "POST", "api/2.0/clusters/start", {"cluster_id": cluster_id})

    assert ended is None
    assert dbx(server, "GET", f"clusters/{cluster_id}")["live"] is None


def test_only_running_clusters_can_be_extended(server: Server) -> None:
    cluster_id = running(server)

    assert dbx(server, "POST", f"clusters/{cluster_id}/extend") == {}
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")
    with unchanged(server):
        failed = fetch(server, "POST", f"api/dbx/clusters/{cluster_id}/extend")

    assert failed.error == (400, "INVALID_STATE")
    assert failed.body["message"] == f"Cannot extend cluster {cluster_id}: it is TERMINATED. Start it first."


def test_inactivity_warning_is_only_in_the_dbx_api(server: Server, ending: None) -> None:
    cluster_id = running(server, autotermination_minutes=10)
    path = f"clusters/{cluster_id}/events"
    wait_until(lambda: dbx(server, "POST", path, {"event_types": ["INACTIVITY_WARNING"]})["events"], 10)

    ours, theirs = (
        dbx(server, "POST", path),
        fetch(server, "POST", "api/2.1/clusters/events", {"cluster_id": cluster_id}),
    )
    query = {"cluster_id": cluster_id, "event_types": ["INACTIVITY_WARNING"]}
    failed = fetch(server, "POST", "api/2.0/clusters/events", query)

    assert [e["type"] for e in ours["events"]] == ["INACTIVITY_WARNING", "RUNNING", "CREATING"]
    assert [e["type"] for e in theirs.body["events"]] == ["RUNNING", "CREATING"]
    assert (ours["total_count"], theirs.body["total_count"]) == (3, 2)
    assert failed.body == {"events": [], "total_count": 0}


def test_events_have_pages(server: Server) -> None:
    cluster_id = running(server)
    path = f"clusters/{cluster_id}/events"

    first = dbx(server, "POST", path, {"limit": 1})
    second = dbx(server, "POST", path, first["next_page"])

    assert [e["type"] for e in (*first["events"], *second["events"])] == ["RUNNING", "CREATING"]
    assert "next_page" not in second


def test_resources_list_nodes_with_their_processes(server: Server) -> None:
    cluster_id = running(server, num_workers=1)

    nodes = dbx(server, "GET", f"clusters/{cluster_id}/resources")["nodes"]

    assert [node["role"] for node in nodes] == ["driver", "worker"]
    for node in nodes:
        assert node["state"] == "READY" and node["num_cores"] > 0 and node["address"] == "memory"
        (process,) = node["processes"]
        assert process["daemon"] == node["role"] and process["ports"] == ["127.0.0.1:4040"]


def test_terminated_cluster_uses_no_resources(server: Server) -> None:
    cluster_id = running(server)
    fetch(server, "POST", "api/2.1/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")

    assert dbx(server, "GET", f"clusters/{cluster_id}/resources") == {"nodes": []}


def test_metrics_are_sampled_a_few_times_a_minute(server: Server) -> None:
    cluster_id = running(server, num_workers=1)

    path = f"clusters/{cluster_id}/metrics"
    wait_until(lambda: dbx(server, "GET", path)["samples"], 40)

    (sample,) = dbx(server, "GET", path)["samples"]
    assert sample["load"]["running_tasks"] == 1
    assert sorted(node["role"] for node in sample["nodes"].values()) == ["driver", "worker"]
    # A simulated process uses a quarter of a core.
    assert all(0.2 < node["cpu"] < 0.3 and node["memory_mib"] == 512 for node in sample["nodes"].values())
    assert dbx(server, "GET", f"{path}?since={sample['time']}")["samples"] == []


def test_logs_are_listed_and_read(server: Server) -> None:
    cluster_id = running(server)

    logs = dbx(server, "GET", f"clusters/{cluster_id}/logs")["logs"]

    assert {log["role"] for log in logs} == {"driver", "worker"}
    for log in logs:
        assert set(log) == {"path", "role", "size", "modified_time", "live"} and log["live"] is True
        node, daemon, _ = log["path"].split("/")
        text = f"{daemon} of {node}\n"
        piece = dbx(server, "GET", f"clusters/{cluster_id}/log?path={quote(log['path'])}")
        assert piece == {"path": log["path"], "text": text, "offset": 0, "next_offset": log["size"], "size": len(text)}


@pytest.mark.parametrize(
    ("query", "begin", "end"),
    [("", 0, None), ("&tail=1", 0, None), ("&tail=0", None, None), ("&offset=3", 3, None), ("&offset=0&limit=4", 0, 4)],
)
def test_part_of_a_log_is_read(server: Server, query: str, begin: int | None, end: int | None) -> None:
    cluster_id = running(server)
    log = dbx(server, "GET", f"clusters/{cluster_id}/logs")["logs"][0]
    node, daemon, _ = log["path"].split("/")
    whole = f"{daemon} of {node}\n"

    piece = dbx(server, "GET", f"clusters/{cluster_id}/log?path={quote(log['path'])}{query}")

    expected = whole[len(whole) if begin is None else begin : end]
    assert piece["text"] == expected
    assert piece["next_offset"] == piece["offset"] + len(expected)


def test_log_is_downloaded_as_a_file(server: Server) -> None:
    cluster_id = running(server)
    path = dbx(server, "GET", f"clusters/{cluster_id}/logs")["logs"][0]["path"]
    node, daemon, _ = path.split("/")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    target = f"{urlsplit(server.url).path}api/dbx/clusters/{cluster_id}/log/download?path={quote(path, safe='')}"
    connection.request("GET", target, headers={"Authorization": f"Bearer {TOKEN}"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()

    assert (response.status, text) == (200, f"{daemon} of {node}\n")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''{cluster_id}-{node}-{daemon}-stderr.txt"
    )


@pytest.mark.parametrize("what", ["log", "log/download"])
@pytest.mark.parametrize(
    "path", ["../../workspace.key", "/etc/passwd", "%2e%2e/%2e%2e/dbx.db", "NODE/../NODE/driver/stderr"]
)
def test_only_listed_logs_can_be_read(server: Server, what: str, path: str) -> None:
    cluster_id = running(server)
    node = dbx(server, "GET", f"clusters/{cluster_id}/logs")["logs"][0]["path"].split("/")[0]

    answer = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/{what}?path={path.replace('NODE', node)}")

    assert answer.error == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "List its logs" in answer.body["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("path=a&tail=1&offset=0", "not both"),
        ("path=a&tail=-1", "tail must be 0 or more, not -1"),
        ("path=a&offset=-1", "offset must be 0 or more, not -1"),
        ("path=a&limit=0", "limit must be between 1 and 1048576, not 0"),
        ("path=a&limit=1048577", "limit must be between 1 and 1048576, not 1048577"),
        ("path=a&tail=many", "tail must be a whole number"),
        ("path=a&offset=0.5", "offset must be a whole number"),
        ("path=", "path is missing"),
        ("", "path is missing"),
    ],
)
def test_invalid_part_of_a_log_fails(server: Server, query: str, message: str) -> None:
    cluster_id = running(server)

    answer = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/log?{query}")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", "/extend"),
        ("POST", "/events"),
        ("GET", "/logs"),
        ("GET", "/log?path=a"),
        ("GET", "/log/download?path=a"),
    ],
)
def test_unknown_cluster_is_reported(server: Server, method: str, path: str) -> None:
    answer = fetch(server, method, f"api/dbx/clusters/{UNKNOWN}{path}")

    assert answer.body["message"] == f"Cluster {UNKNOWN} does not exist"


def test_description_is_served_with_correct_urls_behind_a_prefix(server: Server, prefixed: Server) -> None:
    for each in (server, prefixed):
        url = f"{each.url}api/dbx/openapi.json"
        described = fetch(each, "GET", "api/dbx/openapi.json").body

        assert described == describe(ROUTES)
        assert urljoin(url, described["servers"][0]["url"] + "dbx/clusters") == f"{each.url}api/dbx/clusters"
