"""The server's requests to a driver daemon: read its status and its jobs, and send notices."""

from __future__ import annotations

from typing import TypeVar

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from jupyter_dbx.model.announced import origin_on_this_machine
from jupyter_dbx.model.codec import ProtocolError, decode, encode
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.protocol import Announcement, DriverNotice, ExecutorTasks, RecentJobs

T = TypeVar("T")

#: How long a driver may take to respond, s. A timeout is not final, because the next request follows soon.
PROBE_TIMEOUT_S = 3.0

#: How long it may take to process a notice, s.
NOTICE_TIMEOUT_S = 15.0


async def read_driver_status(announce: Announcement, token: str) -> DriverStatus | None:
    """Return a driver's status, or None if it does not respond.

    Parameters
    ----------
    announce : the announcement that the daemon wrote on its node
    token : the driver's token
    """
    return _decoded(DriverStatus, await _request(announce, token, "status", None, PROBE_TIMEOUT_S))


async def read_driver_jobs(announce: Announcement, token: str, since_ms: int) -> RecentJobs | None:
    """Return the newest jobs that run or ended later than `since_ms`, or None if the driver does not report them."""
    return _decoded(RecentJobs, await _request(announce, token, f"jobs?since={since_ms}", None, PROBE_TIMEOUT_S))


async def read_driver_tasks(announce: Announcement, token: str) -> ExecutorTasks | None:
    """Return the tasks of each executor, or None if the driver does not report them."""
    return _decoded(ExecutorTasks, await _request(announce, token, "executors", None, PROBE_TIMEOUT_S))


async def notify_driver(announce: Announcement, token: str, notice: DriverNotice) -> bool:
    """Notify a driver; return whether it accepted the notice."""
    return await _request(announce, token, notice.op, encode(notice).encode(), NOTICE_TIMEOUT_S) is not None


def _decoded(kind: type[T], answer: bytes | None) -> T | None:
    try:
        return decode(kind, answer) if answer else None
    except ProtocolError:  # not a driver, or one of another version
        return None


async def _request(announce: Announcement, token: str, op: str, body: bytes | None, timeout_s: float) -> bytes | None:
    origin = origin_on_this_machine(announce.url)
    if not origin:
        return None
    request = HTTPRequest(
        f"{origin}/{op}",
        method="GET" if body is None else "POST",
        body=body,
        headers={"Authorization": f"Bearer {token}"},
        follow_redirects=False,
        request_timeout=timeout_s,
        connect_timeout=timeout_s,
    )
    try:
        return (await AsyncHTTPClient().fetch(request)).body
    except (HTTPClientError, HTTPTimeoutError, OSError):
        return None
