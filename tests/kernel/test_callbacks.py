"""Who may call the kernel's Python objects."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from other_user import other_users
from py4j import clientserver

from jupyter_dbx.kernel.pyspark import callbacks

CALL = b"c\np0\ncall\ne\n"

STRANGER = f"""
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as client:
    client.sendall({CALL!r})
    print(client.makefile("rb").read())
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server of callbacks, whose driver's gateway belongs to this process."""
    monkeypatch.setattr(clientserver.PythonServer, "_create_connection", clientserver.PythonServer._create_connection)
    callbacks.patch(clientserver)
    with socket.create_server(("127.0.0.1", 0)) as gateway:
        client = clientserver.ClientServer(
            clientserver.JavaParameters(port=gateway.getsockname()[1]),
            clientserver.PythonParameters(port=0, daemonize=True, daemonize_connections=True),
        )
        yield client.get_callback_server()
        client.shutdown_callback_server()


def test_driver_may_call(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.get_listening_port()), 10) as driver:
        driver.sendall(CALL)

        assert driver.recv(1000).startswith(b"!x")  # there is no such object


def test_other_users_may_not(server: Any) -> None:
    with other_users("bob") as namespace:
        (bob,) = namespace.users

        assert namespace.run(bob, STRANGER, str(server.get_listening_port())) == "b''\n"


def test_listening_on_the_gateways_port_at_another_address_is_of_no_use(server: Any) -> None:
    port = server.java_parameters.port
    listening = f"import socket, sys\nserver = socket.create_server(('127.0.0.5', {port}))\n{STRANGER}"
    with other_users("bob") as namespace:
        (bob,) = namespace.users

        assert namespace.run(bob, listening, str(server.get_listening_port())) == "b''\n"
