"""`/api/dbx/clusters/ID/log…`: the logs of a cluster's processes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from jupyter_dbx.managers.logs import LARGEST_PIECE, TAIL_LINES, role_of
from jupyter_dbx.model.answers.logs import LogDetails, LogList, LogPart
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import LogFile
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Download, Route
from jupyter_dbx.rest.framework.needs import on_cluster

LogPath = Annotated[str, Arg("Path of the log, from the list of logs.")]


async def logs(call: Call, cluster_id: ClusterId) -> LogList:
    """Return the logs of a cluster, newest first."""
    return LogList(logs=tuple(map(_describe, await call.services.logs.list(cluster_id))))


async def log(
    call: Call,
    cluster_id: ClusterId,
    path: LogPath,
    tail: Annotated[int, Arg(f"Number of lines from the end; by default {TAIL_LINES}. Excludes offset.", minimum=0)]
    | None = None,
    offset: Annotated[int, Arg("First byte to return. Excludes tail.", minimum=0)] | None = None,
    limit: Annotated[int, Arg("Maximum number of bytes.", minimum=1, maximum=LARGEST_PIECE)] = LARGEST_PIECE,
) -> LogPart:
    """Return a part of a log: its last lines, or from `offset` on. To follow a log, repeat with `offset` = `next_offset`."""
    if offset is not None and tail is not None:
        raise InvalidParameterValue("Specify either tail or offset, not both.", field="tail")
    if offset is None:
        lines = TAIL_LINES if tail is None else tail
        piece = await call.services.logs.tail(cluster_id, path, lines=lines, limit=limit)
    else:
        piece = await call.services.logs.read(cluster_id, path, offset=offset, limit=limit)
    return LogPart(path=path, **asdict(piece))


async def download(call: Call, cluster_id: ClusterId, path: LogPath) -> Download:
    """Return a whole log as a file."""
    return Download(f"{cluster_id}-{path.replace('/', '-')}.txt", call.services.logs.pieces(cluster_id, path))


def _describe(log: LogFile) -> LogDetails:
    return LogDetails(
        path=log.path, role=role_of(log).value, size=log.size, modified_time=log.modified_ms, live=log.live
    )


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters/{cluster_id}/logs", logs, on_cluster("CAN_MANAGE")),
    Route("GET", "dbx/clusters/{cluster_id}/log", log, on_cluster("CAN_MANAGE")),
    Route("GET", "dbx/clusters/{cluster_id}/log/download", download, on_cluster("CAN_MANAGE"), audited=True),
]
