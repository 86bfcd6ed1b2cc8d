"""Servers that other processes of this machine cannot use as they are: https, a password without a token, a Unix socket."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from live import free_port
from secured import certificate, serving
from serving import OPTIONS
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from jupyter_dbx.app import API_PATHS
from jupyter_dbx.client.client import Client
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.rest.framework.local_door import LocalDoor

PASSWORD = "argon2:$argon2id$v=19$m=10240,t=10,p=8$Jd5qLJuFqMHTRyRZyQmIEA$mCbHwNFqj3Hb0b9wDbLfHQ"


@pytest.fixture(scope="module", params=["https", "password", "socket"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp(request.param)
    cert, key = certificate(folder)
    options = {
        "https": [f"--certfile={cert}", f"--keyfile={key}", f"--ServerApp.port={free_port()}"],
        "password": [f"--PasswordIdentityProvider.hashed_password={PASSWORD}", f"--ServerApp.port={free_port()}"],
        "socket": [f"--ServerApp.sock={folder}/j.sock"],
    }[request.param]
    token = ["--IdentityProvider.token=secret"] if request.param != "password" else ["--IdentityProvider.token="]
    program = Path(__file__).with_name("memory_app.py")
    with serving(folder, program, *OPTIONS, *options, *token) as file:
        yield file


def call(door: Path, path: str, token: str) -> Any:
    request = urllib.request.Request(json.loads(door.read_text())["url"] + path)
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


def cli(door: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | {"JUPYTER_RUNTIME_DIR": str(door.parent), "HOME": str(door.parent.parent)}
    env = {name: value for name, value in env.items() if not name.startswith("DATABRICKS_")}
    program = "import sys; from jupyter_dbx.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def test_command_line_works(door: Path) -> None:
    made = cli(door, "clusters", "create", "etl", "--no-wait")
    listed = cli(door, "clusters", "list", "-o", "json")

    assert made.returncode == listed.returncode == 0, made.stderr + listed.stderr
    assert "etl" in listed.stdout


def test_sdk_works(door: Path) -> None:
    announced = json.loads(door.read_text())
    env = dict(os.environ) | {"DATABRICKS_HOST": announced["url"], "DATABRICKS_TOKEN": announced["token"]}
    program = "from databricks.sdk import WorkspaceClient; print(WorkspaceClient().clusters.select_spark_version())"

    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)

    assert done.stdout.strip(), done.stderr


def test_door_leads_to_the_api_only_and_needs_its_token(door: Path) -> None:
    token = json.loads(door.read_text())["token"]

    assert "clusters" in call(door, "api/dbx/clusters", token)
    for path, sent in (
        ("api/dbx/clusters", "wrong"),
        ("api/dbx/clusters", ""),
        ("api/contents", token),
        ("lab", token),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            call(door, path, sent)
        with refused.value:  # closes its connection
            assert refused.value.code == 404
    assert stat.S_IMODE(door.stat().st_mode) == 0o600


def test_client_of_kernels_works(door: Path) -> None:
    announced = json.loads(door.read_text())

    client = Client(announced["url"], announced["token"])

    assert client.get_choice("k1", "/a.ipynb").path == "/a.ipynb"


class UnixConnection(http.client.HTTPConnection):
    """A connection to a server on a Unix socket, whose path is the host."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def start_kernel(folder: Path) -> str:
    """Start a kernel over the server's own entrance, and return its ID."""
    server = next(json.loads(file.read_text()) for file in (folder / "runtime").glob("jpserver-*.json"))
    connection: http.client.HTTPConnection
    if server["sock"]:
        connection = UnixConnection(server["sock"])
    else:
        trusting = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", server["port"], context=trusting)
    headers = {"Authorization": "token secret", "Host": "localhost"}
    with closing(connection):
        connection.request("POST", "/api/kernels", json.dumps({"name": "jupyter-dbx"}), headers)
        return str(json.loads(connection.getresponse().read())["id"])


# With a password, kernels start only after a login in a browser.
@pytest.mark.parametrize("door", ["https", "socket"], indirect=True)
def test_kernel_reaches_its_own_server(door: Path) -> None:
    folder = door.parent.parent
    client = BlockingKernelClient(connection_file=str(folder / f"runtime/kernel-{start_kernel(folder)}.json"))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    code = (
        "from databricks.sdk import WorkspaceClient\nprint(len(list(WorkspaceClient().clusters.list())) >= 0)\n%cluster"
    )
    printed: list[str] = []

    def take(message: dict[str, Any]) -> None:
        printed.append(str(message["content"]))

    reply = client.execute_interactive(code, timeout=60, output_hook=take)
    client.stop_channels()

    assert reply["content"]["status"] == "ok", printed
    assert "True" in "".join(printed)


def test_links_in_answers_are_for_browsers() -> None:
    tokens = KernelTokens()
    headers = HTTPHeaders({"Authorization": f"Bearer {tokens.issue('k1', 'ada')}", "Host": "127.0.0.1:1"})
    request = HTTPServerRequest(
        start_line=RequestStartLine("GET", "/base/api/dbx/clusters", "HTTP/1.1"),
        headers=headers,
        connection=SimpleNamespace(),
    )  # type: ignore[arg-type]
    received: list[HTTPServerRequest] = []
    web_app = SimpleNamespace(find_handler=lambda request: received.append(request))

    LocalDoor(web_app, tokens, "ada", API_PATHS, "/base/", "https://hub.example.org:8443/base/").find_handler(request)

    assert [(found.protocol, found.host) for found in received] == [("https", "hub.example.org:8443")]
