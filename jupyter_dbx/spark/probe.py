"""Reads a driver daemon's own status."""

from __future__ import annotations

import json

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.wire import Json, from_document

#: How long a driver may take to answer, s. It is asked again, so this is no verdict.
PROBE_TIMEOUT_S = 3.0


async def read_driver_status(announce: Json, token: str) -> DriverStatus | None:
    """Return what a driver says of itself, or None if it cannot be asked now.

    Parameters
    ----------
    announce : what the daemon wrote on its node: `url`
    token : the driver's
    """
    request = HTTPRequest(
        f"{announce['url']}/status",
        headers={"Authorization": f"Bearer {token}"},
        request_timeout=PROBE_TIMEOUT_S,
        connect_timeout=PROBE_TIMEOUT_S,
    )
    try:
        response = await AsyncHTTPClient().fetch(request)
    except (HTTPClientError, HTTPTimeoutError, OSError):
        return None
    return from_document(DriverStatus, json.loads(response.body))
