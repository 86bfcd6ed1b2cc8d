"""The contract of every backend."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import AsyncIterator

from traitlets import MetaHasTraits
from traitlets.config import LoggingConfigurable

from jupyter_dbx.model.node import Daemon, LogFile, Node, NodeTypes, Observation
from jupyter_dbx.model.usage import NodeProcess, NodeResources
from jupyter_dbx.model.wire import Json


class _AbstractConfigurable(ABCMeta, MetaHasTraits):
    """Lets a class be configurable and have abstract methods, which traitlets' own metaclass does not know of."""


class Backend(LoggingConfigurable, metaclass=_AbstractConfigurable):
    """A place where nodes can live.

    Four promises, which `tests/contract/test_backend.py` asks of every backend: **idempotent** (each verb may be repeated,
    also after a crash in the middle of it), **eventually consistent** (what was asked for shows up in `list_nodes`),
    **honest** (`list_nodes` gives every node this workspace owns, also forgotten and half-made ones) and **Spark-blind**.

    `observe`, `log`, `config`, `parent` and `traits` are traitlets' own names: no method may use them.
    """

    @property
    def place(self) -> str:
        """Return what tells the machines that this server looks after from those of other servers with the same store."""
        return ""

    async def open(self) -> None:
        """Get ready. Called once, before anything else, when a server starts."""

    async def close(self) -> None:
        """Let go of connections; nodes stay as they are. Called once, when a server stops."""

    @abstractmethod
    async def node_types(self) -> NodeTypes:
        """Return what can be asked for and how much there is of it. Called by managers at every request."""

    @abstractmethod
    def provision(self, node: Node) -> AsyncIterator[Json]:
        """Make a node, and yield its `backend_state` after every step that must not be forgotten.

        Called by the cluster controller for a node in state PROVISIONING; each yield is saved before work goes on, so that a
        crash leaves enough behind to release what was half made.

        Raises
        ------
        NodeFailure : there is no room, or the place refuses
        """

    @abstractmethod
    async def release(self, node: Node) -> None:
        """Give a node back with all that runs on it, half-made ones too. Called until the node has gone from `list_nodes`."""

    @abstractmethod
    async def start(self, node: Node, daemon: Daemon) -> None:
        """Start a daemon on a READY node, in place of an earlier one of the same name.

        Raises
        ------
        NodeFailure : it cannot be started
        """

    @abstractmethod
    async def stop(self, node: Node, name: str, *, grace_s: float) -> None:
        """Stop a daemon and everything it started; by force after `grace_s`."""

    @abstractmethod
    async def list_nodes(self) -> dict[str, Observation]:
        """Return what exists: node id → observation. Called before every plan."""

    @abstractmethod
    async def list_processes(self) -> dict[str, list[NodeProcess]]:
        """Return what runs on every live node: node id → its processes, without their ports. Called every few seconds."""

    @abstractmethod
    async def inspect(self, cluster_id: str) -> dict[str, NodeResources]:
        """Return all that a cluster's live nodes take: node id → its resources. Called when somebody looks."""

    @abstractmethod
    async def list_logs(self, cluster_id: str) -> list[LogFile]:
        """Return the logs of a cluster's daemons, newest first; those of released nodes stay until `forget`."""

    @abstractmethod
    async def read_log(self, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
        """Return up to `length` bytes of a log from byte `start` on, or its last `-start` ones; b"" beyond its end.

        Raises
        ------
        ResourceDoesNotExist : there is no such log
        """

    @abstractmethod
    async def forget(self, cluster_id: str) -> None:
        """Delete the logs that are kept of a cluster. Called once, when it is deleted for good."""
