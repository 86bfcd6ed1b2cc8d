"""`jupyter dbx clusters logs`: the logs of a cluster's processes; read, followed, listed or downloaded."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, connect, name_of
from jupyter_dbx.cli.clusters.waiting import POLL_S, with_retries
from jupyter_dbx.cli.completion import completed_by, log_nodes, log_paths
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import notify, print_json, print_table
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.dialect import bytes_words, read_count, time_words
from jupyter_dbx.client.transport import NoSuchCluster
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.answers.logs import LogDetails, LogList, LogPart
from jupyter_dbx.model.errors import DbxError

#: Size of the chunks in which a log is read, bytes; the server's maximum.
CHUNK_BYTES = 1024 * 1024


class NoSuchLog(DbxError):
    """The cluster has no such log."""


def add_parsers(verbs: Verbs) -> None:
    """Declare the verb."""
    logs = add_verb(
        verbs, "logs", "Show a log of a cluster's processes", more="The default is the newest log of the driver."
    )
    add_name(logs)
    path = logs.add_argument("--path", help="path of the log from --list, or its end, such as driver/stderr")
    completed_by(path, log_paths)
    node = logs.add_argument("--node", help="the newest log of this node, or of a role: driver, worker")
    completed_by(node, log_nodes)
    logs.add_argument(
        "-n", "--tail", type=tail, default=200, metavar="LINES", help="number of lines, or “all” (default: %(default)s)"
    )
    what = logs.add_mutually_exclusive_group()
    what.add_argument("-f", "--follow", action="store_true", help="follow the log until Ctrl-C")
    what.add_argument("-l", "--list", action="store_true", help="list the logs with their sizes")
    what.add_argument(
        "--download", type=Path, metavar="DIR", help="save all logs, or those of --path or --node, in a folder"
    )
    logs.set_defaults(run=run)


def tail(text: str) -> int | None:
    """Return a number of lines, or None for "all"."""
    return None if text == "all" else read_count(text)


def run(args: argparse.Namespace) -> int:
    """Show, list or save logs."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    found = client.list_logs(cluster.cluster_id)
    logs = chosen_logs(found.logs, args.path, args.node)
    if args.list:
        _list(found, logs, args.output)
        return Exit.OK
    if not logs:
        raise NoSuchLog(_no_log_message(cluster, found.logs, args))
    if args.download is not None:
        files = [_save(client, cluster, log.path, args.download) for log in logs]
        if args.output == "json":
            _print_json(found, logs)
        else:
            print("\n".join(map(str, files)))
        return Exit.OK
    log = newest(logs)
    if len(logs) > 1:
        notify(f"{log.path} is the newest of {len(logs)} logs; --list shows all.")
    _show(client, cluster, log.path, args)
    return Exit.OK


def chosen_logs(logs: Sequence[LogDetails], path: str | None, node: str | None) -> list[LogDetails]:
    """Return the logs that match a path or its end, and a node or a role."""
    return [
        log
        for log in logs
        if (not path or f"/{log.path}".endswith(f"/{path.lstrip('/')}"))
        and (not node or node in (log.path.partition("/")[0], log.role))
    ]


def newest(logs: Sequence[LogDetails]) -> LogDetails:
    """Return the newest log, preferring drivers over workers, then live nodes, then logs with content."""
    return max(logs, key=lambda log: (log.role == "driver", log.live, log.size > 0, log.modified_time))


def _no_log_message(cluster: ClusterView, logs: Sequence[LogDetails], args: argparse.Namespace) -> str:
    if not logs:
        return f"{name_of(cluster)} is {cluster.state} and has no logs."
    selection = " and ".join(text for text in (args.path, args.node) if text)
    return f"{name_of(cluster)} has no log for {selection}. Existing logs: {', '.join(log.path for log in logs)}."


def _list(found: LogList, logs: Sequence[LogDetails], output: str) -> None:
    if output == "json":
        _print_json(found, logs)
        return
    rows = [
        [
            log.path,
            log.role,
            bytes_words(log.size),
            time_words(log.modified_time),
            "" if log.live else "process ended",
        ]
        for log in logs
    ]
    print_table(["path", "role", "size", "written", ""], rows)


def _print_json(found: LogList, logs: Sequence[LogDetails]) -> None:
    received = zip(found.received["logs"], found.logs, strict=True)
    print_json(found.received | {"logs": [raw for raw, log in received if log in logs]})


def _show(client: Client, cluster: ClusterView, path: str, args: argparse.Namespace) -> None:
    """Print the end of a log, or all of it, and follow it if requested."""
    if args.tail is None:
        offset = _show_from(client, cluster, path, 0, args.output)
    else:
        answer = client.read_log(cluster.cluster_id, path, tail=args.tail)
        offset = _print_chunk(answer, args.output)
    while args.follow:
        time.sleep(POLL_S)
        try:
            logs = with_retries(lambda: client.list_logs(cluster.cluster_id)).logs
        except NoSuchCluster:
            logs = ()
        log = next((log for log in logs if log.path == path), None)
        if log is not None and log.size != offset:  # smaller = it was truncated or rolled over
            offset = _show_from(client, cluster, path, offset if log.size > offset else 0, args.output)
        elif log is None or not log.live:
            notify(f"{path}: the process ended.")
            return


def _show_from(client: Client, cluster: ClusterView, path: str, offset: int, output: str) -> int:
    """Print a log from `offset` on, and return the offset of its end, bytes."""
    while True:
        begin = offset
        answer = with_retries(lambda: client.read_log(cluster.cluster_id, path, offset=begin, limit=CHUNK_BYTES))  # noqa: B023
        offset = _print_chunk(answer, output)
        if not begin < offset < answer.size:
            return offset


def _print_chunk(answer: LogPart, output: str) -> int:
    if output == "json":
        print(json.dumps(answer.received), flush=True)
    else:
        sys.stdout.write(answer.text)
        sys.stdout.flush()
    return answer.next_offset


def _save(client: Client, cluster: ClusterView, path: str, folder: Path) -> Path:
    """Save a log below a folder under its own path, and return the file."""
    parts = PurePosixPath(path).parts
    if not parts or not {"/", ".."}.isdisjoint(parts):
        raise NoSuchLog(f"The path of log {path!r} is unsafe: it cannot be saved below a folder.")
    file = folder.joinpath(*parts)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        for chunk in client.download_log(cluster.cluster_id, path):
            target.write(chunk)
    return file
