"""`%cluster`: clusters from a notebook."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from jupyter_dbx.kernel.display import Table
from jupyter_dbx.kernel.errors import ClusterFailed, RequestRefused
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES, SINGLE_NODE_CONF, SINGLE_NODE_TAGS
from jupyter_dbx.model.wire import Json

#: How often a cluster is asked about while a magic waits for it, s.
ASK_EVERY_S = 0.3


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage()}")


@magics_class
class ClusterMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """The verbs of `%cluster`, one method each."""

    @line_magic  # type: ignore[untyped-decorator]
    def cluster(self, line: str) -> None:
        """List, create, attach and control clusters: `%cluster -h` tells how."""
        try:
            args = _parser().parse_args(shlex.split(line) or ["list"])
        except SystemExit:  # after -h, which has printed the help
            return
        except ValueError as error:
            raise UsageError(f"{error} in: {line}") from None
        try:
            getattr(self, f"_{args.verb}")(args)
        except DbxError as error:
            raise RequestRefused(error.message) from None

    @property
    def _session(self) -> NotebookSession:
        session: NotebookSession = self.shell.kernel.spark_session
        return session

    def _list(self, args: argparse.Namespace) -> None:
        clusters = self._session.client.clusters("list")["clusters"]
        attached = self._attached_id()
        rows = [
            [
                f"{c['cluster_name']}{' (attached)' if c['cluster_id'] == attached else ''}",
                c["state"],
                "single node" if not c["num_workers"] else f"{c['num_workers']} × {c['node_type_id']}",
                _idle(c),
                c["cluster_id"],
            ]
            for c in clusters
        ]
        notice = "" if rows else "There are no clusters yet: `%cluster create NAME --workers 2`"
        display(Table(["name", "state", "workers", "ends after", "cluster_id"], rows, notice))

    def _create(self, args: argparse.Namespace) -> None:
        spec: Json = {
            "cluster_name": args.name,
            "spark_version": self._session.client.clusters("spark-versions")["versions"][0]["key"],
            "node_type_id": args.node_type,
            "driver_node_type_id": args.driver_node_type,
            "num_workers": args.workers,
            "autotermination_minutes": args.idle,
            "spark_conf": dict(_pair(p) for p in args.conf),
        }
        if args.workers == 0:
            spec["spark_conf"] = SINGLE_NODE_CONF | spec["spark_conf"]
            spec["custom_tags"] = SINGLE_NODE_TAGS
        created = self._session.client.clusters("create", **spec)["cluster_id"]
        self._attach_to(created)
        self._wait_running(created)
        self._session.bind()

    def _attach(self, args: argparse.Namespace) -> None:
        cluster = self._session.client.find_cluster(args.name)
        self._attach_to(cluster["cluster_id"])
        self._session.bind()
        print(f"Attached to {cluster['cluster_name']}.")

    def _detach(self, args: argparse.Namespace) -> None:
        self._session.release()
        self._kernel_call("DELETE")
        print("Detached.")

    def _start(self, args: argparse.Namespace) -> None:
        self._act("start", args.name)

    def _restart(self, args: argparse.Namespace) -> None:
        self._act("restart", args.name)

    def _resize(self, args: argparse.Namespace) -> None:
        self._act("resize", args.name, num_workers=args.workers)

    def _terminate(self, args: argparse.Namespace) -> None:
        cluster = self._chosen(args.name)
        self._session.client.clusters("delete", cluster_id=cluster["cluster_id"])
        self._wait(cluster["cluster_id"], lambda c: c["state"] == "TERMINATED")

    def _delete(self, args: argparse.Namespace) -> None:
        cluster = self._session.client.find_cluster(args.name)
        self._session.client.clusters("permanent-delete", cluster_id=cluster["cluster_id"])
        print(f"Deleted {cluster['cluster_name']}.")

    def _events(self, args: argparse.Namespace) -> None:
        cluster = self._chosen(args.name)
        answer = self._session.client.clusters("events", cluster_id=cluster["cluster_id"], limit=args.limit)
        rows = [
            [
                datetime.fromtimestamp(e["timestamp"] / 1000).strftime("%Y-%m-%d %H:%M:%S"),
                e["type"],
                _detail(e["details"]),
            ]
            for e in answer["events"]
        ]
        display(Table(["time", "event", "details"], rows, f"{len(rows)} of {answer['total_count']} events"))

    # -- what the verbs share ------------------------------------------------------------------------------------------

    def _act(self, verb: str, name: str | None, **args: Any) -> None:
        cluster = self._chosen(name)
        self._session.client.clusters(verb, cluster_id=cluster["cluster_id"], **args)
        self._wait_running(cluster["cluster_id"])

    def _chosen(self, name: str | None) -> Json:
        """Return the cluster of this name or id, else the attached one."""
        chosen = name or self._attached_id()
        if not chosen:
            raise UsageError("This notebook is attached to no cluster: say which one, or `%cluster attach NAME`.")
        return self._session.client.find_cluster(chosen)

    def _attached_id(self) -> str:
        try:
            return str(self._kernel_call("GET")["cluster_id"])
        except DbxError as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return ""

    def _attach_to(self, cluster_id: str) -> None:
        """Let the notebook want this cluster; its seat on another one is given back."""
        self._kernel_call("PUT", cluster=cluster_id)
        self._session.release()

    def _kernel_call(self, method: str, **args: Any) -> Json:
        session = self._session
        return session.client.kernel(method, session.kernel_id, "cluster", path=session.notebook or None, **args)

    def _wait_running(self, cluster_id: str) -> None:
        cluster = self._wait(cluster_id, lambda c: c["state"] in ("RUNNING", "TERMINATED", "ERROR"))
        if cluster["state"] != "RUNNING":
            raise ClusterFailed(f"Cluster {cluster['cluster_name']} is {cluster['state']}. {cluster['state_message']}")

    def _wait(self, cluster_id: str, until: Callable[[Json], bool]) -> Json:
        """Show the cluster's state until it is as wanted; return the cluster."""
        began = time.monotonic()
        handle: Any = None
        shown = ""
        while True:
            cluster = self._session.client.clusters("get", cluster_id=cluster_id)
            up = len(cluster.get("executors", []))
            line = f"{cluster['cluster_name']}: {cluster['state']}, {up} of {cluster['num_workers']} workers"
            if until(cluster):
                line += f" ({time.monotonic() - began:.1f} s)"
            # A dictionary of MIME types, so that the line is not shown as a quoted string.
            if handle is None:
                handle = display({"text/plain": line}, raw=True, display_id=True)
            elif line != shown:
                handle.update({"text/plain": line}, raw=True)
            shown = line
            if until(cluster):
                return cluster
            time.sleep(ASK_EVERY_S)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%cluster", description="Control Spark clusters.")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser)
    verbs.add_parser("list", help="show all clusters")
    create = verbs.add_parser("create", help="create a cluster, attach this notebook and wait until it is up")
    create.add_argument("name")
    create.add_argument("--workers", type=int, default=2, help="worker nodes; 0 = a single node (default: 2)")
    create.add_argument("--node-type", help="size of the workers (default: the smallest)")
    create.add_argument("--driver-node-type", help="size of the driver (default: as the workers)")
    create.add_argument(
        "--idle",
        type=int,
        default=DEFAULT_AUTOTERMINATION_MINUTES,
        help="end after this many idle minutes; 0 = never (default: %(default)s)",
    )
    create.add_argument(
        "--conf", action="append", default=[], metavar="KEY=VALUE", help="a Spark property; repeat for more"
    )
    for verb, what in (
        ("attach", "let this notebook use a cluster"),
        ("delete", "end a cluster and forget it"),
    ):
        verbs.add_parser(verb, help=what).add_argument("name", help="name or id")
    verbs.add_parser("detach", help="leave the cluster; the notebook's variables stay")
    for verb, what in (
        ("start", "start a terminated cluster"),
        ("restart", "replace driver and workers"),
        ("terminate", "end a cluster; its definition stays"),
        ("events", "show what happened"),
    ):
        sub = verbs.add_parser(verb, help=what)
        sub.add_argument("name", nargs="?", help="name or id (default: the attached one)")
        if verb == "events":
            sub.add_argument("--limit", type=int, default=20, help="how many (default: %(default)s)")
    resize = verbs.add_parser("resize", help="change the number of workers")
    resize.add_argument("name", nargs="?", help="name or id (default: the attached one)")
    resize.add_argument("workers", type=int)
    return parser


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--conf takes KEY=VALUE, not {text!r}")
    return key, value


def _idle(cluster: Json) -> str:
    minutes = cluster["autotermination_minutes"]
    return f"{minutes} idle min" if minutes else "never"


def _detail(details: Json) -> str:
    reason = details.get("reason", {}).get("code")
    user = details.get("user")
    sizes = [details.get("current_num_workers"), details.get("target_num_workers")]
    parts = [
        f"by {user}" if user else "",
        reason or "",
        f"{sizes[0]} → {sizes[1]} workers" if sizes[1] is not None else "",
    ]
    return ", ".join(part for part in parts if part)
