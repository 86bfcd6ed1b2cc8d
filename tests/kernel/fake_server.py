"""A server of a few clusters, and the notebook's session and shell that magics find it through."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from traitlets.config import Configurable

from jupyter_dbx.kernel.client import Client, RequestFailed
from jupyter_dbx.model.errors import DbxError

ATTACHMENT = "dbx/kernels/k1/cluster"


def a_cluster(cluster_id: str, name: str, **changes: Any) -> dict[str, Any]:
    facts = {"state": "RUNNING", "state_message": "", "num_workers": 2, "node_type_id": "local-1c-2g"}
    facts |= {"executors": [{}, {}], "autotermination_minutes": 60}
    return {"cluster_id": cluster_id, "cluster_name": name} | facts | changes


@dataclass(frozen=True)
class FakeClient(Client):
    """A server of a few clusters, which remembers what it was asked."""

    known: list[dict[str, Any]] = field(default_factory=list)
    #: of the attached cluster, or nothing
    attached: list[str] = field(default_factory=list)
    #: states that `get` tells one after the other; the last one stays
    states: list[str] = field(default_factory=lambda: ["RUNNING"])
    #: path → what is raised when it is asked for
    refuse: dict[str, DbxError] = field(default_factory=dict)
    heard: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    #: in which order the session was released and bound, and the attachment changed
    order: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, /, **args: Any) -> dict[str, Any]:
        given = {k: v for k, v in args.items() if v is not None}
        self.heard.append((method, path, given))
        if path in self.refuse:
            raise self.refuse[path]
        match path.rpartition("/")[2]:
            case "list":
                return {"clusters": self.known}
            case "get":
                found = next(c for c in self.known if c["cluster_id"] == given["cluster_id"])
                return found | {"state": self.states.pop(0) if len(self.states) > 1 else self.states[0]}
            case "create":
                self.known.append(a_cluster("new", given["cluster_name"]))
                return {"cluster_id": "new"}
            case "spark-versions":
                return {"versions": [{"key": "4.3.x-scala2.13", "name": ""}, {"key": "other", "name": ""}]}
            case "events":
                return {"events": EVENTS, "total_count": 7}
            case "cluster":
                return self.attachment(method, given)
        return {}

    def attachment(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        if method != "GET":
            self.order.append(method)
            self.attached[:] = [given["cluster"]] if method == "PUT" else []
            return {}
        if not self.attached:
            raise RequestFailed("This notebook is attached to no cluster.", "RESOURCE_DOES_NOT_EXIST", 404)
        return {"cluster_id": self.attached[0]}

    def asked(self, verb: str) -> list[dict[str, Any]]:
        """Return the arguments of every request for one verb of clusters."""
        return [args for _, path, args in self.heard if path == f"2.0/clusters/{verb}"]


EVENTS = [
    {"timestamp": 1_700_000_060_000, "type": "TERMINATING", "details": {"reason": {"code": "INACTIVITY"}}},
    {
        "timestamp": 1_700_000_030_000,
        "type": "RESIZING",
        "details": {"current_num_workers": 0, "target_num_workers": 2},
    },
    {"timestamp": 1_700_000_000_000, "type": "CREATING", "details": {"user": "ada"}},
]


class FakeSession:
    """A notebook's session without Spark."""

    kernel_id, notebook = "k1", "a.ipynb"

    def __init__(self, client: FakeClient) -> None:
        self.client = client

    @property
    def spark(self) -> FakeSpark:
        self.bind()
        return FakeSpark()

    def bind(self) -> None:
        self.client.order.append("bind")

    def release(self) -> None:
        self.client.order.append("release")


class FakeSpark:
    """Answers a statement with the statement."""

    def sql(self, statement: str) -> SimpleNamespace:
        columns = [] if statement.startswith("CREATE") else ["n"]
        return SimpleNamespace(statement=statement, columns=columns)


class FakeShell(Configurable):  # type: ignore[misc]  # traitlets is not followed by mypy here
    """As much of IPython's shell as magics need."""

    def __init__(self, client: FakeClient) -> None:
        super().__init__()
        self.user_ns: dict[str, Any] = {}
        self.kernel = SimpleNamespace(spark_session=FakeSession(client))
