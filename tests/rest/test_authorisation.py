"""Every route with every kind of caller and of object, against a table written by hand."""

from __future__ import annotations

import pytest
from http_client import Response, fetch
from live import Server
from serving import LEVELS

from jupyter_dbx.rest.framework.endpoint import Route
from jupyter_dbx.rest.table import ROUTES

pytestmark = pytest.mark.timeout(240)

#: What callers need: a level of clusters or scopes by its strength, or a role.
NEEDS = {
    "anybody": """
        POST 2.0/clusters/create            GET 2.0/clusters/list             GET 2.0/clusters/list-node-types
        GET 2.0/clusters/spark-versions     GET 2.0/clusters/list-zones       GET 2.0/preview/scim/v2/Me
        GET 2.0/preview/scim/v2/Users       GET 2.0/preview/scim/v2/Groups    GET 2.0/preview/scim/v2/ServicePrincipals
        GET 2.0/preview/scim/v2/Users/{resource_id}                           GET 2.0/preview/scim/v2/Groups/{resource_id}
        GET 2.0/preview/scim/v2/ServicePrincipals/{resource_id}               POST 2.0/secrets/scopes/create
        GET 2.0/secrets/scopes/list         GET dbx/clusters                  GET dbx/live
        GET dbx/limits                      GET dbx/workspace                 GET dbx/openapi.json
        GET dbx/changes
    """,
    "cluster 1": """
        GET 2.0/clusters/get                POST 2.0/clusters/events          GET dbx/clusters/{cluster_id}
        POST dbx/clusters/{cluster_id}/events                                 GET dbx/clusters/{cluster_id}/metrics
        GET dbx/clusters/{cluster_id}/jobs              GET dbx/clusters/{cluster_id}/executors
        GET dbx/clusters/{cluster_id}/resources         GET 2.0/permissions/clusters/{cluster_id}/permissionLevels
    """,
    "cluster 2": """
        POST 2.0/clusters/start             POST 2.0/clusters/restart         POST 2.0/clusters/delete
        POST dbx/clusters/{cluster_id}/extend
    """,
    "cluster 3": """
        POST 2.0/clusters/edit              POST 2.0/clusters/update          POST 2.0/clusters/resize
        POST 2.0/clusters/permanent-delete  POST 2.0/clusters/pin             POST 2.0/clusters/unpin
        GET 2.0/permissions/clusters/{cluster_id}                             PUT 2.0/permissions/clusters/{cluster_id}
        PATCH 2.0/permissions/clusters/{cluster_id}     GET dbx/clusters/{cluster_id}/logs
        GET dbx/clusters/{cluster_id}/log               GET dbx/clusters/{cluster_id}/log/download
    """,
    "scope 1": "GET 2.0/secrets/get         GET 2.0/secrets/list",
    "scope 2": "POST 2.0/secrets/put        POST 2.0/secrets/delete",
    "scope 3": """
        POST 2.0/secrets/scopes/delete      POST 2.0/secrets/acls/put         GET 2.0/secrets/acls/get
        GET 2.0/secrets/acls/list           POST 2.0/secrets/acls/delete
    """,
    "kernel": """
        GET dbx/kernels/{kernel_id}         PUT dbx/kernels/{kernel_id}/cluster     GET dbx/kernels/{kernel_id}/cluster
        DELETE dbx/kernels/{kernel_id}/cluster          GET dbx/kernels/{kernel_id}/clusters
        POST dbx/kernels/{kernel_id}/seat
    """,
    "person": """
        POST 2.0/token/create               GET 2.0/token/list                POST 2.0/token/delete
        POST dbx/notebooks/follow           POST dbx/notebooks/forget
    """,
    "admin": """
        POST 2.0/clusters/change-owner      GET 2.0/token-management/tokens   GET 2.0/token-management/tokens/{token_id}
        DELETE 2.0/token-management/tokens/{token_id}                         GET dbx/audit
    """,
}

#: Route → what it needs.
TABLE = {
    f"{method} {path}": need
    for need, routes in NEEDS.items()
    for method, path in zip(*[iter(routes.split())] * 2, strict=True)
}

#: The levels by strength.
CLUSTER = (None, "CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE")
SCOPE = (None, "READ", "WRITE", "MANAGE")


def key_of(route: Route) -> str:
    """Return a route's row in the table; API 2.1 needs what 2.0 does."""
    return f"{route.method} {route.path.replace('2.1/', '2.0/', 1)}"


def call(server: Server, route: Route, token: str, cluster: str, scope: str, kernel: str) -> Response:
    """Send a request to a route about these objects, with which nothing else is wrong before its caller is looked at."""
    names = {"cluster_id": cluster, "kernel_id": kernel, "resource_id": "1", "token_id": "0"}
    path = "api/" + route.path.format(**names)
    scope = "new" if route.path.endswith("scopes/create") else scope
    body = {**names, "scope": scope, "key": "k", "string_value": "v", "principal": "reader", "permission": "READ"}
    body |= {
        "cluster": cluster,
        "path": kernel if "kernel_id" in route.in_path else "log",
        "owner_username": "owner",
        "num_workers": 1,
        "cluster_name": "new",
    }
    if route.method == "GET":
        path += "?" + "&".join(f"{name}={body[name]}" for name in ("cluster_id", "scope", "key", "principal", "path"))
    return fetch(server, route.method, path, None if route.method == "GET" else body, token=token)


