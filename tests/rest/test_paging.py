"""Clusters are listed in pages by API 2.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import ask, create, wait_for
from live import Server


def list_pages(server: Server, size: int, **query: Any) -> Iterator[list[str]]:
    """Yield the names on each page, following `next_page_token` as clients do."""
    token = ""
    while True:
        rest = "".join(f"&{name}={value}" for name, value in query.items())
        page = ask(server, "GET", f"api/2.1/clusters/list?page_size={size}&page_token={token}{rest}").body
        yield [cluster["cluster_name"] for cluster in page["clusters"]]
        token = page.get("next_page_token", "")
        if not token:
            return


@pytest.mark.parametrize(("size", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (100, [5])])
def test_clusters_are_listed_page_by_page(server: Server, size: int, sizes: list[int]) -> None:
    names = {create(server, cluster_name=f"c{n}") and f"c{n}" for n in range(5)}

    pages = list(list_pages(server, size))

    assert [len(page) for page in pages] == sizes
    assert {name for page in pages for name in page} == names


def test_pages_keep_the_order_that_was_asked_for(server: Server) -> None:
    for name in "bdac":
        create(server, cluster_name=name)

    up = list(list_pages(server, 3, **{"sort_by.field": "CLUSTER_NAME"}))
    down = list(list_pages(server, 3, **{"sort_by.field": "CLUSTER_NAME", "sort_by.direction": "DESC"}))

    assert up == [["a", "b", "c"], ["d"]]
    assert down == [["d", "c", "b"], ["a"]]


def test_page_before_is_named(server: Server) -> None:
    for n in range(4):
        create(server, cluster_name=str(n))
    first = ask(server, "GET", "api/2.1/clusters/list?page_size=2").body
    second = ask(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={first['next_page_token']}").body

    back = ask(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={second['prev_page_token']}").body

    assert "prev_page_token" not in first
    assert [c["cluster_id"] for c in back["clusters"]] == [c["cluster_id"] for c in first["clusters"]]


def test_page_has_twenty_clusters_by_default_and_api_2_0_has_no_pages(server: Server) -> None:
    for n in range(21):
        create(server, is_single_node=True, cluster_name=str(n))

    paged = ask(server, "GET", "api/2.1/clusters/list").body
    whole = ask(server, "GET", "api/2.0/clusters/list?page_size=1").body

    assert len(paged["clusters"]) == 20 and paged["next_page_token"]
    assert len(whole["clusters"]) == 21 and "next_page_token" not in whole


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("page_size=101", "page_size must be between 0 and 100, not 101"),
        ("page_size=-1", "not -1"),
        ("page_size=many", "page_size must be a whole number"),
        ("page_token=abc", "page_token must be one that an answer gave, not 'abc'"),
        ("page_token=-1", "page_token must be one that an answer gave"),
        ("page_token=c123", "page_token must be one that an answer gave"),
        ("sort_by.field=AGE", "sort_by.field"),
        ("sort_by.direction=SIDEWAYS", "sort_by.direction"),
        ("filter_by.is_pinned=maybe", "filter_by.is_pinned must be true or false"),
    ],
)
def test_impossible_page_is_refused(server: Server, query: str, complaint: str) -> None:
    answer = ask(server, "GET", f"api/2.1/clusters/list?{query}")

    assert answer.refusal == (400, "INVALID_PARAMETER_VALUE")
    assert complaint in answer.body["message"]


def test_default_order_is_by_state_then_pin_then_name(server: Server) -> None:
    ids = {name: create(server, cluster_name=name) for name in ("d", "B", "c", "a", "e")}
    for cluster_id in ids.values():
        wait_for(server, cluster_id, "RUNNING")
    for name in "ae":
        ask(server, "POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
        wait_for(server, ids[name], "TERMINATED")
    for name in "de":
        ask(server, "POST", "api/2.0/clusters/pin", {"cluster_id": ids[name]})

    expected = ["d", "B", "c", "e", "a"]
    assert [c["cluster_name"] for c in ask(server, "GET", "api/2.0/clusters/list").body["clusters"]] == expected
    assert [c["cluster_name"] for c in ask(server, "GET", "api/dbx/clusters").body["clusters"]] == expected
    assert list(list_pages(server, 2)) == [expected[:2], expected[2:4], expected[4:]]
    assert list(list_pages(server, 5, **{"sort_by.direction": "DESC"})) == [expected[::-1]]
    assert list(list_pages(server, 5, **{"sort_by.field": "cluster_name"})) == [["a", "B", "c", "d", "e"]]


def test_clusters_that_change_between_two_pages_are_neither_missed_nor_seen_twice(server: Server) -> None:
    ids = {name: create(server, cluster_name=name) for name in "abcd"}
    for cluster_id in ids.values():
        wait_for(server, cluster_id, "RUNNING")
    first = ask(server, "GET", "api/2.1/clusters/list?page_size=2").body

    for name in "ab":  # seen already: they go to the end
        ask(server, "POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
        wait_for(server, ids[name], "TERMINATED")
    ask(server, "POST", "api/2.0/clusters/pin", {"cluster_id": ids["d"]})  # not seen yet: it goes to the begin
    second = ask(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={first['next_page_token']}").body

    assert [c["cluster_name"] for c in first["clusters"]] == ["a", "b"]
    assert [c["cluster_name"] for c in second["clusters"]] == ["d", "c"]
    assert "next_page_token" not in second


def test_clusters_that_are_deleted_between_two_pages_shift_nothing(server: Server) -> None:
    ids = [create(server, cluster_name=name) for name in "abcd"]
    first = ask(server, "GET", "api/2.1/clusters/list?page_size=2&sort_by.field=CLUSTER_NAME").body

    ask(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": ids[1]})
    token = first["next_page_token"]
    rest = ask(server, "GET", f"api/2.1/clusters/list?page_size=2&sort_by.field=CLUSTER_NAME&page_token={token}").body

    assert [c["cluster_name"] for c in rest["clusters"]] == ["c", "d"]
