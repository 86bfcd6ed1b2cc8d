"""A real Jupyter server as a process, and notebooks on it, driven over HTTP and websockets as a browser would."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

TOKEN = "test-token"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Workspace:
    """Folders that servers share."""

    folder: Path
    archives: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def data(self) -> Path:
        return self.folder / "data"


class Server:
    """`jupyter server` with our extension, on a port of its own."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        base_url: str = "/",
        options: tuple[str, ...] = (),
        program: tuple[str, ...] = ("-m", "jupyter_server"),
    ) -> None:
        self.workspace, self.port = workspace, free_port()
        self.url = f"http://127.0.0.1:{self.port}{base_url}"
        workspace.root.mkdir(parents=True, exist_ok=True)
        self.log = workspace.folder / f"server-{self.port}.log"
        command = [
            *(sys.executable, *program, "--allow-root", "--no-browser"),
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.base_url={base_url}",
            f"--ServerApp.root_dir={workspace.root}",
            f"--IdentityProvider.token={TOKEN}",
            f"--DbxApp.data_dir={workspace.data}",
            f"--DbxApp.cache_dir={workspace.archives}",
            "--DbxApp.class_archives=False",
            *options,
        ]
        env = dict(os.environ) | {"JUPYTER_RUNTIME_DIR": str(workspace.folder / "runtime")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
        try:
            self._wait_until_up()
        except BaseException:
            self.process.kill()
            self.process.wait(30)
            raise

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.call("GET", "api/2.0/clusters/list")
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)

    def call(self, method: str, path: str, body: Any = None, *, token: str = TOKEN) -> Any:
        """Return the JSON answer; raises HTTPError."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
        return json.loads(text) if text else None

    def refusal(self, method: str, path: str, body: Any = None, *, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of a request that must fail."""
        try:
            answer = self.call(method, path, body, token=token)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        raise AssertionError(f"{method} {path} was not refused: {answer}")

    def cluster(self, cluster_id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"api/2.0/clusters/get?cluster_id={cluster_id}"))

    def create(self, name: str, **spec: Any) -> str:
        body = {"cluster_name": name, "node_type_id": "local-1c-2g", "autotermination_minutes": 60, **spec}
        return str(self.call("POST", "api/2.0/clusters/create", body)["cluster_id"])

    def driver_facts(self, cluster_id: str) -> dict[str, Any]:
        """Return what the store knows of a cluster's driver; the API keeps its address to itself."""
        with sqlite3.connect(f"file:{self.workspace.data}/dbx.db?mode=ro", uri=True) as store:
            query = "SELECT body FROM documents WHERE kind = 'cluster' AND id = ?"
            (body,) = store.execute(query, (cluster_id,)).fetchone()
        store.close()
        return dict(json.loads(body)["driver"])

    def wait(self, cluster_id: str, *states: str, timeout_s: float = 120) -> dict[str, Any]:
        """Return the cluster once it is in one of these states."""
        deadline = time.monotonic() + timeout_s
        while (cluster := self.cluster(cluster_id))["state"] not in states:
            assert time.monotonic() < deadline, cluster
            time.sleep(0.2)
        return cluster

    def delete(self, cluster_id: str) -> None:
        """Delete a cluster for good, and wait until nothing of it is left."""
        self.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
        wait_until(lambda: not processes_of(cluster_id), 30)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(30)


#: MIME type of what tells of Spark jobs.
PROGRESS_TYPE = "application/vnd.jupyter-dbx.progress+json"


