"""Several users of one server: what each sees, tokens, and the audit log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service import iam
from http_client import Response, fetch
from live import Server

CLUSTERS = "api/2.0/clusters"


@pytest.fixture
def cluster(team: Server) -> Iterator[str]:
    """A cluster of `owner` to which the group `data` may attach."""
    made = fetch(team, "POST", f"{CLUSTERS}/create", {"cluster_name": "etl", "num_workers": 1}, token="owner")
    cluster_id = str(made.body["cluster_id"])
    share(team, cluster_id, {"group_name": "data", "permission_level": "CAN_ATTACH_TO"})
    yield cluster_id
    fetch(team, "POST", f"{CLUSTERS}/permanent-delete", {"cluster_id": cluster_id}, token="owner")


def share(team: Server, cluster_id: str, *entries: dict[str, str], token: str = "owner") -> Response:
    return fetch(
        team, "PUT", f"api/2.0/permissions/clusters/{cluster_id}", {"access_control_list": entries}, token=token
    )


def client(team: Server, token: str) -> WorkspaceClient:
    return WorkspaceClient(host=team.url, token=token)


def attach(team: Server, user: str, cluster: str, token: str = "") -> Response:
    return fetch(team, "PUT", f"api/dbx/kernels/{user}-kernel/cluster", {"cluster": cluster}, token=token or user)


@pytest.mark.parametrize(
    ("user", "level"), [("owner", "CAN_MANAGE"), ("boss", "CAN_MANAGE"), ("member", "CAN_ATTACH_TO"), ("reader", "")]
)
def test_lists_have_what_a_user_may_see(team: Server, cluster: str, user: str, level: str) -> None:
    lists = [
        fetch(team, "GET", f"api/{version}/clusters/list", token=user).body["clusters"] for version in ("2.0", "2.1")
    ]
    views = fetch(team, "GET", "api/dbx/clusters", token=user).body["clusters"]
    picker = fetch(team, "GET", f"api/dbx/kernels/{user}-kernel/clusters", token=user).body["clusters"]

    assert [len(found) for found in (*lists, views, picker)] == [bool(level)] * 4
    assert [(view["permission_level"], view["creator_user_name"]) for view in views] == [(level, "owner")] * bool(level)


def test_name_of_another_persons_cluster_is_no_obstacle(team: Server, cluster: str) -> None:
    own = fetch(team, "POST", f"{CLUSTERS}/create", {"cluster_name": "etl", "num_workers": 1}, token="reader").body

    assert attach(team, "reader", "etl").body["cluster_id"] == own["cluster_id"]
    fetch(team, "POST", f"{CLUSTERS}/permanent-delete", own, token="reader")
    assert "Ask its owner owner or an administrator" in attach(team, "reader", "etl").body["message"]


def test_attaching_needs_permission_at_each_request(team: Server, cluster: str) -> None:
    assert attach(team, "member", cluster).status == 200
    seat = "api/dbx/kernels/member-kernel/seat"
    assert fetch(team, "POST", seat, {}, token="member").body["cluster_id"] == cluster

    share(team, cluster)

    assert fetch(team, "POST", seat, {}, token="member").error == (403, "PERMISSION_DENIED")
    assert fetch(team, "GET", "api/dbx/kernels/member-kernel/cluster", token="member").status == 403


@pytest.mark.parametrize(
    ("method", "end"), [("PUT", "/cluster"), ("DELETE", "/cluster"), ("GET", ""), ("POST", "/seat")]
)
def test_path_of_another_persons_notebook_leads_nowhere(team: Server, cluster: str, method: str, end: str) -> None:
    body = {"cluster": cluster, "path": "/home/owner/etl.ipynb"}
    assert fetch(team, "PUT", "api/dbx/kernels/elsewhere/cluster", body, token="owner").status == 200
    path = f"api/dbx/kernels/mine{end}" + (f"?path={body['path']}" if method == "GET" else "")

    answer = fetch(team, method, path, None if method == "GET" else body, token="member")

    assert answer.error == (403, "PERMISSION_DENIED")
    assert "is owner's" in answer.body["message"]


def test_change_of_a_group_counts_at_the_next_request(team: Server, cluster: str) -> None:
    file = team.workspace.data / "people.json"
    people = file.read_text()
    seen = f"{CLUSTERS}/get?cluster_id={cluster}"
    assert fetch(team, "GET", seen, token="reader").status == 403

    file.write_text(json.dumps(json.loads(people) | {"reader": {"groups": ["data"]}}))
    joined = fetch(team, "GET", seen, token="reader").status
    file.write_text(people)

    assert (joined, fetch(team, "GET", seen, token="reader").status) == (200, 403)


@pytest.mark.parametrize("mode", ["SINGLE_USER", "DATA_SECURITY_MODE_DEDICATED"])
def test_dedicated_cluster_is_for_one_user_or_group(team: Server, mode: str) -> None:
    spec = {"cluster_name": mode, "num_workers": 1, "data_security_mode": mode, "single_user_name": "data"}
    made = fetch(team, "POST", f"{CLUSTERS}/create", spec, token="owner").body["cluster_id"]

    assert "dedicated to data" in attach(team, "owner", made).body["message"]
    assert attach(team, "boss", made).error == (403, "PERMISSION_DENIED")
    share(team, made, {"group_name": "data", "permission_level": "CAN_ATTACH_TO"})
    assert attach(team, "member", made).status == 200
    fetch(team, "POST", f"{CLUSTERS}/permanent-delete", {"cluster_id": made}, token="owner")


def test_last_owner_cannot_be_removed(team: Server, cluster: str) -> None:
    found = share(team, cluster, {"user_name": "owner", "permission_level": "CAN_ATTACH_TO"}, token="boss").body

    levels = {e["display_name"]: e["all_permissions"][0]["permission_level"] for e in found["access_control_list"]}
    assert levels == {"owner": "CAN_MANAGE", "admins": "CAN_MANAGE"}


@pytest.mark.parametrize("name", ["OWNER", "Owner"])
def test_spelling_of_a_name_does_not_matter(team: Server, cluster: str, name: str) -> None:
    found = share(team, cluster, {"user_name": name, "permission_level": "CAN_ATTACH_TO"}, token="boss").body

    assert [entry["display_name"] for entry in found["access_control_list"]] == ["owner", "admins"]


def test_sdk_shares_a_cluster(team: Server, cluster: str) -> None:
    w = client(team, "owner")
    entry = iam.AccessControlRequest(user_name="reader", permission_level=iam.PermissionLevel.CAN_RESTART)

    w.permissions.update("clusters", cluster, access_control_list=[entry])

    found = {e.display_name: e for e in w.permissions.get("clusters", cluster).access_control_list or []}
    assert found.keys() == {"owner", "data", "reader", "admins"}
    assert client(team, "reader").clusters.get(cluster).creator_user_name == "owner"
    with pytest.raises(PermissionDenied, match="CAN_MANAGE"):
        client(team, "reader").permissions.get("clusters", cluster)
    nobody = iam.AccessControlRequest(user_name="nobody", permission_level=iam.PermissionLevel.CAN_RESTART)
    with pytest.raises(NotFound, match=r"UserName\(nobody\) does not exist"):
        w.permissions.set("clusters", cluster, access_control_list=[nobody])


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_sdk_creates_uses_and_revokes_a_token(team: Server) -> None:
    made = client(team, "reader").tokens.create(comment="ci", lifetime_seconds=600)
    w = client(team, str(made.token_value))

    assert w.current_user.me().user_name == "reader"
    (listed,) = [token for token in w.tokens.list() if token.token_id == made.token_info.token_id]  # type: ignore[union-attr]
    assert (listed.comment, listed.expiry_time) == ("ci", made.token_info.creation_time + 600_000)  # type: ignore[union-attr,operator]
    w.tokens.delete(str(listed.token_id))
    with pytest.raises(PermissionDenied):
        w.current_user.me()


def test_token_is_stored_as_a_hash_only(team: Server) -> None:
    value = fetch(team, "POST", "api/2.0/token/create", {}, token="reader").body["token_value"]

    assert value.encode() not in (team.workspace.data / "dbx.db").read_bytes()
    assert value[4:] not in json.dumps(fetch(team, "GET", "api/2.0/token/list", token="reader").body)


def test_expired_token_is_refused(team: Server) -> None:
    made = fetch(team, "POST", "api/2.0/token/create", {"lifetime_seconds": 1}, token="reader").body
    me = "api/2.0/preview/scim/v2/Me"
    assert fetch(team, "GET", me, token=made["token_value"]).status == 200

    time.sleep(1.1)

    assert fetch(team, "GET", me, token=made["token_value"]).error == (403, "PERMISSION_DENIED")


def test_tokens_of_others_are_for_administrators(team: Server) -> None:
    made = client(team, "reader").tokens.create().token_info
    assert made is not None
    boss, member = client(team, "boss"), client(team, "member")

    assert made.token_id in [t.token_id for t in boss.token_management.list(created_by_username="reader")]
    assert boss.token_management.get(str(made.token_id)).token_info.created_by_username == "reader"  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        member.tokens.delete(str(made.token_id))
    with pytest.raises(PermissionDenied, match="not an administrator"):
        list(member.token_management.list())
    boss.token_management.delete(str(made.token_id))
    assert made.token_id not in [t.token_id for t in client(team, "reader").tokens.list()]


# -- audit -------------------------------------------------------------------------------------------------------------


def records(team: Server, **wanted: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return list(fetch(team, "GET", f"api/dbx/audit?{query}", token="boss").body["records"])


def test_audit_log_has_changes_refusals_and_read_secrets(team: Server, cluster: str) -> None:
    scope = {"scope": f"s{cluster}"}
    fetch(team, "POST", "api/2.0/secrets/scopes/create", scope, token="owner")
    fetch(team, "POST", "api/2.0/secrets/put", scope | {"key": "k", "string_value": "hunter2"}, token="owner")
    fetch(team, "GET", f"api/2.0/secrets/get?scope={scope['scope']}&key=k", token="owner")
    refused = fetch(team, "POST", f"{CLUSTERS}/start", {"cluster_id": cluster}, token="member")

    read, put = records(team, object=scope["scope"])[:2]
    assert (read["action"], put["action"]) == ("GET 2.0/secrets/get", "POST 2.0/secrets/put")
    assert (put["user_name"], put["outcome"], put["source"]) == ("owner", "OK", "127.0.0.1")
    last = records(team, user_name="MEMBER", action="start", page_size=1)[0]
    assert (last["object"], last["status"], last["outcome"]) == (f"cluster {cluster}", 403, "PERMISSION_DENIED")
    assert last["request_id"] == refused.headers["x-request-id"]
    assert "hunter2" not in (team.workspace.data / "audit").glob("*.jsonl").__next__().read_text()


def test_audit_log_is_read_in_pages(team: Server, cluster: str) -> None:
    for _ in range(5):
        fetch(team, "POST", f"{CLUSTERS}/pin", {"cluster_id": cluster}, token="owner")
    seen, token = [], ""
    while True:
        page = fetch(team, "GET", f"api/dbx/audit?object={cluster}&page_size=2&page_token={token}", token="boss").body
        seen += [record["request_id"] for record in page["records"]]
        fetch(team, "POST", f"{CLUSTERS}/unpin", {"cluster_id": cluster}, token="owner")
        if not (token := page.get("next_page_token", "")):
            break

    assert len(seen) == len(set(seen)) == 7  # created, shared, pinned five times


def test_request_fails_if_it_cannot_be_recorded(team: Server, cluster: str) -> None:
    folder = team.workspace.data / "audit"
    folder.rename(folder.with_name("away"))
    folder.write_text("not a folder")

    answer = fetch(team, "POST", f"{CLUSTERS}/pin", {"cluster_id": cluster}, token="owner")
    folder.unlink()
    folder.with_name("away").rename(folder)

    assert answer.error == (503, "TEMPORARILY_UNAVAILABLE")
    assert "audit log" in answer.body["message"] and answer.reason == "AUDIT_UNAVAILABLE"
