"""`/api/2.0/secrets/…` with the unmodified databricks-sdk; values are never revealed elsewhere."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    DatabricksError,
    InvalidParameterValue,
    NotFound,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
)
from databricks.sdk.service.workspace import AclItem, AclPermission, ScopeBackendType
from http_client import fetch
from live import TOKEN, Server

VALUE = "hunter2-of-ada"


@pytest.fixture
def w(server: Server) -> Iterator[WorkspaceClient]:
    """A client of a server without scopes."""
    client = WorkspaceClient(host=server.url, token=TOKEN)
    yield client
    for scope in client.secrets.list_scopes():
        client.secrets.delete_scope(str(scope.name))


@pytest.fixture
def scope(w: WorkspaceClient) -> str:
    """The name of a scope with one secret, `password`."""
    w.secrets.create_scope("jdbc")
    w.secrets.put_secret("jdbc", "password", string_value=VALUE)
    return "jdbc"


def test_scope_goes_through_its_whole_lifecycle(w: WorkspaceClient) -> None:
    w.secrets.create_scope("b", scope_backend_type=ScopeBackendType.DATABRICKS)
    w.secrets.create_scope("A", initial_manage_principal="users")
    listed = [(s.name, s.backend_type) for s in w.secrets.list_scopes()]

    w.secrets.delete_scope("a")

    assert listed == [("A", ScopeBackendType.DATABRICKS), ("b", ScopeBackendType.DATABRICKS)]
    assert [s.name for s in w.secrets.list_scopes()] == ["b"]


@pytest.mark.parametrize("raw", [b"plain", "pässword\n".encode(), bytes(range(256)), b"\0", b"x" * 128 * 1024])
def test_value_is_returned_unchanged(w: WorkspaceClient, scope: str, raw: bytes) -> None:
    w.secrets.put_secret(scope, "k", bytes_value=base64.b64encode(raw).decode())

    assert base64.b64decode(str(w.secrets.get_secret(scope, "k").value)) == raw
    assert w.dbutils.secrets.getBytes(scope, "k") == raw


def test_secret_goes_through_its_whole_lifecycle(w: WorkspaceClient, scope: str) -> None:
    before = int(time.time() * 1000) - 1000
    w.secrets.put_secret(scope, "PASSWORD", string_value="newer")
    w.secrets.put_secret(scope, "user", string_value="ada")

    listed = {s.key: s.last_updated_timestamp for s in w.secrets.list_secrets(scope)}
    value = w.dbutils.secrets.get(scope, "password")
    w.secrets.delete_secret(scope, "User")

    assert list(listed) == ["password", "user"] and all(int(str(t)) > before for t in listed.values())
    assert value == "newer"
    assert [s.key for s in w.dbutils.secrets.list(scope)] == ["password"]
    assert [s.name for s in w.dbutils.secrets.listScopes()] == [scope]


def test_acl_goes_through_its_whole_lifecycle(w: WorkspaceClient, scope: str) -> None:
    for permission in (AclPermission.WRITE, AclPermission.READ):
        w.secrets.put_acl(scope, "team", permission)
    listed, got = list(w.secrets.list_acls(scope)), w.secrets.get_acl(scope, "team")

    w.secrets.delete_acl(scope, "ada")

    assert listed == [AclItem("ada", AclPermission.MANAGE), got]
    assert got == AclItem("team", AclPermission.READ)
    assert list(w.secrets.list_acls(scope)) == [got]


@pytest.mark.parametrize(
    ("verb", "args", "error", "sentence"),
    [
        ("create_scope", ("JDBC",), ResourceAlreadyExists, "Scope JDBC already exists!"),
        ("create_scope", ("a b",), InvalidParameterValue, "scope must have 1 to 128 characters"),
        ("delete_scope", ("none",), ResourceDoesNotExist, "Scope none does not exist!"),
        ("list_secrets", ("none",), ResourceDoesNotExist, "Scope none does not exist!"),
        ("list_acls", ("none",), ResourceDoesNotExist, "Scope none does not exist!"),
        ("get_secret", ("jdbc", "none"), NotFound, "Secret does not exist with scope: jdbc and key: none"),
        ("delete_secret", ("jdbc", "none"), NotFound, "Secret does not exist with scope: jdbc and key: none"),
        ("get_acl", ("jdbc", "bob"), ResourceDoesNotExist, "no ACL for principal bob"),
        ("delete_acl", ("jdbc", "bob"), ResourceDoesNotExist, "no ACL for principal bob"),
    ],
)
def test_error_is_the_sdks_exception_with_our_message(
    w: WorkspaceClient, scope: str, verb: str, args: tuple[str, ...], error: type[DatabricksError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        list(getattr(w.secrets, verb)(*args))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"scope": "s", "initial_manage_principal": "bob"}, "INVALID_PARAMETER_VALUE"),
        ({"scope": "s", "scope_backend_type": "AZURE_KEYVAULT"}, "INVALID_PARAMETER_VALUE"),
        ({}, "INVALID_PARAMETER_VALUE"),
    ],
)
def test_invalid_scope_fails(w: WorkspaceClient, server: Server, body: Any, code: str) -> None:
    assert fetch(server, "POST", "api/2.0/secrets/scopes/create", body).error == (400, code)
    assert list(w.secrets.list_scopes()) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"string_value": {"inner": VALUE}}, "INVALID_PARAMETER_VALUE"),
        ({"string_value": [VALUE]}, "INVALID_PARAMETER_VALUE"),
        ({"string_value": VALUE + "\ud800"}, "INVALID_PARAMETER_VALUE"),
        ({"bytes_value": VALUE}, "INVALID_PARAMETER_VALUE"),
        ({"string_value": VALUE * 10_000}, "INVALID_PARAMETER_VALUE"),
        ({"string_value": VALUE, "bytes_value": "aGk="}, "MALFORMED_REQUEST"),
        ({"string_value": "", "hunter2": VALUE}, "MALFORMED_REQUEST"),
    ],
)
def test_rejected_value_is_not_revealed(server: Server, scope: str, value: Any, code: str) -> None:
    response = fetch(server, "POST", "api/2.0/secrets/put", {"scope": scope, "key": "password"} | value)

    assert response.error == (400, code)
    assert "hunter2" not in response.body["message"]


def test_value_is_in_no_log_and_in_no_file(w: WorkspaceClient, server: Server, scope: str) -> None:
    assert w.dbutils.secrets.get(scope, "password") == VALUE

    files = [server.log, *server.workspace.data.rglob("*")]
    found = [path for path in files if path.is_file() and VALUE.encode() in path.read_bytes()]

    assert len(files) > 2 and found == []


def test_two_values_in_one_request_are_a_bad_request(w: WorkspaceClient, scope: str) -> None:
    with pytest.raises(BadRequest, match="either string_value or bytes_value"):
        w.secrets.put_secret(scope, "k", string_value="a", bytes_value="aGk=")
