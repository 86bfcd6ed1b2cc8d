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
    """Combines traitlets' configurable classes with abstract methods."""


class Backend(LoggingConfigurable, metaclass=_AbstractConfigurable):
    """Provisions nodes and runs daemons on them.

    Four promises, which `tests/contract/test_backend.py` checks for every backend: **idempotent** (each verb may be repeated,
    also after a crash in the middle), **eventually consistent** (requested changes show up in `list_nodes`),
    **complete** (`list_nodes` returns every node of this workspace, including orphaned and half-created ones) and
    **independent of Spark**.

    `observe`, `log`, `config`, `parent` and `traits` are names of traitlets: no method may use them.
    """

    @property
    def place(self) -> str:
        """Return the id of the machines that this server manages, as opposed to those of other servers with the same store."""
        return ""

    async def open(self) -> None:
        """Prepare the backend. Called once, before anything else, when a server starts."""

    async def close(self) -> None:
        """Close connections; nodes keep running. Called once, when a server stops."""

    @abstractmethod
    async def node_types(self) -> NodeTypes:
        """Return the available node types and the capacity. Called by managers at every request."""

    @abstractmethod
    def provision(self, node: Node) -> AsyncIterator[Json]:
        """Create a node, and yield its `backend_state` after every step that must be recorded.

        Called by the cluster controller for a node in state PROVISIONING. Each yielded state is saved before work continues, so
        that a half-created node can be released after a crash.

        Raises
        ------
        NodeFailure : there is no capacity, or the infrastructure reports an error
        """

    @abstractmethod
    async def release(self, node: Node) -> None:
        """Release a node, also a half-created one, with all its processes. Called until `list_nodes` lacks it."""

    @abstractmethod
    async def start(self, node: Node, daemon: Daemon) -> None:
        """Start a daemon on a READY node, replacing an earlier one of the same name.

        Raises
        ------
        NodeFailure : it failed to start
        """

    @abstractmethod
    async def stop(self, node: Node, name: str, *, grace_s: float) -> None:
        """Stop a daemon and everything it started; kill it after `grace_s`."""

    @abstractmethod
    async def list_nodes(self) -> dict[str, Observation]:
        """Return all nodes: node id → observation. Has no side effects.

        Called by the cluster controller once for all clusters that are due together.
        """

    @abstractmethod
    async def list_processes(self) -> dict[str, list[NodeProcess]]:
        """Return the processes of every live node: node id → processes, without their ports.

        Called by the cluster controller a few times a minute, once for all clusters that are due together.
        """

    @abstractmethod
    async def inspect(self, cluster_id: str) -> dict[str, NodeResources]:
        """Return the resources that a cluster's live nodes use: node id → resources. Called at a user's request."""

    @abstractmethod
    async def list_logs(self, cluster_id: str) -> list[LogFile]:
        """Return the logs of a cluster's daemons, newest first; those of released nodes stay until `forget`."""

    @abstractmethod
    async def read_log(self, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
        """Return up to `length` bytes of a log from byte `start`, or of its last `-start` bytes; b"" beyond its end.

        Raises
        ------
        ResourceDoesNotExist : there is no such log
        """

    async def bound_logs(self) -> None:
        """Truncate the logs of running daemons. Called by the log controller every few seconds.

        The default does nothing, for infrastructure that limits logs itself.
        """

    @abstractmethod
    async def forget(self, cluster_id: str) -> None:
        """Delete the retained logs of a cluster. Called once, when it is deleted permanently."""
