"""Events of a cluster: their order, their pages, and which of them are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import ask, create, delete_all, wait_for
from live import Server

#: Types of the events of a cluster that was made, restarted, ended, started and restarted, oldest first.
TOLD = ["CREATING", "RUNNING", "RESTARTING", "RUNNING", "TERMINATING", "STARTING", "RUNNING", "RESTARTING", "RUNNING"]


@pytest.fixture(scope="module")
def server(whole_server: Server) -> Iterator[Server]:
    """A server whose clusters stay until the end of this file."""
    yield whole_server
    delete_all(whole_server)


@pytest.fixture(scope="module")
def eventful(server: Server) -> str:
    """The id of a cluster of which TOLD is told."""
    return make_eventful(server)


def make_eventful(server: Server) -> str:
    cluster_id = create(server)
    for verb, state in [("restart", "RUNNING"), ("delete", "TERMINATED"), ("start", "RUNNING"), ("restart", "RUNNING")]:
        wait_for(server, cluster_id, "RUNNING", "TERMINATED")
        ask(server, "POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id})
        wait_for(server, cluster_id, state)
    return cluster_id


def events(server: Server, cluster_id: str, **args: Any) -> dict[str, Any]:
    """Return a page of events."""
    answer = ask(server, "POST", "api/2.1/clusters/events", {"cluster_id": cluster_id} | args)
    assert answer.status == 200, answer.body
    return answer.body


def types_of(page: dict[str, Any]) -> list[str]:
    return [event["type"] for event in page["events"]]


def test_events_are_told_newest_first_unless_asked_otherwise(server: Server, eventful: str) -> None:
    newest, oldest = events(server, eventful), events(server, eventful, order="ASC")

    assert types_of(newest) == TOLD[::-1]
    assert types_of(oldest) == TOLD
    assert newest["total_count"] == oldest["total_count"] == len(TOLD)
    assert "next_page" not in newest and "next_page_token" not in newest
    times = [event["timestamp"] for event in oldest["events"]]
    assert times == sorted(times)


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("limit", [1, 2, 4, 8, 9, 500])
def test_next_page_is_the_whole_next_request(server: Server, eventful: str, order: str, limit: int) -> None:
    page = events(server, eventful, order=order, limit=limit)
    told = types_of(page)

    while "next_page" in page:
        page = ask(server, "POST", "api/2.0/clusters/events", page["next_page"]).body
        told += types_of(page)
        assert page["total_count"] == len(TOLD)

    assert told == (TOLD if order == "ASC" else TOLD[::-1])


def test_pages_by_token_tell_every_event_once(server: Server, eventful: str) -> None:
    page = events(server, eventful, page_size="4")
    told = types_of(page)

    while page.get("next_page_token"):
        page = events(server, eventful, page_size="4", page_token=page["next_page_token"])
        told += types_of(page)

    assert told == TOLD[::-1]


def test_first_page_may_begin_anywhere(server: Server, eventful: str) -> None:
    page = events(server, eventful, offset=3, limit=2)
    told = types_of(page)

    while "next_page" in page:
        page = events(server, **page["next_page"])
        told += types_of(page)

    assert told == TOLD[::-1][3:]


def test_events_that_happen_between_two_pages_do_not_shift_them(server: Server) -> None:
    cluster_id = make_eventful(server)
    first = events(server, cluster_id, limit=5)
    ask(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")

    second = ask(server, "POST", "api/2.0/clusters/events", first["next_page"]).body

    assert types_of(first) + types_of(second) == TOLD[::-1]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (["RESTARTING"], ["RESTARTING"] * 2),
        ("RESTARTING", ["RESTARTING"] * 2),
        (["CREATING", "STARTING"], ["STARTING", "CREATING"]),
        (["NODES_LOST"], []),
        (["OF_A_LATER_VERSION"], []),
        ([], TOLD[::-1]),
        (None, TOLD[::-1]),
    ],
)
def test_events_of_some_types_are_counted_alone(server: Server, eventful: str, wanted: object, told: list[str]) -> None:
    page = events(server, eventful, event_types=wanted, limit="500")

    assert types_of(page) == told
    assert page["total_count"] == len(told)


def test_types_are_kept_from_page_to_page(server: Server, eventful: str) -> None:
    first = events(server, eventful, event_types=["RUNNING"], limit=3)

    second = ask(server, "POST", "api/2.0/clusters/events", first["next_page"]).body

    assert types_of(first) + types_of(second) == ["RUNNING"] * 4


def test_events_of_a_span_of_time_include_both_its_ends(server: Server, eventful: str) -> None:
    times = [e["timestamp"] for e in events(server, eventful, order="ASC")["events"]]

    page = events(server, eventful, start_time=str(times[2]), end_time=times[5], order="ASC")

    assert types_of(page)[:3] == TOLD[2:5]
    assert all(times[2] <= event["timestamp"] <= times[5] for event in page["events"])
    assert types_of(events(server, eventful, end_time=0)) == []


def test_details_say_who_and_why(server: Server, eventful: str) -> None:
    told = {event["type"]: event["details"] for event in events(server, eventful, order="ASC")["events"]}

    assert told["CREATING"]["user"] == told["STARTING"]["user"] == told["RESTARTING"]["user"] == "ada"
    assert told["CREATING"]["cluster_size"] == {"num_workers": 1}
    assert told["TERMINATING"]["reason"]["code"] == "USER_REQUEST"


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ({"order": "SIDEWAYS"}, "order must be DESC or ASC, not 'SIDEWAYS'"),
        ({"limit": 501}, "limit must be between 0 and 500, not 501"),
        ({"limit": -1}, "limit must be between 0 and 500, not -1"),
        ({"page_size": 501}, "page_size must be between 0 and 500, not 501"),
        ({"page_token": "5"}, "page_token must be one that an answer gave, not '5'"),
        ({"page_token": "e-5"}, "page_token must be one that an answer gave"),
        ({"page_token": "e" + "9" * 30}, "page_token must be one that an answer gave"),
        ({"offset": -1}, "offset must be 0 or more, not -1"),
        ({"start_time": "yesterday"}, "start_time must be a whole number"),
        ({"event_types": [{}]}, "event_types must be a string"),
        ({"cluster_id": ""}, "cluster_id is missing"),
    ],
)
def test_impossible_events_are_refused(server: Server, eventful: str, args: dict[str, Any], complaint: str) -> None:
    answer = ask(server, "POST", "api/2.0/clusters/events", {"cluster_id": eventful} | args)

    assert answer.refusal == (400, "INVALID_PARAMETER_VALUE")
    assert complaint in answer.body["message"]
