"""A server of one OS user, and kernels of another one on its clusters."""

from __future__ import annotations

import ast
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from live import TOKEN, Outcome, Server
from other_user import Namespace, User

from jupyter_dbx.model.kernel_contact import KernelContact, encode_contact


class _Manager(KernelManager):
    """Starts kernels of another OS user."""

    def __init__(self, namespace: Namespace, user: User, python: str) -> None:
        super().__init__(connection_file=str(user.home / f"kernel-{uuid.uuid4().hex}.json"))
        self._user = user
        command = [*namespace.prefix, *user.prefix, python, "-m", "jupyter_dbx.kernel", "-f"]
        self._kernel_spec = KernelSpec(argv=[*command, "{connection_file}"])

    def write_connection_file(self, **kwargs: Any) -> None:
        super().write_connection_file(**kwargs)
        self._user.own(Path(self.connection_file))


class ForeignKernel:
    """A kernel of an OS user, on a server of another one; `python` is its interpreter."""

    def __init__(self, server: Server, namespace: Namespace, user: User, *, python: str = sys.executable) -> None:
        self.server, self.user, self.kernel_id = server, user, uuid.uuid4().hex
        self.notebook = user.home / "notebook.ipynb"
        contact = KernelContact(
            kernel_id=self.kernel_id,
            notebook=str(self.notebook),
            server_url=server.url,
            kernel_token=TOKEN,
            data_dir=str(server.workspace.data),
            root_dir=str(user.home),
        )
        self._manager = _Manager(namespace, user, python)
        self._manager.start_kernel(env=dict(os.environ) | encode_contact(contact), cwd=str(user.home))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(60)

    def attach(self, cluster_id: str) -> ForeignKernel:
        body = {"cluster": cluster_id, "path": str(self.notebook)}
        self.server.call("PUT", f"api/dbx/kernels/{self.kernel_id}/cluster", body)
        return self

    def run(self, code: str, timeout_s: float = 90) -> Outcome:
        """Run a cell."""
        outcome, message_id = Outcome(), self._client.execute(code)
        deadline = time.monotonic() + timeout_s
        while not outcome.ended:
            message = self._client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") == message_id:
                outcome.take(message["msg_type"], message["content"])
        return outcome

    def value(self, code: str) -> Any:
        """Return the cell's result, read as a Python literal."""
        return ast.literal_eval(self.run(code).ok().value)

    @property
    def connection_file(self) -> str:
        """Return the path of its connection file."""
        return str(self._manager.connection_file)

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        Path(self.connection_file).unlink(missing_ok=True)
