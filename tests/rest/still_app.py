"""`jupyter server` in which nothing happens by itself: what changes was asked for. Run as a program.

Every cluster, of whatever state, has one log.
"""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.cluster import ClusterController
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.model.errors import ResourceDoesNotExist
from jupyter_dbx.model.node import LogFile

#: The path of the log, and what is in it: also what is no text.
LOG_PATH = "n1/driver/stderr"
LOG = "line\n\nÜnï 🎉\n".encode() * 50 + b"\xff\xfe\x00"


async def no_keys(controller: object) -> list[str]:
    return []


async def list_logs(backend: object, cluster_id: str) -> list[LogFile]:
    return [LogFile(LOG_PATH, len(LOG), 1, live=True)]


async def read_log(backend: object, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
    if path != LOG_PATH:
        raise ResourceDoesNotExist
    return LOG[start:][:length]


if __name__ == "__main__":
    ClusterController.keys = LogController.keys = no_keys  # type: ignore[method-assign]
    MemoryBackend.list_logs, MemoryBackend.read_log = list_logs, read_log  # type: ignore[assignment,method-assign]
    ServerApp.launch_instance()