@dataclass
class Outcome:
    """What a cell gave."""

    text: str = ""
    value: str = ""
    displayed: list[dict[str, Any]] = field(default_factory=list)
    #: what was told of its Spark jobs
    progress: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    traceback: str = ""
    ended: bool = False

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Add what a message of the kernel tells."""
        if kind == "stream":
            self.text += content["text"]
        elif kind == "execute_result":
            self.value = content["data"]["text/plain"]
        elif kind in ("display_data", "update_display_data"):
            shown = self.progress if PROGRESS_TYPE in content["data"] else self.displayed
            shown.append(content["data"])
        elif kind == "error":
            self.error = f"{content['ename']}: {content['evalue']}"
            self.traceback = "\n".join(content["traceback"])
        elif kind == "status" and content["execution_state"] == "idle":
            self.ended = True

    def is_over(self) -> bool:
        """Return whether nothing more will be told of its Spark jobs."""
        return any(data[PROGRESS_TYPE]["over"] for data in self.progress)

    def jobs(self) -> list[dict[str, Any]]:
        """Return what was told of its Spark jobs at last."""
        return list(self.progress[-1][PROGRESS_TYPE]["jobs"])

    def ok(self) -> Outcome:
        assert not self.error, f"{self.error}\n{self.traceback}"
        return self


class Notebook:
    """One notebook with its kernel."""

    def __init__(self, server: Server, path: str, *, kernel: str = "jupyter-dbx") -> None:
        self.server, self.path = server, path
        (server.workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
        model = {"path": path, "name": Path(path).name, "type": "notebook", "kernel": {"name": kernel}}
        session = server.call("POST", "api/sessions", model)
        self.session_id, self.kernel_id = session["id"], session["kernel"]["id"]
        self._messages: queue.Queue[Any] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result(30)

    async def _connect(self) -> None:
        url = f"{self.server.url.replace('http', 'ws', 1)}api/kernels/{self.kernel_id}/channels"
        request = HTTPRequest(url, headers={"Authorization": f"Bearer {TOKEN}"})
        self._socket = await websocket_connect(request, on_message_callback=self._messages.put)

    def begin(self, code: str) -> str:
        """Send a cell; return its message's id."""
        message_id = uuid.uuid4().hex
        header = {
            "msg_id": message_id,
            "msg_type": "execute_request",
            "session": "test",
            "username": "",
            "date": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
        self._loop.call_soon_threadsafe(self._socket.write_message, json.dumps(message))
        return message_id

    def wait(self, message_id: str, timeout_s: float = 90, *, with_progress: bool = False) -> Outcome:
        """Return what the cell gave, once it has ended, and with what is told of its jobs a moment later."""
        outcome = Outcome()
        self.hear(message_id, outcome, lambda: outcome.ended and (not with_progress or outcome.is_over()), timeout_s)
        return outcome

    def hear(self, message_id: str, outcome: Outcome, until: Callable[[], bool], timeout_s: float = 90) -> None:
        """Add to `outcome` what the cell gives, until something is so."""
        deadline = time.monotonic() + timeout_s
        while not until():
            raw = self._messages.get(timeout=max(0.01, deadline - time.monotonic()))
            assert raw is not None, "the kernel's connection closed"
            message = json.loads(raw)
            if message["parent_header"].get("msg_id") == message_id:
                outcome.take(message["msg_type"], message["content"])

    def run(self, code: str, timeout_s: float = 90, *, with_progress: bool = False) -> Outcome:
        return self.wait(self.begin(code), timeout_s, with_progress=with_progress)

    def value(self, code: str, timeout_s: float = 90) -> Any:
        """Return the cell's result, read as a Python literal."""
        import ast

        return ast.literal_eval(self.run(code, timeout_s).ok().value)

    def attach(self, cluster_id: str) -> Notebook:
        self.server.call("PUT", f"api/dbx/kernels/{self.kernel_id}/cluster", {"cluster": cluster_id})
        return self

    def interrupt(self) -> None:
        self.server.call("POST", f"api/kernels/{self.kernel_id}/interrupt")

    def pid(self) -> int:
        return int(self.value("import os; os.getpid()"))

    def close(self) -> None:
        """Shut the kernel down and forget the notebook; may be said twice."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(OSError):
            self.server.call("DELETE", f"api/sessions/{self.session_id}")
        self.abandon()

    def abandon(self) -> None:
        """Forget a notebook whose server has gone."""
        asyncio.run_coroutine_threadsafe(self._disconnect(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _disconnect(self) -> None:
        self._socket.close()
        await asyncio.sleep(0)


def processes_of(text: str) -> list[int]:
    """Return the pids of processes (zombies left out) with `text` in their command line or environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z" or int(folder.name) == os.getpid():
                continue
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in words:
            found.append(int(folder.name))
    return found


def wait_until(condition: Any, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true within {timeout_s} s"
        time.sleep(0.1)
