"""`jupyter server` with an adjustable wall clock: the file `JUMP_FILE` contains its offset in seconds."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jupyter_server.serverapp import ServerApp

from jupyter_dbx.app import DbxApp

_JUMP = Path(os.environ["JUMP_FILE"])


def clock() -> float:
    """Return the adjusted wall clock, s since the epoch."""
    return time.time() + (float(_JUMP.read_text()) if _JUMP.exists() else 0.0)


if __name__ == "__main__":
    DbxApp.clock = staticmethod(clock)
    ServerApp.launch_instance()
