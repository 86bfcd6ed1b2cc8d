"""The verbs on logs: which there are, the end of one, and what was written since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.errors import ResourceDoesNotExist
from jupyter_dbx.model.node import LogFile, Role

#: How many lines of a log are its end, unless somebody asks for another number, count.
TAIL_LINES = 200

#: The most that is read of a log at once, bytes.
LARGEST_PIECE = 1024 * 1024

#: How much is looked at first for the last lines, bytes; lines of a log are 100 to 200 bytes long.
_GUESS = 64 * 1024


@dataclass(frozen=True)
class Piece:
    """A part of a log, in whole characters."""

    text: str
    #: where it begins and where the next one will, bytes
    offset: int
    next_offset: int
    #: of the log, bytes
    size: int


class LogManager:
    """What can be asked of a cluster's logs. Only what `list` names can be read."""

    def __init__(self, clusters: ClusterManager, backend: Backend) -> None:
        self._clusters, self._backend = clusters, backend

    async def list(self, cluster_id: str) -> list[LogFile]:
        """Return a cluster's logs, newest first; those of nodes that have gone are kept for a while.

        Raises
        ------
        ClusterDoesNotExist : there is none of this id
        """
        cluster = await self._clusters.get(cluster_id)
        return await self._backend.list_logs(cluster.cluster_id)

    async def tail(self, cluster_id: str, path: str, *, lines: int, limit: int = LARGEST_PIECE) -> Piece:
        """Return the last lines of a log, and no more of them than `limit` bytes.

        Raises
        ------
        ClusterDoesNotExist, ResourceDoesNotExist : there is no such cluster or log
        """
        log = await self._find(cluster_id, path)
        length = min(limit, _GUESS)
        while True:
            start = max(0, log.size - length)
            raw = await self._backend.read_log(cluster_id, log.path, start=start, length=length)
            begin = _begin_of_lines(raw, lines)
            if begin or start == 0 or length >= limit:
                return _piece(raw[begin:], start + begin, log.size)
            length = min(limit, 4 * length)

    async def read(self, cluster_id: str, path: str, *, offset: int, limit: int = LARGEST_PIECE) -> Piece:
        """Return up to `limit` bytes of a log from byte `offset` on; a log that is shorter than that began anew.

        Raises
        ------
        ClusterDoesNotExist, ResourceDoesNotExist : there is no such cluster or log
        """
        log = await self._find(cluster_id, path)
        start = offset if offset <= log.size else 0
        raw = await self._backend.read_log(cluster_id, log.path, start=start, length=limit)
        return _piece(raw, start, log.size)

    async def pieces(self, cluster_id: str, path: str) -> AsyncIterator[bytes]:
        """Yield a log as it is now, piece by piece.

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
                return  # it went while it was read
            if not raw:
                return
            yield raw
            start += len(raw)

    async def _find(self, cluster_id: str, path: str) -> LogFile:
        for log in await self.list(cluster_id):
            if log.path == path:
                return log
        raise ResourceDoesNotExist(f"Cluster {cluster_id} has no log {path!r}. List its logs for those it has.")


def role_of(log: LogFile) -> Role:
    """Return what the node was for that wrote a log."""
    return Role.DRIVER if log.path.split("/")[1] == Role.DRIVER else Role.WORKER


def _begin_of_lines(raw: bytes, lines: int) -> int:
    """Return where the last `lines` lines begin, or 0 if there are not more of them."""
    if lines == 0:
        return len(raw)
    begin = len(raw) - raw.endswith(b"\n")
    for _ in range(lines):
        begin = raw.rfind(b"\n", 0, begin)
        if begin < 0:
            return 0
    return begin + 1


def _piece(raw: bytes, offset: int, size: int) -> Piece:
    # A character whose other bytes are not there yet is for the next piece.
    whole = raw[: len(raw) - _begun(raw)] or raw
    end = offset + len(whole)
    return Piece(whole.decode(errors="replace"), offset, end, max(size, end))


def _begun(raw: bytes) -> int:
    """Return how many bytes at the end belong to a UTF-8 character that is not complete, count."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte & 0b1100_0000 == 0b1000_0000:  # goes on with a character
            continue
        length = 4 if byte >= 0b1111_0000 else 3 if byte >= 0b1110_0000 else 2 if byte >= 0b1100_0000 else 1
        return back if length > back else 0
    return 0
