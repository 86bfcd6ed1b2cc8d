"""A server with a few clusters, and the notebook's session and shell through which magics find it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

from traitlets.config import Configurable

from jupyter_dbx.client.client import Client
from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.session.cells import Cell
from jupyter_dbx.model.answers.answer import decode
from jupyter_dbx.model.answers.clusters import ClusterView, Live
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.rest.table import ROUTES

CAPACITY = {"cores": 8, "free_cores": 6, "memory_mib": 16 * 1024, "free_memory_mib": 12 * 1024}
#: Paths to change and to read a notebook's attachment.
ATTACHMENT, CHOICE = "dbx/kernels/k1/cluster", "dbx/kernels/k1"


def a_cluster(cluster_id: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return a cluster as the server's JSON."""
    facts = {"state": "RUNNING", "state_message": "", "num_workers": 2, "node_type_id": "local-1c-2g"}
    facts |= {"executors": [{}, {}], "driver": {"node_id": "d"}, "driver_node_type_id": "local-1c-2g"}
    facts |= {"autotermination_minutes": 60, "pinned": False, "live": None, "spark_ui_url": ""}
    facts |= {"start_time": 1_700_000_000_000, "creator_user_name": "ada"}
    return {"cluster_id": cluster_id, "cluster_name": name} | facts | changes


def a_pulse(**changes: Any) -> dict[str, Any]:
    """Return the status of a driver with one busy notebook, as the server's JSON."""
    load = {"running_tasks": 3, "pending_tasks": 0, "busy_cores": 3, "total_cores": 4}
    seat = {"kernel_id": "k2", "pid": 7, "notebook": "/home/ada/b.ipynb", "since_ms": 0, "busy": True}
    facts = {"time": int(time.time() * 1000), "load": load, "idle_s": 0.0, "ends_in_s": None, "notebooks": [seat]}
    return facts | changes


def a_view(cluster_id: str, name: str, **changes: Any) -> ClusterView:
    """Return a cluster as a class."""
    return decode(ClusterView, a_cluster(cluster_id, name, **changes))


def a_live(**changes: Any) -> Live:
    """Return the status of a driver as a class."""
    return decode(Live, a_pulse(**changes))


