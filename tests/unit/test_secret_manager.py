"""SecretManager: encryption with the workspace's key, names, limits and ACLs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_dbx.managers import secrets as secret_manager
from jupyter_dbx.managers.sealing import Seal, WrongSeal
from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.model.errors import (
    DbxError,
    InvalidParameterValue,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    ResourceLimitExceeded,
)
from jupyter_dbx.model.secret import MAX_BYTES, SecretAcl, SecretMetadata
from jupyter_dbx.store import Store

KEY = b"workspace key"
VALUE = b"hunter2-of-ada"


@pytest.fixture
def secrets(store: Store) -> SecretManager:
    return SecretManager(store, KEY)


def bytes_in(folder: Path) -> bytes:
    """Return the content of all files of a database."""
    return b"".join(path.read_bytes() for path in folder.glob("dbx.db*"))


async def test_value_is_the_last_one_stored(secrets: SecretManager, store: Store) -> None:
    await secrets.create_scope("Jdbc", manager="ada")
    await secrets.put("jdbc", "Password", b"old")

    await secrets.put("JDBC", "PASSWORD", VALUE)

    assert await secrets.get("jdbc", "password") == VALUE
    # The first spelling is kept.
    assert await secrets.secrets("jdbc") == [SecretMetadata("Password", store.now_ms())]
    assert [scope.name for scope in await secrets.scopes()] == ["Jdbc"]


async def test_no_value_is_stored_in_plain_text(secrets: SecretManager, tmp_path: Path) -> None:
    await secrets.create_scope("jdbc", manager="ada")
    await secrets.put("jdbc", "password", VALUE)

    files = bytes_in(tmp_path)

    assert b"password" in files and VALUE not in files


async def test_value_of_another_workspace_is_distinguished_from_a_missing_one(
    secrets: SecretManager, store: Store
) -> None:
    await secrets.create_scope("jdbc", manager="ada")
    await secrets.put("jdbc", "password", VALUE)

    with pytest.raises(DbxError, match=r"restore the old workspace\.key"):
        await SecretManager(store, b"another key").get("jdbc", "password")


@pytest.mark.parametrize("secret_id", [("s", "other"), ("other", "k")])
def test_value_moved_to_another_secret_cannot_be_decrypted(secret_id: tuple[str, str]) -> None:
    seal = Seal(KEY)
    closed = seal.close(VALUE, "s", "k")

    assert seal.open(closed, "s", "k") == VALUE
    with pytest.raises(WrongSeal):
        seal.open(closed, *secret_id)


@pytest.mark.parametrize(
    "damage", [lambda s: s[:-1], lambda s: s[:5], lambda s: b"", lambda s: s[:-1] + bytes([s[-1] ^ 1])]
)
def test_modified_value_cannot_be_decrypted(damage: Callable[[bytes], bytes]) -> None:
    seal = Seal(KEY)

    with pytest.raises(WrongSeal):
        seal.open(damage(seal.close(VALUE, "s", "k")), "s", "k")


def test_same_value_is_encrypted_differently_each_time() -> None:
    assert Seal(KEY).close(VALUE, "s", "k") != Seal(KEY).close(VALUE, "s", "k")


@pytest.mark.parametrize("name", ["", "a b", "ü", "a/b", "a" * 129, "a\n"])
async def test_invalid_name_fails(secrets: SecretManager, name: str) -> None:
    await secrets.create_scope("s", manager="ada")

    with pytest.raises(InvalidParameterValue, match="scope must have 1 to 128 characters"):
        await secrets.create_scope(name, manager="ada")
    with pytest.raises(InvalidParameterValue, match="key must have 1 to 128 characters"):
        await secrets.put("s", name, VALUE)


async def test_limits_are_those_of_databricks(secrets: SecretManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_manager, "MAX_SCOPES", 1)
    monkeypatch.setattr(secret_manager, "MAX_SECRETS", 1)
    await secrets.create_scope("s", manager="ada")
    await secrets.put("s", "k" * 128, b"x" * MAX_BYTES)

    with pytest.raises(InvalidParameterValue, match=f"at most {MAX_BYTES} bytes, not {MAX_BYTES + 1}"):
        await secrets.put("s", "k" * 128, b"x" * (MAX_BYTES + 1))
    with pytest.raises(ResourceLimitExceeded, match="at most 1 secrets"):
        await secrets.put("s", "other", VALUE)
    with pytest.raises(ResourceLimitExceeded, match="At most 1 scopes"):
        await secrets.create_scope("t", manager="ada")
    with pytest.raises(ResourceAlreadyExists, match="Scope S already exists!"):
        await secrets.create_scope("S", manager="ada")
    await secrets.put("s", "k" * 128, VALUE)  # replaces another


async def test_scope_is_deleted_with_its_secrets(secrets: SecretManager) -> None:
    for scope in ("a", "b"):
        await secrets.create_scope(scope, manager="ada")
        await secrets.put(scope, "k", scope.encode())

    await secrets.delete_scope("A")
    await secrets.create_scope("a", manager="ada")

    assert await secrets.secrets("a") == []
    assert await secrets.get("b", "k") == b"b"


async def test_missing_resource_is_named(secrets: SecretManager) -> None:
    await secrets.create_scope("s", manager="ada")

    for verb in (secrets.get, secrets.delete):
        with pytest.raises(ResourceDoesNotExist, match="Secret does not exist with scope: s and key: k"):
            await verb("s", "k")
        with pytest.raises(ResourceDoesNotExist, match="Scope t does not exist!"):
            await verb("t", "k")
    with pytest.raises(ResourceDoesNotExist, match="Scope t does not exist!"):
        await secrets.put("t", "k", VALUE)
    with pytest.raises(ResourceDoesNotExist, match="Scope t does not exist!"):
        await secrets.delete_scope("t")


async def test_last_permission_of_a_principal_wins(secrets: SecretManager) -> None:
    await secrets.create_scope("s", manager="ada")
    for permission in ("READ", "WRITE"):
        await secrets.put_acl("s", SecretAcl("team", permission))

    before = await secrets.acls("s")
    await secrets.delete_acl("s", "ada")

    assert before == (SecretAcl("ada", "MANAGE"), SecretAcl("team", "WRITE"))
    assert await secrets.acls("s") == (await secrets.acl("s", "team"),)
    with pytest.raises(ResourceDoesNotExist, match="no ACL for principal ada"):
        await secrets.delete_acl("s", "ada")
