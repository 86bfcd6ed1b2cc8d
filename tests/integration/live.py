"""A real Jupyter server as a process, and notebooks on it, driven over HTTP and websockets like a browser does."""

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
    """Folders shared by servers."""

    folder: Path
    archives: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def data(self) -> Path:
        return self.folder / "data"


class Api:
    """A Jupyter server, wherever it runs.

    Parameters
    ----------
    url : with the base URL
    token : of whoever drives it
    workspace : its folders
    """

    def __init__(self, url: str, token: str, workspace: Workspace) -> None:
        self.url, self.token, self.workspace = url, token, workspace

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        """Return the JSON answer; raises HTTPError."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {token or self.token}"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
        return json.loads(text) if text else None

    def refusal(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, dict[str, Any]]:
        """Return status and JSON of a request, which must fail."""
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

    def wait(self, cluster_id: str, *states: str, timeout_s: float = 120) -> dict[str, Any]:
        """Return the cluster once it is in one of these states."""
        deadline = time.monotonic() + timeout_s
        while (cluster := self.cluster(cluster_id))["state"] not in states:
            assert time.monotonic() < deadline, cluster
            time.sleep(0.2)
        return cluster


class Server(Api):
    """`jupyter server` with the extension, on its own port; `prefix` is what its command begins with."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        base_url: str = "/",
        port: int = 0,
        options: tuple[str, ...] = (),
        program: tuple[str, ...] = ("-m", "jupyter_server"),
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.port = port or free_port()
        super().__init__(f"http://127.0.0.1:{self.port}{base_url}", TOKEN, workspace)
        workspace.root.mkdir(parents=True, exist_ok=True)
        self.log = workspace.folder / f"server-{self.port}.log"
        command = [
            *(*prefix, sys.executable, *program, "--allow-root", "--no-browser"),
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
        env = dict(os.environ) | {
            "JUPYTER_RUNTIME_DIR": str(workspace.folder / "runtime"),
            "PYTHONFAULTHANDLER": "1",
        }
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

    def driver_facts(self, cluster_id: str) -> dict[str, Any]:
        """Return the store's facts about a cluster's driver; the API does not contain its address."""
        with sqlite3.connect(f"file:{self.workspace.data}/dbx.db?mode=ro", uri=True) as store:
            query = "SELECT body FROM documents WHERE kind = 'cluster' AND id = ?"
            (body,) = store.execute(query, (cluster_id,)).fetchone()
        store.close()
        return dict(json.loads(body)["driver"])

    def delete(self, cluster_id: str) -> None:
        """Delete a cluster permanently, and wait until its processes and its nodes' folders are gone."""
        self.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
        nodes = self.workspace.data / "nodes"
        wait_until(lambda: not processes_of(cluster_id) and not list(nodes.glob(f"{cluster_id}-*")), 30)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            # jupyter_server may stop its loop just as AnyIO starts a worker thread, for which Python then waits forever.
            self.process.send_signal(signal.SIGABRT)  # faulthandler writes into the log where each thread is
            self.process.wait(30)
            assert " in _shutdown" in self.log.read_text(), self.log.read_text()


#: MIME type of the progress of Spark jobs.
PROGRESS_TYPE = "application/vnd.jupyter-dbx.progress+json"


@dataclass
class Outcome:
    """The outcome of a cell."""

    text: str = ""
    value: str = ""
    #: data of `value` in all formats, and of what was displayed
    results: list[dict[str, Any]] = field(default_factory=list)
    displayed: list[dict[str, Any]] = field(default_factory=list)
    #: progress messages about its Spark jobs
    progress: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    traceback: str = ""
    ended: bool = False
    #: id of the subshell that was created
    subshell: str = ""

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Add a message of the kernel."""
        if kind == "stream":
            self.text += content["text"]
        elif kind == "execute_result":
            self.value = content["data"]["text/plain"]
            self.results.append(content["data"])
        elif kind in ("display_data", "update_display_data"):
            shown = self.progress if PROGRESS_TYPE in content["data"] else self.displayed
            shown.append(content["data"])
        elif kind == "error":
            self.error = f"{content['ename']}: {content['evalue']}"
            self.traceback = "\n".join(content["traceback"])
        elif kind == "create_subshell_reply":
            self.subshell = content["subshell_id"]
        elif kind == "status" and content["execution_state"] == "idle":
            self.ended = True

    def is_over(self) -> bool:
        """Return whether the progress of its Spark jobs is complete."""
        return any(data[PROGRESS_TYPE]["over"] for data in self.progress)

    def jobs(self) -> list[dict[str, Any]]:
        """Return the last progress of its Spark jobs."""
        return list(self.progress[-1][PROGRESS_TYPE]["jobs"])

    def ok(self) -> Outcome:
        assert not self.error, f"{self.error}\n{self.traceback}"
        return self


class Notebook:
    """One notebook with its kernel."""

    def __init__(self, server: Api, path: str, *, kernel: str = "jupyter-dbx") -> None:
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
        request = HTTPRequest(url, headers={"Authorization": f"Bearer {self.server.token}"})
        self._socket = await websocket_connect(request, on_message_callback=self._messages.put)

    def send(self, kind: str, content: Any, *, channel: str = "shell", subshell: str = "") -> str:
        """Send a request; return its message's id."""
        message_id = uuid.uuid4().hex
        header = {
            "msg_id": message_id,
            "msg_type": kind,
            "session": "test",
            "username": "",
            "date": "",
            "version": "5.3",
        }
        message = {
            "header": header | ({"subshell_id": subshell} if subshell else {}),
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": channel,
            "buffers": [],
        }
        self._loop.call_soon_threadsafe(self._socket.write_message, json.dumps(message))
        return message_id

    def begin(self, code: str, *, subshell: str = "") -> str:
        """Send a cell; return its message's id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self.send("execute_request", content, subshell=subshell)

    def create_subshell(self) -> str:
        """Return the id of a new subshell."""
        outcome = Outcome()
        request = self.send("create_subshell_request", {}, channel="control")
        self.collect(request, outcome, lambda: outcome.subshell)
        return outcome.subshell

    def wait(self, message_id: str, timeout_s: float = 90, *, with_progress: bool = False) -> Outcome:
        """Return the outcome of a finished cell, optionally with the final progress, which follows a moment later."""
        outcome = Outcome()
        self.collect(message_id, outcome, lambda: outcome.ended and (not with_progress or outcome.is_over()), timeout_s)
        return outcome

    def collect(self, message_id: str, outcome: Outcome, until: Callable[[], Any], timeout_s: float = 90) -> None:
        """Add messages of the cell to `outcome`, until a condition is true."""
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
        """Shut the kernel down and forget the notebook; can be called twice."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(OSError):
            self.server.call("DELETE", f"api/sessions/{self.session_id}")
        self.abandon()

    def abandon(self) -> None:
        """Forget a notebook whose server is gone."""
        asyncio.run_coroutine_threadsafe(self._disconnect(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _disconnect(self) -> None:
        self._socket.close()
        await asyncio.sleep(0)


def processes_of(text: str) -> list[int]:
    """Return the pids of processes (without zombies) with `text` in their command line or environment."""
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


def kernels_with_jobs(server: Server, cluster_id: str) -> set[str]:
    """Return the ids of the kernels with running jobs, from Spark's REST API."""
    applications = f"api/dbx/clusters/{cluster_id}/spark-ui/api/v1/applications"
    application = server.call("GET", applications)[0]["id"]
    jobs = server.call("GET", f"{applications}/{application}/jobs?status=running")
    return {
        tag.removeprefix("dbx-") for job in jobs for tag in job["jobTags"] if tag.startswith("dbx-") and ":" not in tag
    }


def wait_until(condition: Any, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true within {timeout_s} s"
        time.sleep(0.1)
