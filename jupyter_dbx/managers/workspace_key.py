"""The workspace's key, of which all its secrets are derived."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


def load_workspace_key(path: Path) -> bytes:
    """Return the workspace's key; it is created at first use in a file that only its owner can read."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # fails if another server was faster, whose key is then used
        except FileExistsError:
            pass
        draft.unlink()
    return hashlib.sha256(path.read_bytes()).digest()
