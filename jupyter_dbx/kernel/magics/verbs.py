"""The verbs of `%cluster`; imported by the first `%cluster` of a notebook."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.display import display

from jupyter_dbx.client import dialect, words
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.event_words import event_words
from jupyter_dbx.client.spec_changes import DEFAULT_SPEC
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.kernel.errors import NotebookError, RequestRefused
from jupyter_dbx.kernel.magics.options import changed_spec, chosen_size
from jupyter_dbx.kernel.magics.waiting import wait_for, wait_until_up
from jupyter_dbx.kernel.session.attachment import NotebookAttachment
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.model.answers.answer import Answer, to_json
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json


class ClusterVerbs:
    """The verbs of `%cluster`, one method each, which returns the value for `--json`."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def run(self, args: argparse.Namespace) -> Any:
        """Run the verb of a parsed line; return the value for `--json`, or None without that option.

        Raises
        ------
        RequestRefused : the server rejects it, or does not respond
        """
        try:
            answer = getattr(self, f"_{args.verb}")(args)
        except NotebookError:
            raise
        except DbxError as error:
            raise RequestRefused(error.message) from None
        if not getattr(args, "json", False):
            return None
        return answer.received if isinstance(answer, Answer) else answer

    # -- reading -------------------------------------------------------------------------------------------------------

    def _list(self, args: argparse.Namespace) -> Any:
        seen = self._client.list_clusters()
        if not args.json:
            attached, now_ms = self._choice.cluster_id(), int(time.time() * 1000)
            user = self._client.get_workspace().user_name
            rows = [
                [
                    _name(c, user, is_attached=c.cluster_id == attached),
                    c.state,
                    words.size_words(c, {}),
                    words.load_words(c.live) if c.live else "",
                    words.termination_words(c, now_ms),
                    c.cluster_id,
                ]
                for c in seen.clusters
            ]
            notice = "`%cluster panel` shows an interactive list."
            if not rows:
                notice = "No clusters yet. Create one with `%cluster create NAME --workers 2` or in `%cluster panel`."
            display(Table(["name", "state", "size", "load", "termination", "cluster_id"], rows, notice))
        return seen.received["clusters"]

    def _panel(self, args: argparse.Namespace) -> None:
        # Imported here, because a kernel starts faster without widgets.
        from jupyter_dbx.kernel.widgets import ClusterPanel

        display(ClusterPanel(self._session))

    def _get(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._with_details(self._chosen(args.name))
        if not args.json:
            display(Table(["", ""], _facts(cluster), "`%cluster get --json` returns all fields."))
        return cluster

    def _events(self, args: argparse.Namespace) -> Any:
        page = self._client.list_events(self._chosen(args.name).cluster_id, limit=args.limit)
        if not args.json:
            rows = [[dialect.time_words(e.timestamp), e.type, event_words(e)] for e in page.events]
            display(Table(["time", "event type", "message"], rows, f"{len(rows)} of {page.total_count} events"))
        return page.received["events"]

    def _logs(self, args: argparse.Namespace) -> Any:
        cluster = self._chosen(args.name)
        found = self._client.list_logs(cluster.cluster_id)
        logs = found.logs
        if args.list:
            if not args.json:
                rows = [[log.path, log.role, log.size, dialect.time_words(log.modified_time), log.live] for log in logs]
                display(Table(["path", "role", "bytes", "modified", "live"], rows))
            return found.received["logs"]
        wanted = [log for log in logs if not args.path or f"/{log.path}".endswith(f"/{args.path}")]
        if not wanted:
            known = ", ".join(log.path for log in logs) or "none"
            raise UsageError(f"Cluster {cluster.name} has no such log. Existing logs: {known}.")
        chosen = max(wanted, key=lambda log: (log.role == "driver", log.live, log.size > 0, log.modified_time))
        part = self._client.read_log(cluster.cluster_id, chosen.path, tail=args.tail)
        if not args.json:
            print(f"{part.path}, last {args.tail} lines:\n{part.text}".rstrip())
        return part

    def _info(self, args: argparse.Namespace) -> Json:
        cluster = self._with_details(self._chosen(args.name))
        info = {
            "cluster_id": cluster.cluster_id,
            "state": cluster.state,
            "size": words.size_words(cluster, {}),
            "spark_ui_url": cluster.spark_ui_url,
            "notebooks": [seat.notebook for seat in cluster.notebooks],
            "host": self._client.url.rstrip("/"),
        }
        if not args.json:
            termination = words.termination_words(cluster, int(time.time() * 1000))
            print(f"{cluster.name} is {cluster.state}. {info['size']}. {termination}.")
            print(f"Spark UI:   {info['spark_ui_url'] or 'only while the cluster is running'}")
            print(f"Notebooks:  {', '.join(seat.notebook for seat in cluster.notebooks) or 'none'}")
            print("To connect other programs (databricks-sdk, curl, …), set these variables in a shell;")
            print("`jupyter server list` shows the token:")
            print(f"  export DATABRICKS_HOST={info['host']}\n  export DATABRICKS_TOKEN=…")
        return info

    # -- acting --------------------------------------------------------------------------------------------------------

    def _create(self, args: argparse.Namespace) -> ClusterView:
        spec = changed_spec(DEFAULT_SPEC | {"cluster_name": args.name}, args)
        for cluster in self._client.list_clusters().clusters:
            if cluster.cluster_name == args.name:  # e.g. when all cells are run again
                return self._attach_known(cluster, args)
        cluster_id = self._client.create_cluster(spec)
        self._attach_to(cluster_id)
        cluster = wait_until_up(self._client, cluster_id, quiet=args.json)
        self._session.bind()
        return cluster

    def _attach_known(self, cluster: ClusterView, args: argparse.Namespace) -> ClusterView:
        self._attach_to(cluster.cluster_id)
        self._session.bind()
        size = words.size_words(cluster, {})
        sentence = f"A cluster named {cluster.name} already exists. Attached to it as it is: {size}."
        return self._done(cluster, sentence, args)

    def _edit(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._with_details(self._chosen(args.name))
        old = cluster.spec or {}
        new = changed_spec(old, args)
        if new == old:
            raise UsageError(f"Specify what to change in {cluster.name}: `%cluster edit -h` lists the options.")
        self._client.edit_cluster(cluster.cluster_id, new)
        if cluster.state == "RUNNING":
            return wait_until_up(self._client, cluster.cluster_id, quiet=args.json)
        return self._done(cluster, f"{new.get('cluster_name') or cluster.name} was edited.", args)

    def _start(self, args: argparse.Namespace) -> ClusterView:
        return self._act(self._client.start_cluster, args)

    def _restart(self, args: argparse.Namespace) -> ClusterView:
        return self._act(self._client.restart_cluster, args)

    def _resize(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._chosen(args.name)
        size = chosen_size(to_json(cluster), args)
        self._client.resize_cluster(cluster.cluster_id, size)
        return wait_until_up(self._client, cluster.cluster_id, quiet=args.json)

    def _extend(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._chosen(args.name)
        self._client.extend_cluster(cluster.cluster_id)
        termination = words.inactivity_words(cluster.autotermination_minutes)
        return self._done(cluster, f"Idle time of {cluster.name} is reset. {termination}.", args)

    def _pin(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._chosen(args.name)
        self._client.pin_cluster(cluster.cluster_id)
        return self._done(cluster, f"{cluster.name} is pinned.", args)

    def _unpin(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._chosen(args.name)
        self._client.unpin_cluster(cluster.cluster_id)
        return self._done(cluster, f"{cluster.name} is no longer pinned.", args)

    def _terminate(self, args: argparse.Namespace) -> ClusterView:
        cluster_id = self._chosen(args.name).cluster_id
        self._client.terminate_cluster(cluster_id)
        return wait_for(self._client, cluster_id, lambda c: c.state == "TERMINATED", quiet=args.json)

    def _delete(self, args: argparse.Namespace) -> Json:
        cluster = self._with_details(self._chosen(args.name))
        others = [seat for seat in cluster.notebooks if seat.kernel_id != self._session.notebook.kernel_id]
        if (others or cluster.pinned) and not args.yes:
            why = f"is used by {dialect.plural(len(others), 'other notebook')}" if others else "is pinned"
            raise UsageError(f"{cluster.name} {why}. To delete it anyway, run `%cluster delete {args.name} --yes`.")
        self._client.delete_cluster(cluster.cluster_id)
        if not args.json:
            print(f"Deleted {cluster.name}.")
        return {}

    def _attach(self, args: argparse.Namespace) -> ClusterView:
        cluster = self._chosen(args.name)
        self._attach_to(cluster.cluster_id)
        self._session.bind()
        return self._done(cluster, f"Attached to {cluster.name}.", args)

    def _detach(self, args: argparse.Namespace) -> Json:
        self._session.release()
        self._choice.clear()
        if not args.json:
            print("Detached.")
        return {}

    # -- common parts of the verbs -------------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        return self._session.notebook.client

    @property
    def _choice(self) -> NotebookAttachment:
        return NotebookAttachment(self._session.notebook)

    def _act(self, act: Callable[[str], None], args: argparse.Namespace) -> ClusterView:
        """Apply a method of the client to the selected cluster, and wait until it is up."""
        cluster = self._chosen(args.name)
        act(cluster.cluster_id)
        return wait_until_up(self._client, cluster.cluster_id, quiet=args.json)

    def _done(self, cluster: ClusterView, sentence: str, args: argparse.Namespace) -> ClusterView:
        """Print the result unless `--json`, and return the cluster's current state."""
        if not args.json:
            print(sentence)
        return self._with_details(cluster)

    def _chosen(self, name: str | None) -> ClusterView:
        """Return the cluster of this name or id, else the attached one."""
        chosen = name or self._choice.cluster_id()
        if not chosen:
            raise UsageError("This notebook is not attached to a cluster. Enter a name, or run `%cluster attach NAME`.")
        return self._client.find_cluster(chosen)

    def _with_details(self, cluster: ClusterView) -> ClusterView:
        """Return a cluster with its spec and its driver's status."""
        return self._client.get_cluster(cluster.cluster_id)

    def _attach_to(self, cluster_id: str) -> None:
        """Attach the notebook to this cluster, and release its seat on another one."""
        self._choice.choose(cluster_id)
        self._session.release()


def _name(cluster: ClusterView, user: str, *, is_attached: bool) -> str:
    """Return the name of a cluster, with its owner if it belongs to somebody else, and whether this notebook uses it."""
    owner = words.foreign_owner(cluster, user)
    notes = [f"owner: {owner}" if owner else "", "attached" if is_attached else ""]
    return cluster.cluster_name + "".join(f" ({note})" for note in notes if note)


def _facts(cluster: ClusterView) -> list[list[str]]:
    """Return the facts about a cluster, as rows of a name and a value."""
    pairs = {"Spark config": cluster.spark_conf, "Environment variables": cluster.spark_env_vars}
    facts = {
        "Name": cluster.cluster_name,
        "Cluster ID": cluster.cluster_id,
        "State": ": ".join(filter(None, [cluster.state, cluster.state_message])),
        "Size": words.size_words(cluster, {}),
        "Driver type": cluster.driver_node_type_id,
        "Load": words.load_words(cluster.live) if cluster.live else "",
        "Notebooks": ", ".join(seat.notebook for seat in cluster.notebooks),
        "Termination": words.termination_words(cluster, int(time.time() * 1000)),
        "Spark UI": cluster.spark_ui_url,
        "Spark": cluster.apache_spark_version or cluster.spark_version or "",
        **{name: "\n".join(f"{k}={v}" for k, v in (values or {}).items()) for name, values in pairs.items()},
        "Created": f"{dialect.time_words(cluster.start_time)} by {cluster.creator_user_name}",
    }
    return [[name, value] for name, value in facts.items() if value]
