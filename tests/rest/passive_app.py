"""`jupyter server` whose controllers do nothing, so that only requests change its state. Run as a program.

Every cluster in any state has two logs, one of which has no end.
"""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.cluster import ClusterController
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.model.errors import ResourceDoesNotExist
from jupyter_dbx.model.node import LogFile

#: Path of the endless log; path and content of the other one, which includes bytes that are not text.
ENDLESS_PATH = "n1/driver/endless"
LOG_PATH = "n1/driver/stderr"
LOG = "line\n\nÜnï 🎉\n".encode() * 50 + b"\xff\xfe\x00"


async def no_keys(controller: object) -> list[str]:
    return []


async def list_logs(backend: object, cluster_id: str) -> list[LogFile]:
    return [LogFile(LOG_PATH, len(LOG), 1, live=True), LogFile(ENDLESS_PATH, 2**50, 1, live=True)]


async def read_log(backend: object, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
    if path == ENDLESS_PATH:
        return bytes(length)
    if path != LOG_PATH:
        raise ResourceDoesNotExist
    return LOG[start:][:length]


def make_passive() -> None:
    """Replace what would change the state."""
    ClusterController.keys = LogController.keys = no_keys  # type: ignore[method-assign]
    MemoryBackend.list_logs, MemoryBackend.read_log = list_logs, read_log  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    make_passive()
    ServerApp.launch_instance()
