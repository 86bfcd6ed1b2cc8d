"""`jupyter dbx clusters logs`: what a cluster's processes wrote; read, followed, listed or downloaded."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, cluster_path, connect, name_of, number
from jupyter_dbx.cli.clusters.waiting import ASK_EVERY_S, ask_again
from jupyter_dbx.cli.clusters.words import bytes_words, time_words
from jupyter_dbx.cli.completion import completed_by, log_nodes, log_paths
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import print_json, print_table, say
from jupyter_dbx.kernel.client import Client, NoSuchCluster
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json

#: What is read of a log at once, bytes; the most that a server gives.
PIECE_BYTES = 1024 * 1024


class NoSuchLog(DbxError):
    """The cluster has no such log."""


def add_parsers(verbs: Verbs) -> None:
    """Declare the verb."""
    logs = add_verb(
        verbs, "logs", "Show what a cluster's processes wrote", more="Of several logs it is the driver's newest one."
    )
    add_name(logs)
    path = logs.add_argument("--path", help="this log, as --list has it; its end will do, such as driver/stderr")
    completed_by(path, log_paths)
    node = logs.add_argument("--node", help="the newest log of this node, or of a role: driver, worker")
    completed_by(node, log_nodes)
    logs.add_argument(
        "-n", "--tail", type=tail, default=200, metavar="LINES", help="how many lines, or all (default: %(default)s)"
    )
    what = logs.add_mutually_exclusive_group()
    what.add_argument("-f", "--follow", action="store_true", help="go on with what is written, until Ctrl-C")
    what.add_argument("-l", "--list", action="store_true", help="list the logs with their sizes")
    what.add_argument(
        "--download", type=Path, metavar="DIR", help="save all logs, or those that --path or --node names, in a folder"
    )
    logs.set_defaults(run=run)


def tail(text: str) -> int | None:
    """Return a number of lines, or None for "all"."""
    return None if text == "all" else number(text)


def run(args: argparse.Namespace) -> int:
    """Show, list or save logs."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    found = client.dbx("GET", cluster_path(cluster["cluster_id"], "logs"))
    logs = chosen_logs(found["logs"], args.path, args.node)
    if args.list:
        _list(found, logs, args.output)
        return Exit.OK
    if not logs:
        raise NoSuchLog(_nothing(cluster, found["logs"], args))
    if args.download is not None:
        files = [_save(client, cluster, log["path"], args.download) for log in logs]
        if args.output == "json":
            print_json(found | {"logs": logs})
        else:
            print("\n".join(map(str, files)))
        return Exit.OK
    log = newest(logs)
    if len(logs) > 1:
        say(f"{log['path']} is the newest of {len(logs)} logs; --list names them all.")
    _show(client, cluster, log["path"], args)
    return Exit.OK


def chosen_logs(logs: Sequence[Json], path: str | None, node: str | None) -> list[Json]:
    """Return the logs that a path or the end of one, and a node or a role, leave."""
    return [
        log
        for log in logs
        if (not path or f"/{log['path']}".endswith(f"/{path.lstrip('/')}"))
        and (not node or node in (log["path"].partition("/")[0], log["role"]))
    ]


def newest(logs: Sequence[Json]) -> Json:
    """Return the log that tells most: of a driver before a worker's, of a live node, with something in it, the newest."""
    return max(logs, key=lambda log: (log["role"] == "driver", log["live"], log["size"] > 0, log["modified_time"]))


def _nothing(cluster: Json, logs: Sequence[Json], args: argparse.Namespace) -> str:
    if not logs:
        return f"{name_of(cluster)} is {cluster['state']} and has no logs."
    asked = " and ".join(text for text in (args.path, args.node) if text)
    return f"{name_of(cluster)} has no log for {asked}. It has: {', '.join(log['path'] for log in logs)}."


def _list(found: Json, logs: Sequence[Json], output: str) -> None:
    if output == "json":
        print_json(found | {"logs": logs})
        return
    rows = [
        [
            log["path"],
            log["role"],
            bytes_words(log["size"]),
            time_words(log["modified_time"]),
            "" if log["live"] else "its node has gone",
        ]
        for log in logs
    ]
    print_table(["path", "role", "size", "written", ""], rows)


def _show(client: Client, cluster: Json, path: str, args: argparse.Namespace) -> None:
    """Print the end of a log, or all of it, and what is written from then on."""
    if args.tail is None:
        offset = _show_from(client, cluster, path, 0, args.output)
    else:
        answer = client.dbx("GET", cluster_path(cluster["cluster_id"], "log"), path=path, tail=args.tail)
        offset = _print_piece(answer, args.output)
    while args.follow:
        time.sleep(ASK_EVERY_S)
        try:
            logs = ask_again(lambda: client.dbx("GET", cluster_path(cluster["cluster_id"], "logs")))["logs"]
        except NoSuchCluster:
            logs = []
        log = next((log for log in logs if log["path"] == path), None)
        if log is not None and log["size"] != offset:  # less = it was emptied or rolled over
            offset = _show_from(client, cluster, path, offset if log["size"] > offset else 0, args.output)
        elif log is None or not log["live"]:
            say(f"{path} has ended.")
            return


def _show_from(client: Client, cluster: Json, path: str, offset: int, output: str) -> int:
    """Print a log from a byte on, and return how far it was read, bytes."""
    where = cluster_path(cluster["cluster_id"], "log")
    while True:
        begin = offset
        answer = ask_again(lambda: client.dbx("GET", where, path=path, offset=begin, limit=PIECE_BYTES))  # noqa: B023
        offset = _print_piece(answer, output)
        if not begin < offset < answer["size"]:
            return offset


def _print_piece(answer: Json, output: str) -> int:
    if output == "json":
        print(json.dumps(answer), flush=True)
    else:
        sys.stdout.write(answer["text"])
        sys.stdout.flush()
    return int(answer["next_offset"])


def _save(client: Client, cluster: Json, path: str, folder: Path) -> Path:
    """Save a log below a folder under its own path, and return the file."""
    parts = PurePosixPath(path).parts
    if not parts or not {"/", ".."}.isdisjoint(parts):
        raise NoSuchLog(f"The server names a log {path!r}, which cannot be saved below a folder.")
    file = folder.joinpath(*parts)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        for piece in client.download(f"dbx/{cluster_path(cluster['cluster_id'], 'log/download')}", path=path):
            target.write(piece)
    return file
