"""Addresses that daemons announce. Users' code runs beside them and may forge one, so the server requests nothing elsewhere."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def origin_on_this_machine(url: str) -> str:
    """Return the origin of an announced URL, e.g. "http://127.0.0.1:4040", or "" if it is not a server on this machine."""
    try:
        parts = urlsplit(url)
        address, port = ipaddress.ip_address(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    host = f"[{address}]" if address.version == 6 else str(address)
    is_bare = parts.scheme == "http" and "@" not in parts.netloc and parts.path in ("", "/") and not parts.query
    return f"http://{host}:{port}" if is_bare and port and address.is_loopback else ""
