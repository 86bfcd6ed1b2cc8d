"""`jupyter dbx tokens` and `permissions`, as processes against a server with simulated clusters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from commanding import Shell, running
from http_client import fetch
from live import Server

from jupyter_dbx.cli.exits import Exit, exit_code
from jupyter_dbx.client.transport import RequestFailed


@pytest.fixture
def cluster(server: Server) -> str:
    """A cluster of `ada`, who is the server's user; `team` is a known group, and `bob` its member."""
    return str(running(server, cluster_name="etl"))


def levels(server: Server, cluster: str) -> dict[str, str]:
    """Return the names of who may use a cluster → level."""
    entries: list[dict[str, Any]] = fetch(server, "GET", f"api/2.0/permissions/clusters/{cluster}").body[
        "access_control_list"
    ]
    return {e["display_name"]: e["all_permissions"][0]["permission_level"] for e in entries}


def test_token_is_created_used_and_revoked(server: Server, shell: Shell) -> None:
    value = shell.run("tokens", "create", "--comment", "ci", "--days", "2").ok().strip()

    theirs = shell.with_variables(DATABRICKS_TOKEN=value)
    (token,) = json.loads(theirs.run("tokens", "list", "-o", "json").ok())["token_infos"]
    assert (token["comment"], token["expiry_time"] - token["creation_time"]) == ("ci", 2 * 86_400_000)
    heading, row = shell.run("tokens", "list").ok().splitlines()
    assert heading.split()[0] == "COMMENT" and row.startswith("ci ") and row.endswith(token["token_id"])
    assert token["token_id"] in shell.run("tokens", "revoke", token["token_id"]).ok()
    assert theirs.run("tokens", "list").code == Exit.NO_SERVER
    assert "No tokens yet" in shell.run("tokens", "list").stderr


def test_lifetime_is_a_number_of_days(shell: Shell) -> None:
    done = shell.run("tokens", "create", "--days", "0")

    assert (done.code, done.stdout) == (Exit.USAGE, "") and "number of days" in done.stderr


def test_permissions_are_shown_granted_and_revoked(server: Server, shell: Shell, cluster: str) -> None:
    granted = shell.run(
        "permissions", "etl", "--grant", "group:team", "can_restart", "--grant", "bob", "CAN_ATTACH_TO"
    ).ok()

    assert levels(server, cluster) == {
        "ada": "CAN_MANAGE",
        "team": "CAN_RESTART",
        "bob": "CAN_ATTACH_TO",
        "admins": "CAN_MANAGE",
    }
    assert [line.split()[:2] for line in granted.splitlines()] == [
        ["LEVEL", "WHO"],
        ["CAN_MANAGE", "ada"],
        ["CAN_RESTART", "team"],
        ["CAN_ATTACH_TO", "bob"],
        ["CAN_MANAGE", "admins"],
    ]
    shell.run("permissions", "etl", "--revoke", "group:TEAM").ok()
    assert levels(server, cluster).keys() == {"ada", "bob", "admins"}


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--grant", "bob", "CAN_FLY"), Exit.USAGE, "LEVEL must be one of"),
        (("--revoke", "eve"), Exit.USAGE, "has no permission that can be revoked"),
        (("--grant", "nobody", "CAN_RESTART"), Exit.FAILED, "UserName(nobody) does not exist"),
    ],
)
def test_refusal_is_one_sentence(
    server: Server, shell: Shell, cluster: str, options: tuple[str, ...], code: Exit, message: str
) -> None:
    done = shell.run("permissions", "etl", *options)

    assert (done.code, done.stdout) == (code, "") and message in done.stderr
    assert levels(server, cluster).keys() == {"ada", "admins"}


def test_list_names_the_owner_of_somebody_elses_cluster(shell: Shell, answer: Any) -> None:
    cluster = {"cluster_id": "1", "cluster_name": "etl", "creator_user_name": "ann", "state": "RUNNING"}
    canned = answer(body={"clusters": [cluster], "revision": 1, "user_name": "bob", "autotermination_minutes": {}})
    theirs = shell.with_variables(DATABRICKS_HOST=canned.url)

    assert "etl (owner: ann)" in theirs.clusters("list").ok()


def test_missing_permission_is_no_missing_server() -> None:
    assert exit_code(RequestFailed("Ask ann.", "PERMISSION_DENIED", 403)) is Exit.FAILED
