"""Events of a cluster: order, pages and filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from http_client import create, delete_all, fetch, wait_for
from live import Server

#: Event types of a cluster that was created, restarted, terminated, started and restarted, oldest first.
LOGGED = ["CREATING", "RUNNING", "RESTARTING", "RUNNING", "TERMINATING", "STARTING", "RUNNING", "RESTARTING", "RUNNING"]


@pytest.fixture(scope="module")
def server(whole_server: Server) -> Iterator[Server]:
    """A server whose clusters stay until the end of this file."""
    yield whole_server
    delete_all(whole_server)


@pytest.fixture(scope="module")
def eventful(server: Server) -> str:
    """The id of a cluster with the events LOGGED."""
    return make_eventful(server)


def make_eventful(server: Server) -> str:
    cluster_id = create(server)
    for verb, state in [("restart", "RUNNING"), ("delete", "TERMINATED"), ("start", "RUNNING"), ("restart", "RUNNING")]:
        wait_for(server, cluster_id, "RUNNING", "TERMINATED")
        fetch(server, "POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id})
        wait_for(server, cluster_id, state)
    return cluster_id


def events(server: Server, cluster_id: str, **args: Any) -> dict[str, Any]:
    """Return a page of events."""
    answer = fetch(server, "POST", "api/2.1/clusters/events", {"cluster_id": cluster_id} | args)
    assert answer.status == 200, answer.body
    return answer.body


def types_of(page: dict[str, Any]) -> list[str]:
    return [event["type"] for event in page["events"]]


def test_events_are_listed_newest_first_by_default(server: Server, eventful: str) -> None:
    newest, oldest = events(server, eventful), events(server, eventful, order="ASC")

    assert types_of(newest) == LOGGED[::-1]
    assert types_of(oldest) == LOGGED
    assert newest["total_count"] == oldest["total_count"] == len(LOGGED)
    assert "next_page" not in newest and "next_page_token" not in newest
    times = [event["timestamp"] for event in oldest["events"]]
    assert times == sorted(times)


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("limit", [1, 2, 4, 8, 9, 500])
def test_next_page_is_the_complete_next_request(server: Server, eventful: str, order: str, limit: int) -> None:
    page = events(server, eventful, order=order, limit=limit)
    types = types_of(page)

    while "next_page" in page:
        page = fetch(server, "POST", "api/2.0/clusters/events", page["next_page"]).body
        types += types_of(page)
        assert page["total_count"] == len(LOGGED)

    assert types == (LOGGED if order == "ASC" else LOGGED[::-1])


def test_pages_by_token_contain_every_event_once(server: Server, eventful: str) -> None:
    page = events(server, eventful, page_size="4")
    types = types_of(page)

    while page.get("next_page_token"):
        page = events(server, eventful, page_size="4", page_token=page["next_page_token"])
        types += types_of(page)

    assert types == LOGGED[::-1]


def test_first_page_can_start_at_any_offset(server: Server, eventful: str) -> None:
    page = events(server, eventful, offset=3, limit=2)
    types = types_of(page)

    while "next_page" in page:
        page = events(server, **page["next_page"])
        types += types_of(page)

    assert types == LOGGED[::-1][3:]


def test_events_that_happen_between_two_pages_do_not_shift_them(server: Server) -> None:
    cluster_id = make_eventful(server)
    first = events(server, cluster_id, limit=5)
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")

    second = fetch(server, "POST", "api/2.0/clusters/events", first["next_page"]).body

    assert types_of(first) + types_of(second) == LOGGED[::-1]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["RESTARTING"], ["RESTARTING"] * 2),
        ("RESTARTING", ["RESTARTING"] * 2),
        (["CREATING", "STARTING"], ["STARTING", "CREATING"]),
        (["NODES_LOST"], []),
        (["OF_A_LATER_VERSION"], []),
        ([], LOGGED[::-1]),
        (None, LOGGED[::-1]),
    ],
)
def test_events_are_filtered_and_counted_by_type(
    server: Server, eventful: str, wanted: object, expected: list[str]
) -> None:
    page = events(server, eventful, event_types=wanted, limit="500")

    assert types_of(page) == expected
    assert page["total_count"] == len(expected)


def test_types_filter_applies_to_all_pages(server: Server, eventful: str) -> None:
    first = events(server, eventful, event_types=["RUNNING"], limit=3)

    second = fetch(server, "POST", "api/2.0/clusters/events", first["next_page"]).body

    assert types_of(first) + types_of(second) == ["RUNNING"] * 4


def test_time_range_of_events_includes_both_bounds(server: Server, eventful: str) -> None:
    times = [e["timestamp"] for e in events(server, eventful, order="ASC")["events"]]

    page = events(server, eventful, start_time=str(times[2]), end_time=times[5], order="ASC")

    assert types_of(page)[:3] == LOGGED[2:5]
    assert all(times[2] <= event["timestamp"] <= times[5] for event in page["events"])
    assert types_of(events(server, eventful, end_time=0)) == []


def test_details_contain_user_and_reason(server: Server, eventful: str) -> None:
    details = {event["type"]: event["details"] for event in events(server, eventful, order="ASC")["events"]}

    assert details["CREATING"]["user"] == details["STARTING"]["user"] == details["RESTARTING"]["user"] == "ada"
    assert details["CREATING"]["cluster_size"] == {"num_workers": 1}
    assert details["TERMINATING"]["reason"]["code"] == "USER_REQUEST"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"order": "SIDEWAYS"}, "order must be DESC or ASC, not 'SIDEWAYS'"),
        ({"limit": 501}, "limit must be between 0 and 500, not 501"),
        ({"limit": -1}, "limit must be between 0 and 500, not -1"),
        ({"page_size": 501}, "page_size must be between 0 and 500, not 501"),
        ({"page_token": "5"}, "page_token must be a token from a previous answer, not '5'"),
        ({"page_token": "e-5"}, "page_token must be a token from a previous answer"),
        ({"page_token": "e" + "9" * 30}, "page_token must be a token from a previous answer"),
        ({"offset": -1}, "offset must be 0 or more, not -1"),
        ({"start_time": "yesterday"}, "start_time must be a whole number"),
        ({"event_types": [{}]}, "event_types must be a string"),
        ({"cluster_id": ""}, "cluster_id is missing"),
    ],
)
def test_invalid_event_request_fails(server: Server, eventful: str, args: dict[str, Any], message: str) -> None:
    answer = fetch(server, "POST", "api/2.0/clusters/events", {"cluster_id": eventful} | args)

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]
