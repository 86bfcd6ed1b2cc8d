"""LogManager: tails, reads from an offset, and whole characters only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.logs import LARGEST_PIECE, LogManager, Piece, _piece, role_of
from jupyter_dbx.model.errors import ClusterDoesNotExist, ResourceDoesNotExist
from jupyter_dbx.model.node import LogFile, Role
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.store import Store

LOG = LogFile("n1/driver/stderr", 0, 0, live=True)


class LogBackend(MemoryBackend):
    """Has one log, which a test can truncate or remove after it was listed."""

    content = b""
    #: content when it is read; None = unchanged
    now: bytes | None = None

    async def list_logs(self, cluster_id: str) -> list[LogFile]:
        return [replace(LOG, size=len(self.content))]

    async def read_log(self, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
        assert path == LOG.path and start >= 0 and 0 < length <= LARGEST_PIECE
        content = self.content if self.now is None else self.now
        return content[start:][:length]


@pytest.fixture
def backend() -> LogBackend:
    return LogBackend()


@pytest.fixture
def manager(store: Store, backend: LogBackend) -> LogManager:
    return LogManager(ClusterManager(store, backend, lambda *_: None), backend)


@pytest.fixture
async def cluster_id(store: Store, backend: LogBackend) -> str:
    spec = ClusterSpec(node_type_id="memory-1c", num_workers=1)
    return (await ClusterManager(store, backend, lambda *_: None).create(spec, user="ada")).cluster_id


@pytest.mark.parametrize(
    ("content", "lines", "text"),
    [
        (b"a\nb\nc\n", 2, "b\nc\n"),
        (b"a\nb\nc", 2, "b\nc"),
        (b"a\nb\nc\n", 3, "a\nb\nc\n"),
        (b"a\nb\nc\n", 200, "a\nb\nc\n"),
        (b"a\n\n\n", 2, "\n\n"),
        (b"a\nb\n", 0, ""),
        (b"", 5, ""),
    ],
)
async def test_tail_is_the_last_lines(
    manager: LogManager, backend: LogBackend, cluster_id: str, content: bytes, lines: int, text: str
) -> None:
    backend.content = content

    piece = await manager.tail(cluster_id, LOG.path, lines=lines)

    assert piece == Piece(text, len(content) - len(text), len(content), len(content))


async def test_tail_of_a_long_log_reads_further_back_until_it_has_the_lines(
    manager: LogManager, backend: LogBackend, cluster_id: str
) -> None:
    line = b"x" * 1023 + b"\n"
    backend.content = line * 2000

    piece = await manager.tail(cluster_id, LOG.path, lines=500)

    assert piece.text == (line * 500).decode()
    assert (piece.offset, piece.next_offset) == (1500 * 1024, 2000 * 1024)


async def test_tail_is_never_longer_than_the_limit(manager: LogManager, backend: LogBackend, cluster_id: str) -> None:
    backend.content = b"x" * 3_000_000

    whole, short = [await manager.tail(cluster_id, LOG.path, lines=10, **limit) for limit in ({}, {"limit": 100})]

    assert (len(whole.text), whole.next_offset) == (LARGEST_PIECE, 3_000_000)
    assert (len(short.text), short.next_offset) == (100, 3_000_000)


async def test_log_is_followed_from_where_the_last_piece_ended(
    manager: LogManager, backend: LogBackend, cluster_id: str
) -> None:
    backend.content = b"one\n"
    first = await manager.tail(cluster_id, LOG.path, lines=10)
    nothing = await manager.read(cluster_id, LOG.path, offset=first.next_offset)
    backend.content += b"two\n"

    second = await manager.read(cluster_id, LOG.path, offset=nothing.next_offset)

    assert (nothing.text, second.text) == ("", "two\n")
    assert (second.offset, second.next_offset, second.size) == (4, 8, 8)


async def test_truncated_log_is_read_from_its_new_start(
    manager: LogManager, backend: LogBackend, cluster_id: str
) -> None:
    backend.content = b"new\n"

    piece = await manager.read(cluster_id, LOG.path, offset=1000)

    assert piece == Piece("new\n", 0, 4, 4)


@given(st.text(), st.integers(1, 7))
def test_pieces_of_any_size_make_up_the_text(text: str, size: int) -> None:
    raw = text.encode()
    text_so_far, offset = "", 0

    while offset < len(raw):
        piece = _piece(raw[offset:][: size + 3], offset, len(raw))
        assert piece.next_offset > piece.offset == offset
        text_so_far, offset = text_so_far + piece.text, piece.next_offset

    assert text_so_far == text


@given(st.binary(min_size=1))
def test_bytes_that_are_not_text_are_skipped(raw: bytes) -> None:
    offset = 0

    while offset < len(raw):
        piece = _piece(raw[offset:], offset, len(raw))
        assert piece.next_offset > offset
        offset = piece.next_offset

    assert offset == len(raw)


async def test_download_is_the_whole_log_at_the_time_of_the_request(
    manager: LogManager, backend: LogBackend, cluster_id: str
) -> None:
    backend.content = b"x" * (LARGEST_PIECE + 5)
    backend.now = backend.content + b"later"

    pieces = [piece async for piece in manager.pieces(cluster_id, LOG.path)]

    assert [len(piece) for piece in pieces] == [LARGEST_PIECE, 5]


async def test_download_ends_if_the_log_is_truncated_meanwhile(
    manager: LogManager, backend: LogBackend, cluster_id: str
) -> None:
    backend.content, backend.now = b"x" * (LARGEST_PIECE + 5), b"x" * 10

    pieces = [piece async for piece in manager.pieces(cluster_id, LOG.path)]

    assert pieces == [b"x" * 10]


@pytest.mark.parametrize(
    "path", ["", "n1/driver/stdout", "../n1/driver/stderr", "n1/driver/../driver/stderr", "/etc/passwd"]
)
async def test_only_listed_paths_can_be_read(manager: LogManager, cluster_id: str, path: str) -> None:
    for verb in (
        manager.tail(cluster_id, path, lines=1),
        manager.read(cluster_id, path, offset=0),
        anext(manager.pieces(cluster_id, path)),
    ):
        with pytest.raises(ResourceDoesNotExist, match="List its logs"):
            await verb


async def test_logs_of_an_unknown_cluster_fail(manager: LogManager) -> None:
    with pytest.raises(ClusterDoesNotExist):
        await manager.list("1234-567890-none")
    with pytest.raises(ClusterDoesNotExist):
        await manager.read("1234-567890-none", LOG.path, offset=0)


@pytest.mark.parametrize(("path", "role"), [("n1/driver/log", Role.DRIVER), ("n1/worker/app/0/stderr", Role.WORKER)])
def test_role_is_that_of_the_daemon(path: str, role: Role) -> None:
    assert role_of(replace(LOG, path=path)) is role
