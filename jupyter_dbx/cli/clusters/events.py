"""`jupyter dbx clusters events`: a cluster's event log; read or followed."""

from __future__ import annotations

import argparse
import json
import time

from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, connect, name_of
from jupyter_dbx.cli.clusters.waiting import POLL_S, with_retries
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import notify, on_one_line, print_json
from jupyter_dbx.client.dialect import read_count, time_words
from jupyter_dbx.client.event_words import event_words
from jupyter_dbx.client.transport import NoSuchCluster
from jupyter_dbx.model.answers.events import EventPage
from jupyter_dbx.model.event import EventType

#: Width of the longest event type, columns.
_TYPE_WIDTH = max(map(len, EventType))


def add_parsers(verbs: Verbs) -> None:
    """Declare the verb."""
    events = add_verb(verbs, "events", "Show the event log of a cluster", more="The newest event is the last line.")
    add_name(events)
    events.add_argument(
        "-n", "--limit", type=read_count, default=20, help="number of newest events (default: %(default)s)"
    )
    events.add_argument(
        "--type",
        action="append",
        default=[],
        type=str.upper,
        choices=[kind.value for kind in EventType],
        metavar="TYPE",
        help="only events of this type, such as TERMINATING; may be repeated",
    )
    events.add_argument(
        "-f", "--follow", action="store_true", help="follow new events until Ctrl-C; as JSON, one event per line"
    )
    events.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the newest events, oldest first, and follow new ones if requested."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    types = {"event_types": args.type or None}
    answer = client.list_events(cluster.cluster_id, limit=max(args.limit, 1), **types)
    if args.output == "json" and not args.follow:
        print_json(answer.received | {"events": answer.received["events"][: args.limit]})
        return Exit.OK
    _print(answer, args.output, newest_first=True, limit=args.limit)
    seen = answer.total_count
    while args.follow:
        time.sleep(POLL_S)
        try:
            answer = with_retries(
                lambda: client.list_events(cluster.cluster_id, order="ASC", offset=seen, **types)  # noqa: B023
            )
        except NoSuchCluster:
            notify(f"{name_of(cluster)} was deleted.")
            break
        _print(answer, args.output)
        seen += len(answer.events)
    return Exit.OK


def _print(page: EventPage, output: str, *, newest_first: bool = False, limit: int | None = None) -> None:
    """Print the first `limit` events of a page, oldest first."""
    events = list(zip(page.events, page.received["events"], strict=True))[:limit]
    for event, received in reversed(events) if newest_first else events:
        if output == "json":
            print(json.dumps(received), flush=True)
        else:
            print(
                f"{time_words(event.timestamp)}  {event.type:<{_TYPE_WIDTH}}  {on_one_line(event_words(event))}",
                flush=True,
            )
