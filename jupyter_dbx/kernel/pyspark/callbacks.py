"""Refuses callbacks that do not come from the driver: Py4J's server of callbacks, e.g. for `foreachBatch`, asks for no secret.

Any process of the machine can connect to it. The system knows which OS user has each end of a connection.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

#: The address of gateways and of servers of callbacks, as the tables of connections show the end of it.
_LOOPBACK = socket.inet_aton("127.0.0.1")[:: -1 if sys.byteorder == "little" else 1].hex().upper()

#: Source: proc_pid_net(5).
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENING = "0A"


def patch(module: ModuleType) -> None:
    """Close connections of other OS users than the driver's."""
    server = module.PythonServer
    create = server._create_connection

    def create_connection(self: Any, connection: socket.socket, stream: Any) -> Any:
        if not is_from_driver(connection, self.java_parameters.port):
            connection.shutdown(socket.SHUT_RDWR)
        return create(self, connection, stream)

    server._create_connection = create_connection


def is_from_driver(connection: socket.socket, gateway_port: int) -> bool:
    """Return whether a connection comes from the OS user whose gateway listens on this port."""
    own, peer = (f"{_LOOPBACK}:{name[1]:04X}" for name in (connection.getsockname(), connection.getpeername()))
    gateway = f"{_LOOPBACK}:{gateway_port:04X}"
    rows = list(_rows())
    drivers = {uid for local, _, state, uid in rows if state == _LISTENING and local.endswith(gateway)}
    peers = {uid for local, remote, _, uid in rows if local.endswith(peer) and remote.endswith(own)}
    return bool(peers) and peers <= drivers


def _rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield the local and the remote address, the state and the user ID of each socket."""
    for table in _TABLES:
        path = Path(table)
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = line.split()
            yield fields[1], fields[2], fields[3], fields[7]
