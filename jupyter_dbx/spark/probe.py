"""Asks a driver daemon: for its status, and for what only it can do."""

from __future__ import annotations

import json

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.wire import Json, from_document

#: How long a driver may take to answer, s. It is asked again, so this is no verdict.
PROBE_TIMEOUT_S = 3.0

#: How long it may take to do what it is told, s.
TELL_TIMEOUT_S = 15.0


async def read_driver_status(announce: Json, token: str) -> DriverStatus | None:
    """Return what a driver says of itself, or None if it cannot be asked now.

    Parameters
    ----------
    announce : what the daemon wrote on its node: `url`
    token : the driver's
    """
    answer = await _ask(announce, token, "status", None, PROBE_TIMEOUT_S)
    try:
        return from_document(DriverStatus, json.loads(answer)) if answer else None
    except (ValueError, KeyError, TypeError):  # it is no driver of ours, or one of another version
        return None


async def tell_driver(announce: Json, token: str, what: str, facts: Json) -> bool:
    """Tell a driver something (`touch`, `decommission`); return whether it has taken it."""
    return await _ask(announce, token, what, json.dumps(facts).encode(), TELL_TIMEOUT_S) is not None


async def _ask(announce: Json, token: str, what: str, body: bytes | None, timeout_s: float) -> bytes | None:
    request = HTTPRequest(
        f"{announce['url']}/{what}",
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