def shared(server: Server, name: str) -> tuple[str, str]:
    """Return a new cluster and scope of `owner`, shared as LEVELS tells."""
    made = fetch(server, "POST", "api/2.0/clusters/create", {"cluster_name": name, "num_workers": 1}, token="owner")
    cluster_id = str(made.body["cluster_id"])
    entries = [{"user_name": user, "permission_level": CLUSTER[n]} for user, n in LEVELS.items() if 0 < n < 4]
    entries = [entry for entry in entries if entry["user_name"] not in ("member", "owner", "boss")]
    entries.append({"group_name": "data", "permission_level": "CAN_ATTACH_TO"})
    permissions = f"api/2.0/permissions/clusters/{cluster_id}"
    assert fetch(server, "PUT", permissions, {"access_control_list": entries}, token="owner").status == 200
    assert fetch(server, "POST", "api/2.0/secrets/scopes/create", {"scope": name}, token="owner").status == 200
    for user, level in (("reader", 1), ("data", 1), ("restarter", 2), ("manager", 3)):
        acl = {"scope": name, "principal": user, "permission": SCOPE[level]}
        assert fetch(server, "POST", "api/2.0/secrets/acls/put", acl, token="owner").status == 200
    return cluster_id, name


def is_allowed(need: str, user: str, *, is_kernel: bool, strength: int) -> bool:
    kind, _, wanted = need.partition(" ")
    if kind in ("cluster", "scope"):
        return strength >= int(wanted)
    if kind in ("person", "admin"):
        return not is_kernel and (kind == "person" or user == "boss")
    return True


#: Routes after which the next caller needs new objects.
ENDING = ("POST 2.0/clusters/permanent-delete", "POST 2.0/secrets/scopes/delete", "POST 2.0/secrets/acls/delete")
ENDING += ("PUT 2.0/permissions/clusters/{cluster_id}",)


class Objects:
    """A cluster and a scope of `owner`; new ones for each caller of a route that ends them."""

    def __init__(self, server: Server, whose: str) -> None:
        self._server, self._whose, self._count = server, whose, 0
        self.cluster, self.scope = self._make()

    def _make(self) -> tuple[str, str]:
        self._count += 1
        name = f"{self._whose}-{self._count}"
        if self._whose == "shared":
            return shared(self._server, name)
        made = fetch(
            self._server, "POST", "api/2.0/clusters/create", {"cluster_name": name, "num_workers": 1}, token="owner"
        )
        fetch(self._server, "POST", "api/2.0/secrets/scopes/create", {"scope": name}, token="owner")
        objects = str(made.body["cluster_id"]), name
        if self._whose == "deleted":
            self._delete(*objects)
        return objects

    def _delete(self, cluster: str, scope: str) -> None:
        fetch(self._server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster}, token="owner")
        fetch(self._server, "POST", "api/2.0/secrets/scopes/delete", {"scope": scope}, token="owner")

    def renew(self) -> None:
        self._delete(self.cluster, self.scope)
        self.cluster, self.scope = self._make()


@pytest.fixture(scope="module", params=["shared", "foreign", "deleted"])
def whose(request: pytest.FixtureRequest, team: Server) -> tuple[str, Objects]:
    return request.param, Objects(team, request.param)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_route_answers_those_who_may(
    team: Server, tokens: dict[str, str], whose: tuple[str, Objects], route: Route
) -> None:
    need, (kind, objects) = TABLE[key_of(route)], whose
    for user, level in LEVELS.items():
        strength = level if kind == "shared" or user in ("owner", "boss") else 0
        for is_kernel in (False, True):
            token = tokens[user] if is_kernel else user
            answer = call(team, route, token, objects.cluster, objects.scope, f"{user}-kernel")

            refused, told = answer.error == (403, "PERMISSION_DENIED"), (user, is_kernel, answer.body)
            if kind == "deleted" and need.startswith(("cluster", "scope")):
                assert answer.error[1] in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"), told
            elif route.endpoint.__name__ in (
                "attach",
                "attachment",
                "take_seat",
            ):  # of their own kernel to this cluster
                assert refused is (strength == 0 and kind != "deleted" and answer.status != 404), told
            else:
                assert refused is not is_allowed(need, user, is_kernel=is_kernel, strength=strength), told
            if key_of(route) in ENDING:
                objects.renew()
            if made := answer.body.get("cluster_id") if route.path.endswith("clusters/create") else None:
                fetch(team, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": made}, token=user)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_route_answers_nobody_without_a_valid_token(team: Server, route: Route) -> None:
    made = fetch(team, "POST", "api/2.0/token/create", {"lifetime_seconds": 1}, token="boss").body
    revoked = fetch(team, "POST", "api/2.0/token/create", {}, token="boss").body
    fetch(team, "POST", "api/2.0/token/delete", {"token_id": revoked["token_info"]["token_id"]}, token="boss")
    for token in ("", "unknown", "dapi" + "0" * 32, revoked["token_value"]):
        assert call(team, route, token, "c", "s", "k").error == (403, "PERMISSION_DENIED")
    assert made["token_value"].startswith("dapi")


@pytest.mark.parametrize("route", [route for route in ROUTES if TABLE[key_of(route)] == "kernel"], ids=key_of)
def test_kernel_is_its_own_users(team: Server, tokens: dict[str, str], route: Route) -> None:
    for user in LEVELS:
        for token in (user, tokens[user]):
            answer = call(team, route, token, "c", "s", "owner-kernel")
            is_theirs = user == "owner" or token == "boss"
            assert (answer.error == (403, "PERMISSION_DENIED")) is not is_theirs, (user, answer.body)
