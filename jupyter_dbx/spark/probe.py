"""The server's requests to a driver daemon: read its status, and send notices."""

from __future__ import annotations

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from jupyter_dbx.model.codec import ProtocolError, decode, encode
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.protocol import Announcement, DriverNotice

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
    answer = await _request(announce, token, "status", None, PROBE_TIMEOUT_S)
    try:
        return decode(DriverStatus, answer) if answer else None
    except ProtocolError:  # not a driver, or one of another version
        return None


async def notify_driver(announce: Announcement, token: str, notice: DriverNotice) -> bool:
    """Notify a driver; return whether it accepted the notice."""
    return await _request(announce, token, notice.op, encode(notice).encode(), NOTICE_TIMEOUT_S) is not None


async def _request(announce: Announcement, token: str, op: str, body: bytes | None, timeout_s: float) -> bytes | None:
    request = HTTPRequest(
        f"{announce.url}/{op}",
        method="GET" if body is None else "POST",
        body=body,
        headers={"Authorization": f"Bearer {token}"},
        request_timeout=timeout_s,
        connect_timeout=timeout_s,
    )
    try:
        return (await AsyncHTTPClient().fetch(request)).body
    except (HTTPClientError, HTTPTimeoutError, OSError):
        return None
