"""Log files of daemons: find, read and truncate them, and retain them when a node is released."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

#: Logs of every daemon.
STREAMS = ("stdout", "stderr")

#: File in a daemon's folder: a JSON list of glob patterns of its other logs.
PATTERNS = "logs.json"


def log_files(folder: Path) -> Iterator[Path]:
    """Yield the logs in the folder of a daemon."""
    patterns = [*STREAMS, *(f"{name}.1" for name in STREAMS)]
    try:
        patterns += json.loads((folder / PATTERNS).read_text())
    except (OSError, ValueError):  # no daemon was started here yet, or the disk was full
        pass
    for pattern in patterns:
        yield from (path for path in sorted(folder.glob(pattern)) if path.is_file())


def read_piece(path: Path, start: int, length: int) -> bytes:
    """Return up to `length` bytes from byte `start`, or of the last `-start` bytes.

    Raises
    ------
    OSError : there is no such file
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size + start) if start < 0 else min(start, size))
        return file.read(length)


def bound(folder: Path, limit: int) -> None:
    """Limit each stream of a daemon to about `limit` bytes: move the last half to `NAME.1` and empty the file.

    The daemon has the file open in append mode, so it continues at the new end.
    """
    for name in STREAMS:
        path = folder / name
        try:
            if path.stat().st_size > limit:
                (folder / f"{name}.1").write_bytes(read_piece(path, -limit // 2, limit))
                with path.open("r+b") as file:
                    file.truncate(0)
        except OSError:  # it is missing, or the disk is full; the next call tries again
            continue


def keep(node: Path, kept: Path, limit: int) -> None:
    """Move the logs of a node to `kept/NODE/DAEMON/…`, and delete those of the oldest nodes beyond `limit` bytes.

    Raises
    ------
    OSError : they cannot be moved
    """
    for folder in sorted(p for p in node.iterdir() if p.is_dir()):
        for path in log_files(folder):
            if path.stat().st_size:
                target = kept / node.name / path.relative_to(node)
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.move(path, target)
    if not kept.exists():
        return
    total = 0
    for old in sorted(kept.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True):
        total += sum(p.stat().st_size for p in old.rglob("*") if p.is_file())
        if total > limit:
            shutil.rmtree(old, ignore_errors=True)
