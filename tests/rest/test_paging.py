"""Clusters are listed in pages by API 2.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from http_client import create, fetch, wait_for
from live import Server


def list_pages(server: Server, size: int, **query: Any) -> Iterator[list[str]]:
    """Yield the names on each page, following `next_page_token` as clients do."""
    token = ""
    while True:
        rest = "".join(f"&{name}={value}" for name, value in query.items())
        page = fetch(server, "GET", f"api/2.1/clusters/list?page_size={size}&page_token={token}{rest}").body
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


def test_pages_keep_the_requested_order(server: Server) -> None:
    for name in "bdac":
        create(server, cluster_name=name)

    up = list(list_pages(server, 3, **{"sort_by.field": "CLUSTER_NAME"}))
    down = list(list_pages(server, 3, **{"sort_by.field": "CLUSTER_NAME", "sort_by.direction": "DESC"}))

    assert up == [["a", "b", "c"], ["d"]]
    assert down == [["d", "c", "b"], ["a"]]


def test_previous_page_has_a_token(server: Server) -> None:
    for n in range(4):
        create(server, cluster_name=str(n))
    first = fetch(server, "GET", "api/2.1/clusters/list?page_size=2").body
    second = fetch(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={first['next_page_token']}").body

    back = fetch(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={second['prev_page_token']}").body

    assert "prev_page_token" not in first
    assert [c["cluster_id"] for c in back["clusters"]] == [c["cluster_id"] for c in first["clusters"]]


def test_page_has_twenty_clusters_by_default_and_api_2_0_has_no_pages(server: Server) -> None:
    for n in range(21):
        create(server, is_single_node=True, cluster_name=str(n))

    paged = fetch(server, "GET", "api/2.1/clusters/list").body
    whole = fetch(server, "GET", "api/2.0/clusters/list?page_size=1").body

    assert len(paged["clusters"]) == 20 and paged["next_page_token"]
    assert len(whole["clusters"]) == 21 and "next_page_token" not in whole


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("page_size=101", "page_size must be between 0 and 100, not 101"),
        ("page_size=-1", "not -1"),
        ("page_size=many", "page_size must be a whole number"),
        ("page_token=abc", "page_token must be a token from a previous answer, not 'abc'"),
        ("page_token=-1", "page_token must be a token from a previous answer"),
        ("page_token=c123", "page_token must be a token from a previous answer"),
        ("sort_by.field=AGE", "sort_by.field"),
        ("sort_by.direction=SIDEWAYS", "sort_by.direction"),
        ("filter_by.is_pinned=maybe", "filter_by.is_pinned must be true or false"),
    ],
)
def test_invalid_page_request_fails(server: Server, query: str, message: str) -> None:
    answer = fetch(server, "GET", f"api/2.1/clusters/list?{query}")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]


def test_default_order_is_by_state_then_pin_then_name(server: Server) -> None:
    ids = {name: create(server, cluster_name=name) for name in ("d", "B", "c", "a", "e")}
    for cluster_id in ids.values():
        wait_for(server, cluster_id, "RUNNING")
    for name in "ae":
        fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
        wait_for(server, ids[name], "TERMINATED")
    for name in "de":
        fetch(server, "POST", "api/2.0/clusters/pin", {"cluster_id": ids[name]})

    expected = ["d", "B", "c", "e", "a"]
    assert [c["cluster_name"] for c in fetch(server, "GET", "api/2.0/clusters/list").body["clusters"]] == expected
    assert [c["cluster_name"] for c in fetch(server, "GET", "api/dbx/clusters").body["clusters"]] == expected
    assert list(list_pages(server, 2)) == [expected[:2], expected[2:4], expected[4:]]
    assert list(list_pages(server, 5, **{"sort_by.direction": "DESC"})) == [expected[::-1]]
    assert list(list_pages(server, 5, **{"sort_by.field": "cluster_name"})) == [["a", "B", "c", "d", "e"]]


def test_clusters_that_change_between_pages_are_neither_skipped_nor_repeated(server: Server) -> None:
    ids = {name: create(server, cluster_name=name) for name in "abcd"}
    for cluster_id in ids.values():
        wait_for(server, cluster_id, "RUNNING")
    first = fetch(server, "GET", "api/2.1/clusters/list?page_size=2").body

    for name in "ab":  # on the first page; they move to the end
        fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
        wait_for(server, ids[name], "TERMINATED")
    fetch(server, "POST", "api/2.0/clusters/pin", {"cluster_id": ids["d"]})  # not listed yet; it moves to the start
    second = fetch(server, "GET", f"api/2.1/clusters/list?page_size=2&page_token={first['next_page_token']}").body

    assert [c["cluster_name"] for c in first["clusters"]] == ["a", "b"]
    assert [c["cluster_name"] for c in second["clusters"]] == ["d", "c"]
    assert "next_page_token" not in second


def test_clusters_that_are_deleted_between_two_pages_shift_nothing(server: Server) -> None:
    ids = [create(server, cluster_name=name) for name in "abcd"]
    first = fetch(server, "GET", "api/2.1/clusters/list?page_size=2&sort_by.field=CLUSTER_NAME").body

    fetch(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": ids[1]})
    token = first["next_page_token"]
    rest = fetch(server, "GET", f"api/2.1/clusters/list?page_size=2&sort_by.field=CLUSTER_NAME&page_token={token}").body

    assert [c["cluster_name"] for c in rest["clusters"]] == ["c", "d"]
