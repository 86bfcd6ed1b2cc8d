"""A file that is locked, full, unwritable or damaged: each fault is explained and recovers."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from samples import CLUSTER, NOW, sample_cluster

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.store import Store, database

#: An unprivileged user, for tests that run as root.
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
async def make_store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[Path], Store]]:
    """Creates stores in a folder, not yet open, with short lock timeouts."""
    monkeypatch.setattr(database, "STATEMENT_S", 0.1)
    stores: list[Store] = []

    def make(folder: Path) -> Store:
        stores.append(Store(f"sqlite:///{folder}/dbx.db"))
        return stores[-1]

    yield make
    for store in stores:
        await store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dbx.db"


@pytest.fixture
def store(file: Path, make_store: Callable[[Path], Store]) -> Store:
    return make_store(file.parent)


def event() -> Event:
    return Event(CLUSTER, NOW, EventType.RESIZING)


async def begin(store: Store) -> Cluster:
    """Return a cluster that was saved before the fault."""
    await store.open()
    return await store.clusters.save(sample_cluster())


async def refusal(store: Store, cluster: Cluster) -> str:
    """Return the error message of a failed change."""
    with pytest.raises(StoreUnavailable) as refused:
        await store.clusters.save(replace(cluster, num_workers=9), event())
    assert (refused.value.status, refused.value.error_code) == (503, "TEMPORARILY_UNAVAILABLE")
    return refused.value.message


async def check_unchanged(store: Store, cluster: Cluster) -> None:
    """Assert that nothing was written, and that the next change succeeds."""
    assert await store.clusters.list() == [cluster]
    assert await store.events(CLUSTER) == ([], 0)
    await store.clusters.save(replace(cluster, num_workers=9), event())
    assert (await store.events(CLUSTER))[1] == 1


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the write lock, as another process during a transaction."""
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.close()


async def test_a_locked_file_is_readable_and_becomes_writable_once_it_is_free(store: Store, file: Path) -> None:
    cluster = await begin(store)

    with locked(file):
        message = await refusal(store, cluster)
        read = await store.clusters.list()

    assert message == (
        f"Another process has locked the store {file}. Wait for it or stop it (`fuser {file}` shows it), "
        "then repeat the request."
    )
    assert read == [cluster]
    await check_unchanged(store, cluster)


async def test_a_locked_file_is_opened_once_it_is_free(store: Store, file: Path) -> None:
    with locked(file), pytest.raises(StoreUnavailable, match=f"has locked the store {file}"):
        await store.open()

    assert await store.clusters.list() == []


async def test_queued_calls_time_out_and_are_not_executed_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = await begin(store)
    monkeypatch.setattr(database, "CALL_S", 0.2)
    slow = asyncio.create_task(store.run(lambda _: time.sleep(0.5)))
    await asyncio.sleep(0)

    message = await refusal(store, cluster)
    with pytest.raises(StoreUnavailable):
        await slow
    monkeypatch.undo()

    assert "No response from the store" in message
    await check_unchanged(store, cluster)


async def test_a_timed_out_change_is_rolled_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = await begin(store)
    monkeypatch.setattr(database, "CALL_S", 0.1)

    with pytest.raises(StoreUnavailable, match="No response"):
        await store.run(lambda c: (c.exec_driver_sql("DELETE FROM documents"), time.sleep(0.3)), changes=True)
    monkeypatch.undo()

    await check_unchanged(store, cluster)


# A full disk is a small file system.


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True, timeout=30)
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=30)


@pytest.mark.parametrize("left", [0, 4096, 32768], ids=["full", "one page free", "eight pages free"])
async def test_a_full_disk_is_reported_and_recovers(disk: Path, make_store: Callable[[Path], Store], left: int) -> None:
    store = make_store(disk)
    cluster = await begin(store)
    rubbish = fill(disk, left)

    message = await refusal(store, replace(cluster, state_message="x" * 100_000))
    os.unlink(rubbish)

    assert message == f"No disk space is left for the store {disk}/dbx.db. Free some space, then repeat the request."
    await check_unchanged(store, cluster)


async def test_a_store_is_opened_once_its_disk_has_space(disk: Path, make_store: Callable[[Path], Store]) -> None:
    store, rubbish = make_store(disk), fill(disk, 0)

    with pytest.raises(StoreUnavailable, match="No disk space is left"):
        await store.open()
    os.unlink(rubbish)

    assert await store.clusters.list() == []


