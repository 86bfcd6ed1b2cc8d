"""Waiting until a cluster reaches its target state, with a progress line on the terminal."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

from jupyter_dbx.cli.clusters.options import name_of
from jupyter_dbx.cli.exits import ClusterFailed, TimedOut
from jupyter_dbx.cli.terminal import Progress, notify
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.dialect import duration_words, read_seconds
from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable
from jupyter_dbx.client.words import progress_of
from jupyter_dbx.model.answers.clusters import ClusterView

T = TypeVar("T")

#: Polling interval, s.
POLL_S = 0.5

#: Time limit for a server to respond again, e.g. after a restart or when the machine was asleep, s.
AWAY_S = 30.0

#: Status of a server that temporarily cannot reach its store.
AWAY_STATUS = 503

#: Stable states.
SETTLED = ("RUNNING", "TERMINATED", "ERROR")


def add_waiting(parser: argparse.ArgumentParser) -> None:
    """Add the options for waiting."""
    group = parser.add_argument_group("waiting")
    group.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=True, help="wait until the target state is reached"
    )
    group.add_argument(
        "--timeout",
        type=read_seconds,
        default="20m",
        metavar="TIME",
        help="maximum time to wait: 90 or 90s, 15m, 1h (default: %(default)s)",
    )


def with_retries(request: Callable[[], T]) -> T:
    """Return the answer to a request, retrying while the server is temporarily away.

    Raises
    ------
    ServerUnreachable : it is away for longer than `AWAY_S`
    RequestFailed : it returned another error
    """
    deadline = time.monotonic() + AWAY_S
    while True:
        try:
            return request()
        except (ServerUnreachable, RequestFailed) as error:
            is_away = isinstance(error, ServerUnreachable) or error.status == AWAY_STATUS
            if not is_away or time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)


def wait_for(client: Client, cluster: ClusterView, target: str, timeout_s: float) -> ClusterView:
    """Return the cluster once it is in the target state, and show its progress until then.

    Parameters
    ----------
    target : one of SETTLED

    Raises
    ------
    ClusterFailed : it reached another stable state; the message states why
    TimedOut : it takes longer than `timeout_s` seconds
    """
    name, cluster_id = name_of(cluster), cluster.cluster_id
    began = time.monotonic()
    progress = Progress()
    try:
        while (cluster := with_retries(lambda: client.get_cluster(cluster_id))).state not in SETTLED:
            waited_s = time.monotonic() - began
            if waited_s > timeout_s:
                raise TimedOut(
                    f"{name} is still {cluster.state} after {duration_words(timeout_s)} (--timeout). It continues; "
                    f"to see its progress, run `jupyter dbx clusters get {cluster_id}`."
                )
            progress.show(f"{name}: {cluster.state}, {progress_of(cluster)[1]} ({duration_words(waited_s)})")
            time.sleep(min(POLL_S, timeout_s))
    except KeyboardInterrupt:
        progress.clear()
        notify(f"{name} ({cluster_id}) is {cluster.state} and continues in the background.")
        raise
    finally:
        progress.clear()
    if cluster.state != target:
        raise ClusterFailed(f"{name} is {cluster.state}, not {target}. {cluster.state_message}".strip())
    return cluster
