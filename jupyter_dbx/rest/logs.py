"""`/api/dbx/clusters/ID/log…`: what a cluster's processes wrote."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from jupyter_dbx.managers.logs import LARGEST_PIECE, TAIL_LINES, role_of
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import LogFile
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Arg, Call, ClusterId, Download, Route

LogPath = Annotated[str, Arg("Which log: its path as the list of logs has it.")]


async def logs(call: Call, cluster_id: ClusterId) -> Json:
    """Return which logs a cluster has, newest first."""
    return {"logs": [_describe(log) for log in await call.services.logs.list(cluster_id)]}


async def log(
    call: Call,
    cluster_id: ClusterId,
    path: LogPath,
    tail: Annotated[int, Arg(f"How many lines of its end; by default {TAIL_LINES}.", least=0)] | None = None,
    offset: Annotated[int, Arg("From which byte on, instead of its end.", least=0)] | None = None,
    limit: Annotated[int, Arg("How many bytes at most.", least=1, most=LARGEST_PIECE)] = LARGEST_PIECE,
) -> Json:
    """Return a part of a log. To follow it, ask again with `offset` = `next_offset`."""
    if offset is not None and tail is not None:
        raise InvalidParameterValue("Give either tail or offset, not both.")
    if offset is None:
        lines = TAIL_LINES if tail is None else tail
        piece = await call.services.logs.tail(cluster_id, path, lines=lines, limit=limit)
    else:
        piece = await call.services.logs.read(cluster_id, path, offset=offset, limit=limit)
    return {"path": path, **asdict(piece)}


async def download(call: Call, cluster_id: ClusterId, path: LogPath) -> Download:
    """Return a whole log as a file."""
    return Download(f"{cluster_id}-{path.replace('/', '-')}.txt", call.services.logs.pieces(cluster_id, path))


def _describe(log: LogFile) -> Json:
    return {
        "path": log.path,
        "role": role_of(log).value,
        "size": log.size,
        "modified_time": log.modified_ms,
        "live": log.live,
    }


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters/{cluster_id}/logs", logs),
    Route("GET", "dbx/clusters/{cluster_id}/log", log),
    Route("GET", "dbx/clusters/{cluster_id}/log/download", download),
]