def fill(disk: Path, left: int) -> Path:
    """Fill a disk except for `left` bytes; return the filling file."""
    path = disk / "rubbish"
    with pytest.raises(OSError, match="No space left"), path.open("wb", buffering=0) as rubbish:
        while True:
            rubbish.write(bytes(4096))
    os.truncate(path, path.stat().st_size - left)
    return path


# Root can write everything, so these tests temporarily switch to another user.


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of an unprivileged user."""
    folder = Path(tempfile.mkdtemp(prefix="dbx-home-"))
    if os.getuid() == 0:
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def its_user() -> Iterator[None]:
    """Switch all threads to the user of `home`."""
    if os.getuid() == 0:
        os.seteuid(NOBODY.pw_uid)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


def allow(folder: Path, files: int, itself: int) -> None:
    """Set the modes of a folder and of the files in it."""
    for path in folder.iterdir():
        path.chmod(files)
    folder.chmod(itself)


@pytest.mark.parametrize("existed", [False, True])
async def test_only_its_owner_can_read_a_database(
    existed: bool, tmp_path: Path, make_store: Callable[[Path], Store]
) -> None:
    if existed:
        (tmp_path / "dbx.db").touch(0o644)

    await make_store(tmp_path).open()

    files = ("dbx.db", "dbx.db-shm", "dbx.db-wal")
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in files] == ["0o600"] * 3


@pytest.mark.parametrize(("files", "itself"), [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)], ids=oct)
async def test_a_missing_write_permission_is_reported_and_recovers(
    make_store: Callable[[Path], Store], home: Path, files: int, itself: int
) -> None:
    first, store = make_store(home), make_store(home)
    with its_user():
        cluster = await begin(first)
        await first.close()
    allow(home, files, itself)

    with its_user(), pytest.raises(StoreUnavailable) as refused:
        await store.open()
        await store.clusters.save(cluster, event())
    allow(home, 0o600, 0o700)

    assert refused.value.message.startswith(f"Cannot write to the store {home}/dbx.db: ")
    assert f"Give this user write access to the file and its folder {home}" in refused.value.message
    with its_user():
        await check_unchanged(store, cluster)


async def test_a_missing_folder_is_reported_and_recovers(make_store: Callable[[Path], Store], tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    store = make_store(missing)

    with pytest.raises(StoreUnavailable, match=f"folder {missing}, which must exist"):
        await store.open()
    os.mkdir(missing)

    assert await store.clusters.list() == []


def damage(file: Path, how: str) -> bytes:
    """Damage a file; return its content."""
    whole = file.read_bytes()
    spoilt = {
        "text": b"This is no store. " * 99,
        "cut": whole[: len(whole) // 2],
        "overwritten": whole[:100] + bytes(9000) + whole[9100:],
    }
    file.write_bytes(spoilt[how])
    return whole


def restore(file: Path, content: bytes) -> None:
    """Restore a file and remove its companions."""
    for path in file.parent.glob("dbx.db*"):
        path.unlink()
    file.write_bytes(content)


@pytest.mark.parametrize("how", ["text", "cut", "overwritten"])
async def test_a_damaged_file_is_reported_and_a_restored_copy_is_used(store: Store, file: Path, how: str) -> None:
    first = Store(f"sqlite:///{file}")
    cluster = await begin(first)
    await first.close()
    whole = damage(file, how)

    with pytest.raises(StoreUnavailable) as refused:
        await store.open()
        await store.clusters.list()
        await store.clusters.save(cluster, event())
    restore(file, whole)

    assert refused.value.message.startswith(f"Cannot read the store {file}: ")
    assert "Restore an intact copy, or move the file away" in refused.value.message
    await check_unchanged(store, cluster)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "the store's URL, which is invalid"),
        ("mysql://ada:secret@db/dbx", r"the store mysql://ada:\*\*\*@db/dbx, which is neither SQLite nor PostgreSQL"),
    ],
)
async def test_an_invalid_store_url_is_reported_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreUnavailable, match=f"Cannot use {message}. Set DbxApp.store_url to ") as refused:
        await Store(url).open()

    assert "secret" not in refused.value.message
