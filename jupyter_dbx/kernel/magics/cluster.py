"""`%cluster`: clusters from a notebook."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from typing import Any
from urllib.parse import quote

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.choice import ClusterChoice
from jupyter_dbx.kernel.client import Client
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.kernel.draft import Draft
from jupyter_dbx.kernel.errors import RequestRefused
from jupyter_dbx.kernel.event_words import event_words
from jupyter_dbx.kernel.magics.options import changed_draft, read_line
from jupyter_dbx.kernel.magics.waiting import name_of, wait_for, wait_until_up
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json


@magics_class
class ClusterMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """The verbs of `%cluster`, one method each; what a method returns is the answer of `--json`."""

    @line_magic  # type: ignore[untyped-decorator]
    def cluster(self, line: str) -> Any:
        """List, create, attach and control clusters: `%cluster -h` tells how."""
        args = read_line(line)
        if args is None:
            return None
        try:
            answer = getattr(self, f"_{args.verb}")(args)
        except DbxError as error:
            raise RequestRefused(error.message) from None
        return answer if getattr(args, "json", False) else None

    # -- looking -------------------------------------------------------------------------------------------------------

    def _list(self, args: argparse.Namespace) -> list[Json]:
        clusters: list[Json] = self._client.dbx("GET", "clusters")["clusters"]
        if not args.json:
            attached, now_ms = self._choice.cluster_id(), int(time.time() * 1000)
            rows = [
                [
                    f"{c['cluster_name']}{' (attached)' if c['cluster_id'] == attached else ''}",
                    c["state"],
                    wording.size_words(c, {}),
                    wording.load_words(c["live"]) if c["live"] else "",
                    wording.ending_words(c, now_ms),
                    c["cluster_id"],
                ]
                for c in clusters
            ]
            notice = "`%cluster panel` shows them with buttons."
            if not rows:
                notice = "There are no clusters yet: `%cluster create NAME --workers 2`, or click: `%cluster panel`"
            display(Table(["name", "state", "size", "load", "end", "cluster_id"], rows, notice))
        return clusters

    def _panel(self, args: argparse.Namespace) -> None:
        # Not at the top: a kernel comes up without widgets.
        from jupyter_dbx.kernel.widgets import ClusterPanel

        display(ClusterPanel(self._session))

    def _get(self, args: argparse.Namespace) -> Json:
        cluster = self._described(self._chosen(args.name))
        if not args.json:
            display(Table(["", ""], _facts(cluster), "`%cluster get --json` gives every field."))
        return cluster

    def _events(self, args: argparse.Namespace) -> list[Json]:
        path = f"{_path(self._chosen(args.name))}/events"
        answer = self._client.dbx("POST", path, limit=args.limit)
        events: list[Json] = answer["events"]
        if not args.json:
            rows = [[_time(e["timestamp"]), e["type"], event_words(e)] for e in events]
            display(Table(["time", "event", "what happened"], rows, f"{len(rows)} of {answer['total_count']} events"))
        return events

    def _logs(self, args: argparse.Namespace) -> Any:
        cluster = self._chosen(args.name)
        logs: list[Json] = self._client.dbx("GET", f"{_path(cluster)}/logs")["logs"]
        if args.list:
            if not args.json:
                rows = [
                    [log["path"], log["role"], log["size"], _time(log["modified_time"]), log["live"]] for log in logs
                ]
                display(Table(["path", "of", "bytes", "written", "still grows"], rows))
            return logs
        wanted = [log for log in logs if not args.path or f"/{log['path']}".endswith(f"/{args.path}")]
        if not wanted:
            known = ", ".join(log["path"] for log in logs) or "none yet"
            raise UsageError(f"Cluster {name_of(cluster)} has no such log. There are: {known}.")
        chosen = max(
            wanted, key=lambda log: (log["role"] == "driver", log["live"], log["size"] > 0, log["modified_time"])
        )
        piece = self._client.dbx("GET", f"{_path(cluster)}/log", path=chosen["path"], tail=args.tail)
        if not args.json:
            print(f"{piece['path']}, the last {args.tail} lines:\n{piece['text']}".rstrip())
        return piece

    def _info(self, args: argparse.Namespace) -> Json:
        cluster = self._described(self._chosen(args.name))
        live, client = cluster["live"] or {}, self._client
        info = {
            "cluster_id": cluster["cluster_id"],
            "state": cluster["state"],
            "size": wording.size_words(cluster, {}),
            "spark_ui_url": cluster.get("spark_ui_url", ""),
            "notebooks": [seat["notebook"] for seat in live.get("notebooks", [])],
            "host": client.url.rstrip("/"),
        }
        if not args.json:
            ends = wording.ending_words(cluster, int(time.time() * 1000))
            print(f"{name_of(cluster)} is {cluster['state']}: {info['size']}; {ends}.")
            print(f"Spark UI:   {info['spark_ui_url'] or 'while it runs'}")
            print(f"Notebooks:  {', '.join(info['notebooks']) or 'none'}")
            print(
                "Programs (databricks-sdk, curl, …) reach it with these lines in a shell; `jupyter server list` shows the token:"
            )
            print(f"  export DATABRICKS_HOST={info['host']}\n  export DATABRICKS_TOKEN=…")
        return info

    # -- acting --------------------------------------------------------------------------------------------------------

    def _create(self, args: argparse.Namespace) -> Json:
        draft = changed_draft(Draft(name=args.name), args)
        for cluster in self._client.dbx("GET", "clusters")["clusters"]:
            if cluster["cluster_name"] == args.name:  # so it is when all cells are run again
                return self._attach_known(cluster, args)
        version = self._client.clusters("spark-versions")["versions"][0]["key"]
        cluster_id = str(self._client.clusters("create", **draft.to_spec({"spark_version": version}))["cluster_id"])
        self._attach_to(cluster_id)
        cluster = wait_until_up(self._client, cluster_id, quiet=args.json)
        self._session.bind()
        return cluster

    def _attach_known(self, cluster: Json, args: argparse.Namespace) -> Json:
        self._attach_to(cluster["cluster_id"])
        self._session.bind()
        size = wording.size_words(cluster, {})
        return self._done(cluster, f"There is a cluster {name_of(cluster)} already ({size}): attached to that.", args)

    def _edit(self, args: argparse.Namespace) -> Json:
        cluster = self._described(self._chosen(args.name))
        old = Draft.from_spec(cluster["spec"])
        new = changed_draft(old, args)
        if new == old:
            raise UsageError(f"Say what to change of {name_of(cluster)}: `%cluster edit -h` lists the options.")
        self._client.clusters("edit", **new.to_spec(cluster["spec"]) | {"cluster_id": cluster["cluster_id"]})
        if cluster["state"] == "RUNNING":
            return wait_until_up(self._client, cluster["cluster_id"], quiet=args.json)
        return self._done(cluster, f"{new.name} is changed.", args)

    def _start(self, args: argparse.Namespace) -> Json:
        return self._act("start", self._chosen(args.name), args)

    def _restart(self, args: argparse.Namespace) -> Json:
        return self._act("restart", self._chosen(args.name), args)

    def _resize(self, args: argparse.Namespace) -> Json:
        cluster = self._chosen(args.name)
        return self._act("resize", cluster, args, **changed_draft(Draft.from_spec(cluster), args).size())

    def _extend(self, args: argparse.Namespace) -> Json:
        cluster = self._chosen(args.name)
        self._client.dbx("POST", f"{_path(cluster)}/extend")
        minutes = cluster["autotermination_minutes"]
        ends = f"ends after {minutes} min without use, from now on" if minutes else "never ends by itself anyway"
        return self._done(cluster, f"{name_of(cluster)} {ends}.", args)

    def _pin(self, args: argparse.Namespace) -> Json:
        cluster = self._chosen(args.name)
        self._client.clusters("pin", cluster_id=cluster["cluster_id"])
        return self._done(cluster, f"{name_of(cluster)} is pinned.", args)

    def _unpin(self, args: argparse.Namespace) -> Json:
        cluster = self._chosen(args.name)
        self._client.clusters("unpin", cluster_id=cluster["cluster_id"])
        return self._done(cluster, f"{name_of(cluster)} is not pinned any more.", args)

    def _terminate(self, args: argparse.Namespace) -> Json:
        cluster_id = self._chosen(args.name)["cluster_id"]
        self._client.clusters("delete", cluster_id=cluster_id)
        return wait_for(self._client, cluster_id, lambda c: c["state"] == "TERMINATED", quiet=args.json)

    def _delete(self, args: argparse.Namespace) -> Json:
        cluster = self._described(self._chosen(args.name))
        others = [s for s in (cluster["live"] or {}).get("notebooks", []) if s["kernel_id"] != self._session.kernel_id]
        if (others or cluster["pinned"]) and not args.yes:
            why = f"is used by {wording.plural(len(others), 'other notebook')}" if others else "is pinned"
            raise UsageError(f"{name_of(cluster)} {why}: `%cluster delete {args.name} --yes` deletes it all the same.")
        self._client.clusters("permanent-delete", cluster_id=cluster["cluster_id"])
        if not args.json:
            print(f"Deleted {name_of(cluster)}.")
        return {}

    def _attach(self, args: argparse.Namespace) -> Json:
        cluster = self._chosen(args.name)
        self._attach_to(cluster["cluster_id"])
        self._session.bind()
        return self._done(cluster, f"Attached to {name_of(cluster)}.", args)

    def _detach(self, args: argparse.Namespace) -> Json:
        self._session.release()
        self._choice.clear()
        if not args.json:
            print("Detached.")
        return {}

    # -- what the verbs share ------------------------------------------------------------------------------------------

    @property
    def _session(self) -> NotebookSession:
        session: NotebookSession = self.shell.kernel.spark_session
        return session

    @property
    def _client(self) -> Client:
        return self._session.client

    @property
    def _choice(self) -> ClusterChoice:
        return ClusterChoice(self._session)

    def _act(self, verb: str, cluster: Json, args: argparse.Namespace, **facts: Any) -> Json:
        self._client.clusters(verb, cluster_id=cluster["cluster_id"], **facts)
        return wait_until_up(self._client, cluster["cluster_id"], quiet=args.json)

    def _done(self, cluster: Json, sentence: str, args: argparse.Namespace) -> Json:
        """Say what was done, and return how the cluster is now."""
        if not args.json:
            print(sentence)
        return self._described(cluster)

    def _chosen(self, name: str | None) -> Json:
        """Return the cluster of this name or id, else the attached one."""
        chosen = name or self._choice.cluster_id()
        if not chosen:
            raise UsageError("This notebook is attached to no cluster: say which one, or `%cluster attach NAME`.")
        return self._client.find_cluster(chosen)

    def _described(self, cluster: Json) -> Json:
        """Return a cluster with its spec and what its driver says of itself."""
        return self._client.dbx("GET", _path(cluster))

    def _attach_to(self, cluster_id: str) -> None:
        """Let the notebook want this cluster; its seat on another one is given back."""
        self._choice.choose(cluster_id)
        self._session.release()


def _facts(cluster: Json) -> list[list[str]]:
    """Return what people want to know of a cluster, line by line."""
    pairs = {"Spark conf": cluster.get("spark_conf"), "Environment": cluster.get("spark_env_vars")}
    facts = {
        "Name": cluster["cluster_name"],
        "Id": cluster["cluster_id"],
        "State": ": ".join(filter(None, [cluster["state"], cluster["state_message"]])),
        "Size": wording.size_words(cluster, {}),
        "Driver": cluster["driver_node_type_id"],
        "Load": wording.load_words(cluster["live"]) if cluster["live"] else "",
        "Notebooks": ", ".join(seat["notebook"] for seat in (cluster["live"] or {}).get("notebooks", [])),
        "End": wording.ending_words(cluster, int(time.time() * 1000)),
        "Spark UI": cluster.get("spark_ui_url", ""),
        "Spark": cluster.get("effective_spark_version") or cluster["spec"].get("spark_version", ""),
        **{what: "\n".join(f"{k}={v}" for k, v in (given or {}).items()) for what, given in pairs.items()},
        "Created": f"{_time(cluster['start_time'])} by {cluster['creator_user_name']}",
    }
    return [[name, value] for name, value in facts.items() if value]


def _path(cluster: Json) -> str:
    return f"clusters/{quote(cluster['cluster_id'], safe='')}"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M:%S")
