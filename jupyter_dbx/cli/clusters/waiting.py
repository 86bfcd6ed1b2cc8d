"""Waiting until a cluster is where it was asked to go, with a line on the terminal that tells how far it is."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable

from jupyter_dbx.cli.clusters.options import describe, name_of
from jupyter_dbx.cli.exits import ClusterFailed, TimedOut
from jupyter_dbx.cli.terminal import Progress, say
from jupyter_dbx.kernel.client import Client, RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.wording import duration_words, progress_of
from jupyter_dbx.model.wire import Json

#: How often a server is asked while something is awaited, s.
ASK_EVERY_S = 0.5

#: How long a server that answered before may be away (it is restarted, the machine slept) until waiting ends, s.
AWAY_S = 30.0

#: What a server answers that cannot reach its own store at the moment.
AWAY_STATUS = 503

#: States in which nothing happens any more.
SETTLED = ("RUNNING", "TERMINATED", "ERROR")

#: Unit → s.
_UNITS = {"s": 1, "m": 60, "h": 3600}


def add_waiting(parser: argparse.ArgumentParser) -> None:
    """Let a verb wait."""
    group = parser.add_argument_group("waiting")
    group.add_argument("--wait", action=argparse.BooleanOptionalAction, default=True, help="wait until it is done")
    group.add_argument(
        "--timeout",
        type=seconds,
        default="20m",
        metavar="TIME",
        help="how long to wait: 90 or 90s, 15m, 1h (default: %(default)s)",
    )


def seconds(text: str) -> float:
    """Return a duration such as "90", "90s", "15m" or "1h" in s."""
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
    with contextlib.suppress(ValueError):
        if 0 < float(number) * unit < float("inf"):
            return float(number) * unit
    raise argparse.ArgumentTypeError(f"{text!r} is no time to wait such as 90, 90s, 15m or 1h")


def ask_again(ask: Callable[[], Json]) -> Json:
    """Return the answer, also of a server that is away for a moment.

    Raises
    ------
    ServerUnreachable : it is away for longer
    RequestFailed : it says no
    """
    deadline = time.monotonic() + AWAY_S
    while True:
        try:
            return ask()
        except (ServerUnreachable, RequestFailed) as error:
            is_away = isinstance(error, ServerUnreachable) or error.status == AWAY_STATUS
            if not is_away or time.monotonic() > deadline:
                raise
            time.sleep(ASK_EVERY_S)


def wait_for(client: Client, cluster: Json, wanted: str, timeout_s: float) -> Json:
    """Return the cluster once it is in the wanted state, and tell how far it is until then.

    Parameters
    ----------
    wanted : one of SETTLED

    Raises
    ------
    ClusterFailed : it ended elsewhere; says why
    TimedOut : it takes longer than `timeout_s` seconds
    """
    name, cluster_id = name_of(cluster), cluster["cluster_id"]
    began = time.monotonic()
    progress = Progress()
    try:
        while (cluster := ask_again(lambda: describe(client, cluster_id)))["state"] not in SETTLED:
            waited_s = time.monotonic() - began
            if waited_s > timeout_s:
                raise TimedOut(
                    f"{name} is still {cluster['state']} after {duration_words(timeout_s)} (--timeout). It goes on: "
                    f"`jupyter dbx clusters get {cluster_id}` tells how far it is."
                )
            progress.show(f"{name}: {cluster['state']}, {progress_of(cluster)[1]} ({duration_words(waited_s)})")
            time.sleep(min(ASK_EVERY_S, timeout_s))
    except KeyboardInterrupt:
        progress.clear()
        say(f"{name} ({cluster_id}) is {cluster['state']}; it goes on without us.")
        raise
    finally:
        progress.clear()
    if cluster["state"] != wanted:
        raise ClusterFailed(f"{name} is {cluster['state']}, not {wanted}. {cluster['state_message']}".strip())
    return cluster
