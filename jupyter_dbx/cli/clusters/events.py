"""`jupyter dbx clusters events`: what happened to a cluster, and what happens now."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, cluster_path, connect, name_of, number
from jupyter_dbx.cli.clusters.waiting import ASK_EVERY_S, ask_again
from jupyter_dbx.cli.clusters.words import time_words
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import on_one_line, print_json, say
from jupyter_dbx.kernel.client import NoSuchCluster
from jupyter_dbx.kernel.event_words import event_words
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.wire import Json

#: Columns that the longest event type takes.
_TYPE_WIDTH = max(map(len, EventType))


def add_parsers(verbs: Verbs) -> None:
    """Declare the verb."""
    events = add_verb(verbs, "events", "Tell what happened to a cluster", more="The newest event is the last line.")
    add_name(events)
    events.add_argument(
        "-n", "--limit", type=number, default=20, help="how many, the newest ones (default: %(default)s)"
    )
    events.add_argument(
        "--type",
        action="append",
        default=[],
        type=str.upper,
        choices=[kind.value for kind in EventType],
        metavar="TYPE",
        help="only events of this type, such as TERMINATING; repeat for more",
    )
    events.add_argument(
        "-f", "--follow", action="store_true", help="go on with what happens, until Ctrl-C; as JSON, an event a line"
    )
    events.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell the newest events, oldest first, and those to come."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    path = cluster_path(cluster["cluster_id"], "events")
    wanted = {"event_types": args.type or None}
    answer = client.dbx("POST", path, limit=max(args.limit, 1), **wanted)
    newest = answer["events"][: args.limit]
    if args.output == "json" and not args.follow:
        print_json(answer | {"events": newest})
        return Exit.OK
    _tell(newest[::-1], args.output)
    seen = answer["total_count"]
    while args.follow:
        time.sleep(ASK_EVERY_S)
        try:
            answer = ask_again(lambda: client.dbx("POST", path, order="ASC", offset=seen, **wanted))  # noqa: B023
        except NoSuchCluster:
            say(f"{name_of(cluster)} was deleted.")
            break
        _tell(answer["events"], args.output)
        seen += len(answer["events"])
    return Exit.OK


def _tell(events: Sequence[Json], output: str) -> None:
    for event in events:
        if output == "json":
            print(json.dumps(event), flush=True)
        else:
            print(
                f"{time_words(event['timestamp'])}  {event['type']:<{_TYPE_WIDTH}}  {on_one_line(event_words(event))}",
                flush=True,
            )
