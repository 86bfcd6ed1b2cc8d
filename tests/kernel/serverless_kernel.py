"""A kernel of ours without a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client import BlockingKernelClient, KernelManager


@contextmanager
def running_kernel(folder: Path, **contact: str) -> Iterator[BlockingKernelClient]:
    """Yield a client of a kernel in a folder; its server does not respond."""
    manager = KernelManager(kernel_name="jupyter-dbx")
    manager.start_kernel(cwd=str(folder), env=os.environ | {"DBX_SERVER_URL": "http://127.0.0.1:9/"} | contact)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
