"""Who may do what with an object."""

from __future__ import annotations

import pytest

from jupyter_dbx.model.access import CLUSTER_LEVELS, Grant, Guarded, level_of, may, merge_grants
from jupyter_dbx.model.principal import Principal, is_same_name, scim_id

ATTACH, RESTART, MANAGE = CLUSTER_LEVELS


def guarded(*grants: Grant, owner: str = "ann") -> Guarded:
    return Guarded("cluster", "etl", CLUSTER_LEVELS, owner, grants)


@pytest.mark.parametrize(
    ("principal", "level"),
    [
        (Principal("ann"), MANAGE),
        (Principal("ANN"), MANAGE),
        (Principal("bob"), ATTACH),
        (Principal("bob", groups=("data",)), RESTART),
        (Principal("eve"), ""),
        (Principal("eve", groups=("DATA",)), RESTART),
        (Principal("data"), ""),  # a user with a group's name
        (Principal("bob", is_service=True), ""),  # a program with a user's name
        (Principal("ci", is_service=True), ATTACH),
        (Principal("ci"), ""),
        (Principal("root", is_admin=True), MANAGE),
    ],
)
def test_strongest_level_counts(principal: Principal, level: str) -> None:
    found = guarded(
        Grant("user_name", "bob", ATTACH),
        Grant("group_name", "data", RESTART),
        Grant("service_principal_name", "ci", ATTACH),
    )

    assert level_of(principal, found) == level
    assert [may(principal, wanted, found) for wanted in CLUSTER_LEVELS] == [
        bool(level) and CLUSTER_LEVELS.index(wanted) <= CLUSTER_LEVELS.index(level) for wanted in CLUSTER_LEVELS
    ]


def test_everybody_is_in_the_group_users_and_nobody_owns_what_has_no_owner() -> None:
    assert level_of(Principal("eve"), guarded(Grant("group_name", "users", ATTACH))) == ATTACH
    assert level_of(Principal("eve"), guarded(owner="")) == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann@Example.org", "ann@example.org", True),
        ("Jose\u0301", "José", True),
        ("straße", "strasse", False),
        ("ann", "\u0430nn", False),  # of another alphabet
        ("ann", "ann ", False),
    ],
)
def test_case_and_form_of_a_name_do_not_matter(one: str, other: str, same: bool) -> None:
    assert is_same_name(one, other) is same
    assert (scim_id("User", one) == scim_id("User", other)) is same


def test_last_grant_of_a_principal_wins() -> None:
    old, new = Grant("user_name", "bob", ATTACH), Grant("user_name", "Bob", RESTART)

    assert merge_grants([old], [new, Grant("group_name", "bob", ATTACH)]) == (new, Grant("group_name", "bob", ATTACH))
