"""Patches of broadcast values, whose files the driver makes and reads if it runs as another OS user (see driver_files.py)."""

from __future__ import annotations

import functools
import os
import uuid
from types import ModuleType, SimpleNamespace
from typing import Any

from jupyter_dbx.kernel.pyspark.owner import SeatOwner


def patch(session: SeatOwner, module: ModuleType) -> None:
    """Let the JVM write and read the file of a broadcast value, where the kernel cannot."""
    cls = module.Broadcast
    make_file, value, destroy = module.NamedTemporaryFile, cls.value, cls.destroy

    def named_file(*args: Any, dir: str, **kwargs: Any) -> Any:  # the name is Python's
        if not session.adopted.driver_files.user:
            return make_file(*args, dir=dir, **kwargs)
        # The JVM creates it, from what it receives on a socket.
        return SimpleNamespace(name=os.path.join(dir, f"broadcast-{uuid.uuid4().hex}"))

    def get_value(self: Any) -> Any:
        if self._sc is None or not session.adopted.driver_files.user or hasattr(self, "_value"):
            return value.fget(self)
        # PySpark waits for the end of the transmission before it reads, for ever if the value exceeds the socket's buffers.
        file, _ = module.local_connect_and_auth(*self._python_broadcast.setupDecryptionServer())
        self._value = self.load(file)
        self._python_broadcast.waitTillBroadcastDataSent()
        return self._value

    @functools.wraps(destroy)
    def new_destroy(self: Any, blocking: bool = False) -> None:
        try:
            destroy(self, blocking)
        except OSError:
            # PySpark has destroyed the value, and cannot delete its file.
            session.adopted.driver_files.delete(self._path)

    module.NamedTemporaryFile = named_file  # type: ignore[attr-defined]
    cls.value, cls.destroy = property(get_value, doc=value.__doc__), new_destroy
