"""Nodes as slices of this machine: each has a folder and detached processes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from traitlets import Float, Int, List, Unicode, validate

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.backends.log_files import PATTERNS, bound, keep, log_files, read_piece
from jupyter_dbx.backends.machine import (
    boot_id,
    disk_usage,
    free_loopback_address,
    host_id,
    listening,
    machine_memory_mib,
)
from jupyter_dbx.backends.processes import end_session, members_of, read_pid_file, spawn
from jupyter_dbx.model.codec import ProtocolError, decode
from jupyter_dbx.model.errors import NodeFailure, Reason, ResourceDoesNotExist
from jupyter_dbx.model.node import (
    Capacity,
    Daemon,
    DaemonObservation,
    LogFile,
    Node,
    NodeType,
    NodeTypes,
    Observation,
)
from jupyter_dbx.model.protocol import Announcement, EndedNote
from jupyter_dbx.model.usage import NodeProcess, NodeResources
from jupyter_dbx.model.wire import Json

#: Prefixes of environment variables of the Jupyter server that daemons must not inherit: private, or they change Spark.
_PRIVATE = ("JUPYTER", "JPY_", "SPARK_", "PYSPARK_", "DBX_", "_PYSPARK", "PYTHONSTARTUP")

_MIB = 2**20

T = TypeVar("T")


class LocalBackend(Backend):
    """Runs nodes on this machine. Memory is limited strictly, cores are overcommitted.

    Layout: `{folder}/{node_id}/node.json` and `{folder}/{node_id}/{daemon}/…`.
    """

    folder = Unicode(help="Where nodes keep their files. Set by the server.").tag(config=True)
    node_cores = List(Int(), [1, 2, 4, 8, 16, 32, 64], minlen=1, help="Cores of the available node types.").tag(
        config=True
    )
    memory_per_core_mib = Int(2048, help="Memory of a node for each of its cores, MiB.").tag(config=True)
    memory_fraction = Float(
        0.8,
        help="Fraction of this machine's memory (or of its cgroup's limit) that all nodes may use, 0 to 1.",
    ).tag(config=True)
    cores_overcommit = Float(4.0, help="Cores that all nodes may use for each physical core, at least 1.").tag(
        config=True
    )

    log_mib = Int(10, help="Maximum size of a daemon's stdout and of its stderr, MiB.").tag(config=True)
    kept_logs_mib = Int(100, help="Maximum size of the retained logs of a cluster's released nodes, MiB.").tag(
        config=True
    )

    @validate("memory_fraction")
    def _check_fraction(self, proposal: dict[str, Any]) -> float:
        if not 0 < proposal["value"] <= 1:
            raise ValueError(
                f"LocalBackend.memory_fraction must be greater than 0 and at most 1, not {proposal['value']}"
            )
        return float(proposal["value"])

    @validate("cores_overcommit", "memory_per_core_mib")
    def _check_positive(self, proposal: dict[str, Any]) -> Any:
        if proposal["value"] < 1:
            raise ValueError(f"LocalBackend.{proposal['trait'].name} must be at least 1, not {proposal['value']}")
        return proposal["value"]

    async def open(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Admission reads the sum of all nodes and then adds one: two at once could exceed the capacity.
        self._admission = asyncio.Lock()

    async def node_types(self) -> NodeTypes:
        machine_memory, machine_cores = machine_memory_mib(), os.cpu_count() or 1
        capacity = Capacity(
            memory_mib=int(machine_memory * self.memory_fraction),
            cores=int(machine_cores * self.cores_overcommit),
            machine_memory_mib=machine_memory,
            machine_cores=machine_cores,
        )
        sizes = [(n, n * self.memory_per_core_mib) for n in sorted(self.node_cores)]
        fitting = [(n, m) for n, m in sizes if n <= capacity.cores and m <= capacity.memory_mib] or sizes[:1]
        return NodeTypes(tuple(NodeType(node_type_id(n, m), n, m) for n, m in fitting), capacity)

    async def provision(self, node: Node) -> AsyncIterator[Json]:
        # Each node has its own address: when Spark loses a host it drops all executors of that address.
        address = node.backend_state.get("address") or free_loopback_address(node.node_id)
        state = {"address": address, "host": host_id(), "boot": boot_id()}
        yield state
        async with self._admission:
            if not self._note(node.node_id).exists():
                await self._admit(node)
                try:
                    self._dir(node.node_id).mkdir(parents=True, exist_ok=True, mode=0o700)
                    note = state | {
                        "cluster_id": node.cluster_id,
                        "memory_mib": node.memory_mib,
                        "cores": node.cores,
                    }
                    _write_private(self._note(node.node_id), json.dumps(note))
                except OSError as error:
                    raise NodeFailure(f"A node's folder could not be created: {error}") from None

    async def _admit(self, node: Node) -> None:
        capacity = (await self.node_types()).capacity
        assert capacity is not None, "this machine has limits"
        # Nodes of another host, or of an earlier boot, have files here but use no resources of this machine.
        notes = [note for _, note in self._notes() if note["host"] == host_id() and note["boot"] == boot_id()]
        memory = sum(int(n["memory_mib"]) for n in notes)
        cores = sum(int(n["cores"]) for n in notes)
        if memory + node.memory_mib > capacity.memory_mib or cores + node.cores > capacity.cores:
            raise NodeFailure(
                f"A node of {node.cores} cores and {node.memory_mib} MiB does not fit: {memory} of {capacity.memory_mib} MiB "
                f"and {cores} of {capacity.cores} cores are in use. Terminate a cluster or choose smaller nodes."
            )

    async def release(self, node: Node) -> None:
        for name in self._daemons(node.node_id):
            await self.stop(node, name, grace_s=5)
        await asyncio.to_thread(self._remove, node)
        if self._dir(node.node_id).exists():
            raise NodeFailure(f"The folder {self._dir(node.node_id)} could not be removed.")

    def _remove(self, node: Node) -> None:
        folder = self._dir(node.node_id)
        try:
            if folder.exists():
                keep(folder, self._kept(node.cluster_id), self.kept_logs_mib * _MIB)
        except OSError as error:
            self.log.warning("The logs of node %s could not be retained: %s", node.node_id, error)
        shutil.rmtree(folder, ignore_errors=True)

    async def start(self, node: Node, daemon: Daemon) -> None:
        await self.stop(node, daemon.name, grace_s=0)
        try:
            await asyncio.to_thread(self._start, node, daemon)
        except OSError as error:
            raise NodeFailure(f"The {daemon.name} could not be started: {error}") from None

    def _start(self, node: Node, daemon: Daemon) -> None:
        folder = self._dir(node.node_id) / daemon.name
        folder.mkdir(exist_ok=True, mode=0o700)
        for stale in (Announcement.FILE, EndedNote.FILE):
            (folder / stale).unlink(missing_ok=True)

        def fill(text: str) -> str:
            return text.replace("{dir}", str(folder))

        for name, file in daemon.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_private(path, fill(file.content), executable=file.executable)
        cwd = Path(fill(daemon.cwd))
        cwd.mkdir(parents=True, exist_ok=True)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)}
        _write_private(folder / PATTERNS, json.dumps(daemon.logs))
        _write_private(folder / "incarnation", daemon.incarnation)
        spawn(
            [fill(word) for word in daemon.argv],
            env=inherited | {k: fill(v) for k, v in daemon.env.items()},
            cwd=cwd,
            output=folder,
            pid_file=folder / "pid",
        )

    async def stop(self, node: Node, name: str, *, grace_s: float) -> None:
        leader = read_pid_file(self._dir(node.node_id) / name / "pid")
        # An orphaned node has no row: its own note records the host and the boot to which the pid belongs.
        known = _read_json(self._note(node.node_id)) or node.backend_state
        if leader is None or known.get("host") != host_id() or known.get("boot") != boot_id():
            return
        try:
            await asyncio.to_thread(end_session, leader, grace_s=grace_s)
        except TimeoutError as error:
            raise NodeFailure(str(error)) from None

    async def list_nodes(self) -> dict[str, Observation]:
        return await asyncio.to_thread(self._list)

    def _list(self) -> dict[str, Observation]:
        found = {}
        for node_id, note in self._notes():
            if note["host"] != host_id():
                found[node_id] = Observation(str(note["cluster_id"]), elsewhere=True)
                continue
            alive = note["boot"] == boot_id()
            daemons = {name: self._observe(node_id, name, alive) for name in self._daemons(node_id)}
            found[node_id] = Observation(str(note["cluster_id"]), alive, daemons=daemons)
        return found

    def _observe(self, node_id: str, name: str, alive: bool) -> DaemonObservation:
        folder = self._dir(node_id) / name
        process = read_pid_file(folder / "pid") if alive else None
        cpu_s = process.cpu_s if process else None
        try:
            incarnation = (folder / "incarnation").read_text()
        except OSError:
            incarnation = ""
        return DaemonObservation(
            running=cpu_s is not None,
            incarnation=incarnation,
            pid=process.pid if process else None,
            cpu_s=cpu_s,
            announce=_read_note(Announcement, folder / Announcement.FILE),
            ended=_read_note(EndedNote, folder / EndedNote.FILE),
        )

    async def list_processes(self) -> dict[str, list[NodeProcess]]:
        return await asyncio.to_thread(self._list_processes)

    def _list_processes(self) -> dict[str, list[NodeProcess]]:
        here = [id_ for id_, note in self._notes() if (note["host"], note["boot"]) == (host_id(), boot_id())]
        found: dict[str, list[NodeProcess]] = {node_id: [] for node_id in here}
        leaders = {
            leader: (node_id, name)
            for node_id in here
            for name in self._daemons(node_id)
            if (leader := read_pid_file(self._dir(node_id) / name / "pid")) is not None
        }
        owners = {leader.pid: owner for leader, owner in leaders.items()}
        for member in members_of(leaders):
            node_id, name = owners[member.session]
            found[node_id].append(NodeProcess(member.pid, name, member.name, member.cpu_s, member.memory / _MIB))
        return found

    async def inspect(self, cluster_id: str) -> dict[str, NodeResources]:
        return await asyncio.to_thread(self._inspect, cluster_id)

    def _inspect(self, cluster_id: str) -> dict[str, NodeResources]:
        found = self._list_processes()
        return {
            node_id: NodeResources(
                tuple(replace(process, ports=listening(process.pid)) for process in found[node_id]),
                str(self._dir(node_id)),
                disk_usage(self._dir(node_id)) / _MIB,
            )
            for node_id, note in self._notes()
            if node_id in found and note["cluster_id"] == cluster_id
        }

    async def list_logs(self, cluster_id: str) -> list[LogFile]:
        return await asyncio.to_thread(self._list_logs, cluster_id)

    def _list_logs(self, cluster_id: str) -> list[LogFile]:
        nodes = [self._dir(node_id) for node_id, note in self._notes() if note["cluster_id"] == cluster_id]
        found = [
            (path, self._root, True)
            for node in nodes
            for name in self._daemons(node.name)
            for path in log_files(node / name)
        ]
        kept = self._kept(cluster_id)
        found += [(path, kept, False) for path in kept.rglob("*") if path.is_file()]
        logs = []
        for path, base, live in found:
            try:
                stat = path.stat()
            except OSError:  # rolled over just now
                continue
            logs.append(LogFile(str(path.relative_to(base)), stat.st_size, int(stat.st_mtime * 1000), live))
        return sorted(logs, key=lambda log: log.modified_ms, reverse=True)

    async def read_log(self, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
        return await asyncio.to_thread(self._read_log, cluster_id, path, start, length)

    def _read_log(self, cluster_id: str, path: str, start: int, length: int) -> bytes:
        for log in self._list_logs(cluster_id):
            if log.path == path:
                try:
                    return read_piece((self._root if log.live else self._kept(cluster_id)) / path, start, length)
                except OSError:
                    break
        raise ResourceDoesNotExist(
            f"Cluster {cluster_id} has no log {path!r}. List the logs of the cluster to see the available paths.",
            reason=Reason.LOG_DOES_NOT_EXIST,
        )

    async def bound_logs(self) -> None:
        await asyncio.to_thread(self._bound_logs)

    def _bound_logs(self) -> None:
        for node_id, note in self._notes():
            if note["host"] == host_id():
                for name in self._daemons(node_id):
                    bound(self._dir(node_id) / name, self.log_mib * _MIB)

    async def forget(self, cluster_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._kept(cluster_id), ignore_errors=True)

    @property
    def place(self) -> str:
        return host_id()

    def _kept(self, cluster_id: str) -> Path:
        return self._root.parent / "logs" / cluster_id

    @property
    def _root(self) -> Path:
        return Path(self.folder)

    def _dir(self, node_id: str) -> Path:
        return self._root / node_id

    def _note(self, node_id: str) -> Path:
        return self._dir(node_id) / "node.json"

    def _notes(self) -> list[tuple[str, Json]]:
        """Return every node with a folder here; one without a note was never admitted and uses nothing."""
        paths = sorted(self._root.glob("*/node.json"))
        return [(path.parent.name, note) for path in paths if (note := _read_json(path)) is not None]

    def _daemons(self, node_id: str) -> list[str]:
        return sorted(path.parent.name for path in self._dir(node_id).glob("*/incarnation"))


def node_type_id(cores: int, memory_mib: int) -> str:
    """Return the id of a node type, e.g. "local-2c-4g"."""
    memory = f"{memory_mib // 1024}g" if memory_mib % 1024 == 0 else f"{memory_mib}m"
    return f"local-{cores}c-{memory}"


def _write_private(path: Path, content: str, *, executable: bool = False) -> None:
    """Write a file atomically, readable only by its owner."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700 if executable else 0o600), "w") as file:
        file.write(content)
    draft.rename(path)


def _read_json(path: Path) -> Json | None:
    try:
        value: Json = json.loads(path.read_text())
        return value
    except (OSError, ValueError):
        return None


def _read_note(kind: type[T], path: Path) -> T | None:
    """Return a note that a daemon wrote, or None if it is missing or invalid."""
    try:
        return decode(kind, path.read_text())
    except (OSError, ProtocolError):
        return None
