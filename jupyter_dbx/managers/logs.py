"""Operations on logs: list, tail, read from an offset, download."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.errors import Reason, ResourceDoesNotExist
from jupyter_dbx.model.node import LogFile, Role

#: Default number of lines that a tail returns.
TAIL_LINES = 200

#: Maximum size of one read, bytes.
LARGEST_PIECE = 1024 * 1024

#: Size of the first read for the last lines, bytes; a log line typically has 100 to 200 bytes.
_FIRST_READ = 64 * 1024


@dataclass(frozen=True)
class Piece:
    """A part of a log, in whole characters."""

    text: str
    #: where this part begins, and where the next one does, bytes
    offset: int
    next_offset: int
    #: size of the log, bytes
    size: int


class LogManager:
    """Reads the logs of clusters. Only logs that `list` returns can be read."""

    def __init__(self, clusters: ClusterManager, backend: Backend) -> None:
        self._clusters, self._backend = clusters, backend

    async def list(self, cluster_id: str) -> list[LogFile]:
        """Return a cluster's logs, newest first; logs of released nodes are kept for a while.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id
        """
        cluster = await self._clusters.get(cluster_id)
        return await self._backend.list_logs(cluster.cluster_id)

    async def tail(self, cluster_id: str, path: str, *, lines: int, limit: int = LARGEST_PIECE) -> Piece:
        """Return the last `lines` lines of a log, at most `limit` bytes.

        Raises
        ------
        ClusterDoesNotExist, ResourceDoesNotExist : there is no such cluster or log
        """
        log = await self._find(cluster_id, path)
        length = min(limit, _FIRST_READ)
        while True:
            start = max(0, log.size - length)
            raw = await self._backend.read_log(cluster_id, log.path, start=start, length=length)
            begin = _start_of_lines(raw, lines)
            if begin or start == 0 or length >= limit:
                return _piece(raw[begin:], start + begin, log.size)
            length = min(limit, 4 * length)

    async def read(self, cluster_id: str, path: str, *, offset: int, limit: int = LARGEST_PIECE) -> Piece:
        """Return up to `limit` bytes of a log from byte `offset` on; from 0 if the log is shorter, as it was truncated.

        Raises
        ------
        ClusterDoesNotExist, ResourceDoesNotExist : there is no such cluster or log
        """
        log = await self._find(cluster_id, path)
        start = offset if offset <= log.size else 0
        raw = await self._backend.read_log(cluster_id, log.path, start=start, length=limit)
        return _piece(raw, start, log.size)

    async def pieces(self, cluster_id: str, path: str) -> AsyncIterator[bytes]:
        """Yield the current content of a log in pieces.

        Raises
        ------
        ClusterDoesNotExist, ResourceDoesNotExist : there is no such cluster or log
        """
        log = await self._find(cluster_id, path)
        start = 0
        while start < log.size:
            length = min(LARGEST_PIECE, log.size - start)
            try:
                raw = await self._backend.read_log(cluster_id, log.path, start=start, length=length)
            except ResourceDoesNotExist:
                if start == 0:
                    raise
                return  # removed while it was read
            if not raw:
                return
            yield raw
            start += len(raw)

    async def _find(self, cluster_id: str, path: str) -> LogFile:
        for log in await self.list(cluster_id):
            if log.path == path:
                return log
        raise ResourceDoesNotExist(
            f"Cluster {cluster_id} has no log {path!r}. List its logs to see which exist.",
            reason=Reason.LOG_DOES_NOT_EXIST,
        )


def role_of(log: LogFile) -> Role:
    """Return the role of the node that wrote a log."""
    return Role.DRIVER if log.path.split("/")[1] == Role.DRIVER else Role.WORKER


def _start_of_lines(raw: bytes, lines: int) -> int:
    """Return where the last `lines` lines begin, or 0 if there are no more lines than that."""
    if lines == 0:
        return len(raw)
    begin = len(raw) - raw.endswith(b"\n")
    for _ in range(lines):
        begin = raw.rfind(b"\n", 0, begin)
        if begin < 0:
            return 0
    return begin + 1


def _piece(raw: bytes, offset: int, size: int) -> Piece:
    # An incomplete character at the end belongs to the next piece.
    whole = raw[: len(raw) - _incomplete(raw)] or raw
    end = offset + len(whole)
    return Piece(whole.decode(errors="replace"), offset, end, max(size, end))


def _incomplete(raw: bytes) -> int:
    """Return the number of bytes at the end that belong to an incomplete UTF-8 character."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte & 0b1100_0000 == 0b1000_0000:  # a continuation byte
            continue
        length = 4 if byte >= 0b1111_0000 else 3 if byte >= 0b1110_0000 else 2 if byte >= 0b1100_0000 else 1
        return back if length > back else 0
    return 0