@dataclass(frozen=True)
class FakeClient(Client):
    """A server with a few clusters, which records its requests."""

    known: list[dict[str, Any]] = field(default_factory=list)
    #: the ID of the attached cluster, or empty
    attached: list[str] = field(default_factory=list)
    #: states that a cluster reports one after the other; the last one stays
    states: list[str] = field(default_factory=lambda: ["RUNNING"])
    #: the minimum of idle minutes
    least_minutes: int = 10
    #: path → the error that a request for it raises
    errors: dict[str, DbxError] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    #: the order of releases, bindings and changes of the attachment
    order: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, /, **args: Any) -> dict[str, Any]:
        assert any(route.match(method, path) is not None for route in ROUTES), f"the server has no {method} {path}"
        given = {k: v for k, v in args.items() if v is not None}
        self.requests.append((method, path, given))
        if path in self.errors:
            raise self.errors[path]
        match path.split("/"):
            case ["dbx", "kernels", _]:
                return {"cluster_id": "".join(self.attached), "is_chosen": bool(self.attached or self.order)}
            case ["dbx", "kernels", _, "cluster"]:
                return self.attachment(method, given)
            case ["dbx", "kernels", _, "clusters"]:
                return {"clusters": [dict(c) for c in self.known], "attached": "".join(self.attached)}
            case ["dbx", "clusters"] | [_, "clusters", "list"]:
                return {"clusters": [dict(c) for c in self.known]}
            case ["dbx", "workspace"]:
                return {"user_name": "ada", "org_id": 7}
            case ["dbx", "limits"]:
                return {"autotermination_minutes": {"least": self.least_minutes, "most": 10_000}, "capacity": CAPACITY}
            case ["dbx", "clusters", cluster_id]:
                return self.described(cluster_id)
            case ["dbx", "clusters", _, "events"]:
                return {"events": EVENTS, "total_count": 7}
            case ["dbx", "clusters", _, "logs"]:
                return {"logs": LOGS}
            case ["dbx", "clusters", _, "log"]:
                return {"path": given["path"], "text": "one\ntwo\n", "offset": 0, "next_offset": 8, "size": 8}
            case [_, "clusters", "get"]:
                return self.described(given["cluster_id"])
            case [_, "clusters", "create"]:
                self.known.append(a_cluster("new", given["cluster_name"]))
                return {"cluster_id": "new"}
            case [_, "clusters", "spark-versions"]:
                return {"versions": [{"key": "4.3.x-scala2.13", "name": ""}, {"key": "other", "name": ""}]}
            case [_, "clusters", "list-node-types"]:
                return {
                    "node_types": [
                        {"node_type_id": f"local-{n}c", "num_cores": float(n), "memory_mb": n * 2048} for n in (1, 2)
                    ]
                }
        return {}

    def described(self, cluster_id: str) -> dict[str, Any]:
        """Return one cluster in its next state."""
        found = next(c for c in self.known if c["cluster_id"] == cluster_id)
        names = ("cluster_name", "num_workers", "node_type_id", "autotermination_minutes", "custom_tags")
        spec = {name: found[name] for name in names if name in found}
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return found | {"spec": spec | {"spark_version": "4.3.x-scala2.13"}, "state": state}

    def attachment(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        self.order.append(method)
        self.attached[:] = [given["cluster"]] if method == "PUT" else []
        return {}

    def requests_to(self, verb: str) -> list[dict[str, Any]]:
        """Return the arguments of all requests for one verb of the Clusters API."""
        return [args for _, path, args in self.requests if path == f"2.0/clusters/{verb}"]


EVENTS = [
    {"timestamp": 1_700_000_060_000, "type": "TERMINATING", "details": {"reason": {"code": "INACTIVITY"}}},
    {
        "timestamp": 1_700_000_030_000,
        "type": "RESIZING",
        "details": {"current_num_workers": 0, "target_num_workers": 2},
    },
    {"timestamp": 1_700_000_000_000, "type": "CREATING", "details": {"user": "ada"}},
]


LOGS = [
    {"path": "n1/worker/stderr", "role": "worker", "size": 900, "modified_time": 1_700_000_090_000, "live": True},
    {"path": "n0/driver/stderr", "role": "driver", "size": 0, "modified_time": 1_700_000_080_000, "live": True},
    {"path": "n0/driver/spark.log", "role": "driver", "size": 800, "modified_time": 1_700_000_070_000, "live": True},
]


class FakeSession:
    """A notebook's session without Spark."""

    def __init__(self, client: FakeClient) -> None:
        self.client = client
        self.notebook = SimpleNamespace(kernel_id="k1", path="a.ipynb", client=client, arguments=Arguments())

    @property
    def spark(self) -> FakeSpark:
        self.bind()
        return FakeSpark()

    def bind(self) -> None:
        self.client.order.append("bind")

    def release(self) -> None:
        self.client.order.append("release")

    def release_soon(self) -> None:
        self.client.order.append("release soon")

    def cancel_jobs(self, cell: int) -> None:
        self.client.order.append(f"cancel {cell}")

    @contextmanager
    def handling(self, title: str = "") -> Iterator[Cell]:
        yield Cell(7, title, is_handled=True)


class FakeSpark:
    """Answers a statement with the statement; has one property."""

    conf: ClassVar = {"name": "spark's own"}

    def sql(self, statement: str, args: dict[str, Any] | None = None) -> SimpleNamespace:
        columns = [] if statement.startswith("CREATE") else ["n"]
        rows = [[word] for word in statement.split()]
        return SimpleNamespace(statement=statement, columns=columns, args=args, collect=lambda: rows)


class FakeShell(Configurable):  # type: ignore[misc]  # mypy does not follow traitlets here
    """The part of IPython's shell that magics need."""

    def __init__(self, client: FakeClient) -> None:
        super().__init__()
        self.user_ns: dict[str, Any] = {}
        self.kernel = SimpleNamespace(spark_session=FakeSession(client))
