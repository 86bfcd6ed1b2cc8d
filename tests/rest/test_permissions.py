"""Permissions of clusters, and the lists of users and groups, over plain HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from http_client import create, fetch, unchanged
from live import Server

OWNER = {
    "user_name": "ada",
    "display_name": "ada",
    "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": False}],
}
ADMINS = {
    "group_name": "admins",
    "display_name": "admins",
    "all_permissions": [
        {"permission_level": "CAN_MANAGE", "inherited": True, "inherited_from_object": ["/clusters/"]},
    ],
}


def path_of(cluster_id: str) -> str:
    return f"api/2.0/permissions/clusters/{cluster_id}"


def grants(server: Server, method: str, cluster_id: str, body: Any = None) -> list[tuple[str, str]]:
    """Send a request that must succeed, and return the grants except those of the owner and the admins."""
    answer = fetch(server, method, path_of(cluster_id), body)
    assert answer.status == 200, answer.body
    assert (answer.body["object_id"], answer.body["object_type"]) == (f"/clusters/{cluster_id}", "cluster")
    first, *others, last = answer.body["access_control_list"]
    assert (first, last) == (OWNER, ADMINS)
    return [(entry["display_name"], entry["all_permissions"][0]["permission_level"]) for entry in others]


def to(name: str, level: str, kind: str = "user_name") -> dict[str, str]:
    return {kind: name, "permission_level": level}


def test_owner_and_admins_may_manage_a_new_cluster(server: Server) -> None:
    assert grants(server, "GET", create(server)) == []


def test_put_replaces_and_patch_adds(server: Server) -> None:
    cluster_id = create(server)
    both = [to("bob", "CAN_RESTART"), to("team", "CAN_ATTACH_TO", "group_name")]

    put = grants(server, "PUT", cluster_id, {"access_control_list": both})
    patched = grants(
        server, "PATCH", cluster_id, {"access_control_list": [to("bob", "CAN_MANAGE"), to("eve", "CAN_RESTART")]}
    )
    read = grants(server, "GET", cluster_id)
    replaced = grants(server, "PUT", cluster_id, {"access_control_list": both[1:]})
    emptied = grants(server, "PUT", cluster_id, {})

    assert put == [("bob", "CAN_RESTART"), ("team", "CAN_ATTACH_TO")]
    assert patched == read == [("bob", "CAN_MANAGE"), ("team", "CAN_ATTACH_TO"), ("eve", "CAN_RESTART")]
    assert (replaced, emptied) == ([("team", "CAN_ATTACH_TO")], [])


@pytest.mark.parametrize("body", [None, b"", {}, {"access_control_list": None}, {"access_control_list": []}])
def test_empty_patch_changes_nothing(server: Server, body: Any) -> None:
    cluster_id = create(server)
    grants(server, "PATCH", cluster_id, {"access_control_list": [to("bob", "CAN_RESTART")]})

    assert grants(server, "PATCH", cluster_id, body) == [("bob", "CAN_RESTART")]


def test_owner_and_admins_keep_their_permissions(server: Server) -> None:
    less = [to("ada", "CAN_ATTACH_TO"), to("admins", "CAN_ATTACH_TO", "group_name")]

    assert grants(server, "PUT", create(server), {"access_control_list": less}) == []


def test_user_and_group_with_the_same_name_are_distinct(server: Server) -> None:
    kinds = ["user_name", "group_name"]

    found = grants(
        server, "PUT", create(server), {"access_control_list": [to("same", "CAN_RESTART", k) for k in kinds]}
    )

    assert found == [("same", "CAN_RESTART")] * 2


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"permission_level": "CAN_MANAGE"}, "each entry must have exactly one of"),
        (to("bob", "CAN_MANAGE") | {"group_name": "team"}, "not 2."),
        (to("bob", "IS_OWNER"), "permission_level must be one of CAN_ATTACH_TO"),
        (to("bob", ""), "permission_level must be one of"),
        ("bob", "access_control_list must be an object"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_invalid_grant_fails_and_changes_nothing(server: Server, method: str, entry: object, message: str) -> None:
    cluster_id = create(server)
    grants(server, "PUT", cluster_id, {"access_control_list": [to("eve", "CAN_RESTART")]})

    answer = fetch(server, method, path_of(cluster_id), {"access_control_list": [to("bob", "CAN_RESTART"), entry]})

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]
    assert grants(server, "GET", cluster_id) == [("eve", "CAN_RESTART")]


def test_levels_are_listed_weakest_first(server: Server) -> None:
    levels = fetch(server, "GET", f"{path_of(create(server))}/permissionLevels").body["permission_levels"]

    assert [level["permission_level"] for level in levels] == ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"]
    assert all(level["description"] for level in levels)


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("PUT", ""), ("PATCH", ""), ("GET", "/permissionLevels")])
def test_permissions_of_an_unknown_cluster_fail(server: Server, method: str, end: str) -> None:
    answer = fetch(server, method, f"{path_of('1234-567890-none')}{end}")

    assert answer.body["message"] == "Cluster 1234-567890-none does not exist"


SCIM = "api/2.0/preview/scim/v2"


@pytest.mark.parametrize(
    ("kind", "query", "names"),
    [
        ("Users", "", ["ada", "bob", "eve", "same"]),
        ("Users", 'filter=userName eq "ada"', ["ada"]),
        ("Users", "filter=USERNAME EQ ada", ["ada"]),
        ("Users", 'filter=userName eq "bob"', ["bob"]),
        ("Users", 'filter=userName eq "nobody"', []),
        ("Users", 'filter=userName eq ""', []),
        ("Users", "startIndex=1&count=2", ["ada", "bob"]),
        ("Users", "startIndex=3", ["eve", "same"]),
        ("Users", "count=0", []),
        ("Groups", 'filter=displayName eq "admins"', ["admins"]),
        ("ServicePrincipals", "", []),
    ],
)
def test_lists_of_identities_are_filtered_and_in_pages(server: Server, kind: str, query: str, names: list[str]) -> None:
    found = fetch(server, "GET", f"{SCIM}/{kind}?{quote(query, safe='=&')}").body

    assert [resource["displayName"] for resource in found["Resources"]] == names
    assert found["itemsPerPage"] == len(names)
    assert found["totalResults"] == (len(names) if "filter" in query or not query else 4)


def test_identity_is_read_by_its_id(server: Server) -> None:
    me = fetch(server, "GET", f"{SCIM}/Me").body
    (group,) = me["groups"]

    assert fetch(server, "GET", f"{SCIM}/Users/{me['id']}").body == me
    assert fetch(server, "GET", f"{SCIM}/Groups/{group['value']}").body["displayName"] == group["display"] == "admins"
    assert fetch(server, "GET", f"{SCIM}/Users/7").error == (404, "RESOURCE_DOES_NOT_EXIST")


def test_invalid_filter_fails(server: Server) -> None:
    with unchanged(server):
        answer = fetch(server, "GET", f"{SCIM}/Users?filter=active")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert 'userName eq "ada"' in answer.body["message"]
