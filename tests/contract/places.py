"""Backends under the contract tests, and how to wait for their effects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.model.codec import encode
from jupyter_dbx.model.node import Daemon, File, Node, NodeState
from jupyter_dbx.model.protocol import EndedNote

#: Memory of each node in these tests, and of all nodes together, MiB.
NODE_MIB, ALL_MIB = 1024, 2560


class Memory:
    """The memory backend; its nodes exist as long as the object, so a second server shares it."""

    def __init__(self, _folder: Path) -> None:
        self._only = MemoryBackend(memory_mib=ALL_MIB)

    def backend(self) -> Backend:
        return self._only

    def kill(self, node: Node, name: str, ended: EndedNote | None) -> None:
        """End a daemon from outside, with an optional note about the reason."""
        seen = self._only.nodes[node.node_id]
        dead = replace(seen.daemons[name], running=False, ended=ended)
        self._only.nodes[node.node_id] = replace(seen, daemons=seen.daemons | {name: dead})


class Local:
    """This machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def backend(self) -> Backend:
        return LocalBackend(folder=str(self._folder), memory_fraction=1.0)

    def kill(self, node: Node, name: str, ended: EndedNote | None) -> None:
        folder = self._folder / node.node_id / name
        if ended is not None:
            (folder / EndedNote.FILE).write_text(encode(ended))
        (folder / "stop").touch()


PLACES: dict[str, Callable[[Path], Memory | Local]] = {"memory": Memory, "local": Local}

#: Announces itself, prints its name, and waits for the file `stop`.
_SCRIPT = """
printf '{"url": "memory://%s"}' "$(basename "$(dirname "$PWD")")" > announce.json
echo "$1 has started"
while [ ! -e stop ]; do sleep 0.02; done
"""


def daemon(name: str = "worker", incarnation: str = "1") -> Daemon:
    return Daemon(
        name,
        ("/bin/sh", "{dir}/script.sh", name),
        files={"script.sh": File(_SCRIPT)},
        incarnation=incarnation,
    )


async def provision(backend: Backend, node: Node) -> Node:
    """Return the node as the controller would save it after all steps."""
    async for state in backend.provision(node):
        node = replace(node, backend_state=dict(state))
    return replace(node, state=NodeState.READY)


async def until(condition: Callable[[], Any]) -> Any:
    """Return the condition's value once it is true, within seconds."""
    for _ in range(1000):
        if result := condition():
            return result
        await asyncio.sleep(0.01)
    raise AssertionError("the condition did not become true")
