"""The store's contract for secrets, on every database."""

from __future__ import annotations

import asyncio

import pytest
from samples import NOW

from jupyter_dbx.model.errors import Conflict, ResourceLimitExceeded
from jupyter_dbx.model.secret import SecretAcl, SecretMetadata, SecretScope
from jupyter_dbx.store import Store

#: Sealed values can be any bytes.
SEALED = bytes(range(256))


@pytest.fixture
async def scope(store: Store) -> SecretScope:
    """A saved scope."""
    return await store.scopes.save(SecretScope("s", "S", (SecretAcl("ada", "MANAGE"),)))


async def put(store: Store, key: str, sealed: bytes = SEALED, *, at: int = NOW, limit: int = 10) -> None:
    await store.vault.put("s", SecretMetadata(key, at), sealed, limit=limit)


async def test_scope_is_read_by_another_server_as_it_was_saved(store: Store, other: Store, scope: SecretScope) -> None:
    assert await other.scopes.get("s") == scope == SecretScope("s", "S", (SecretAcl("ada", "MANAGE"),), version=1)
    assert await other.scopes.list() == [scope]


async def test_sealed_value_is_stored_byte_for_byte(store: Store, other: Store, scope: SecretScope) -> None:
    await put(store, "k")

    assert await other.vault.get("s", "k") == SEALED
    assert await other.vault.get("s", "x") is None and await other.vault.get("x", "k") is None


async def test_largest_value_is_stored(store: Store, scope: SecretScope) -> None:
    large = SEALED * 520

    await put(store, "k", large)

    assert await store.vault.get("s", "k") == large


async def test_secrets_are_listed_by_key_with_the_time_of_their_last_value(store: Store, scope: SecretScope) -> None:
    for key, at in (("b", NOW), ("A", NOW + 1), ("B", NOW + 2), ("_", NOW + 3)):
        await put(store, key, at=at)

    assert await store.vault.list("s") == [
        SecretMetadata("_", NOW + 3),
        SecretMetadata("A", NOW + 1),
        SecretMetadata("b", NOW + 2),
    ]
    assert await store.vault.list("x") == []


async def test_secret_is_deleted_once(store: Store, scope: SecretScope) -> None:
    await put(store, "k")

    assert [await store.vault.delete("s", "k") for _ in range(2)] == [True, False]
    assert await store.vault.list("s") == []


async def test_full_scope_accepts_new_values_only_for_existing_keys(
    store: Store, other: Store, scope: SecretScope
) -> None:
    writes = [put(s, str(n), limit=3) for n in range(4) for s in (store, other)]
    results = await asyncio.gather(*writes, return_exceptions=True)

    refused = [r for r in results if r is not None]
    assert len(await store.vault.list("s")) == 3
    assert len(refused) == 2 and all(isinstance(r, ResourceLimitExceeded) for r in refused)


async def test_no_secret_outlives_its_scope(store: Store, other: Store, scope: SecretScope) -> None:
    await put(store, "k")

    await other.vault.forget(scope)

    assert await store.scopes.list() == [] and await store.vault.list("s") == []
    with pytest.raises(Conflict):
        await put(store, "k")
    assert await store.vault.get("s", "k") is None


async def test_scope_that_was_changed_meanwhile_is_not_deleted(store: Store, scope: SecretScope) -> None:
    await put(store, "k")
    await store.scopes.save(scope)

    with pytest.raises(Conflict):
        await store.vault.forget(scope)

    assert await store.vault.get("s", "k") == SEALED
