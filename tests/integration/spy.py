"""What an OS user without rights sees of others: run as that user, with their user IDs and places to search; prints JSON."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any

#: How long a port may take to answer, s.
ANSWER_S = 3.0

#: Paths of web pages and of REST APIs: of Jupyter, of the driver's daemon, and of Spark.
PAGES = (
    "/ /status /jobs /executors /json/ /api/v1/applications /metrics/json/ /jobs/ /environment/ /logPage/ "
    "/api/contents /api/kernels /api/2.0/clusters/list /api/dbx/clusters /api/dbx/audit"
).split()

#: In Jupyter's front page, which only says that a server runs.
FRONT_PAGE = b"<title>Jupyter Server</title>"

#: Types of messages in Spark's network protocol. Source: org.apache.spark.network.protocol.Message.
RPC_REQUEST, RPC_RESPONSE, RPC_FAILURE, STREAM_REQUEST, STREAM_RESPONSE = 3, 4, 5, 6, 7


def commands(uids: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the command lines, and what else can be read, of these users' processes."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if folder.stat().st_uid in uids:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                closed = ("environ", "fd", "cwd", "maps", "mem")
                yield {"pid": int(folder.name), "command": words, "open": [n for n in closed if _opens(folder / n)]}


def _opens(path: Path) -> bool:
    try:
        # Of a process that is ending, the files can be opened, and are empty.
        found = (
            os.listdir(path) if path.name == "fd" else os.readlink(path) if path.name == "cwd" else path.read_bytes()
        )
    except OSError:
        return False
    return bool(found)


def files(uids: list[int], places: list[str]) -> Iterator[str]:
    """Yield the files and sockets of these users that this one may read or write, and folders that it may write to."""
    for place in places:
        for folder, _, names in os.walk(place):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                with contextlib.suppress(OSError):
                    if os.lstat(path).st_uid not in uids or os.path.islink(path):
                        continue
                    may_read = os.access(path, os.R_OK) and path != folder
                    if may_read or os.access(path, os.W_OK):
                        yield path


def sockets(uids: list[int]) -> Iterator[str]:
    """Yield the Unix sockets, of these users or of nobody known, to which this user can connect."""
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        name = line.split(maxsplit=7)[7:]
        if not name:
            continue
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            if not name[0].startswith("@") and os.stat(name[0]).st_uid not in uids:
                continue
            client.connect(name[0].replace("@", "\0", 1))
            yield name[0]


def ports(uids: list[int], served: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the ports on which these users listen, with what each tells; `served` are paths under which Spark may have files."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[7]) in uids:
                address, port = fields[1].split(":")
                found.append((socket.inet_ntoa(bytes.fromhex(address[-8:])[::-1]), int(port, 16)))
    with ThreadPoolExecutor(len(found)) as pool:
        for place, heard in zip(found, pool.map(lambda place: list(_told(*place, served)), found), strict=True):
            told = [f"{protocol}: {text}" for protocol, text in heard if text]
            yield {"port": place[1], "speaks": sorted({protocol for protocol, _ in heard}), "told": told}


def _told(host: str, port: int, served: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the protocols of a port, each with what it tells to somebody who has no credentials, or ""."""
    if _exchange(host, port, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP"):
        yield from (("HTTP", _page(f"http://{host}:{port}{path}")) for path in PAGES)
    # To a command without the gateway's secret, and to a callback.
    for command in (b"r\nu\njava.lang.System\nrj\ne\n", b"c\np0\ntoString\ne\n"):
        if (answer := _exchange(host, port, command)).startswith(b"!"):
            yield "Py4J", "" if b"Authentication error" in answer else repr(answer)
    kind, answer = _spark(host, port, RPC_REQUEST, struct.pack(">qi", 7, 4) + b"open")
    if kind in (RPC_RESPONSE, RPC_FAILURE):
        yield "Spark", "" if b"SASL" in answer else f"the request reached its receiver: {answer!r}"
    for path in served:
        kind, answer = _spark(host, port, STREAM_REQUEST, struct.pack(">i", len(path)) + path.encode())
        if kind == STREAM_RESPONSE:
            yield "Spark", f"{path} is {answer!r}"


def _page(url: str) -> str:
    """Return what a web page shows without a login, or ""."""
    with contextlib.suppress(OSError, HTTPException):
        with urllib.request.urlopen(url, timeout=ANSWER_S) as page:
            text: bytes = page.read()
            return "" if "/login" in page.url or FRONT_PAGE in text else f"{url} is {text[:200]!r}"
    return ""


def _spark(host: str, port: int, kind: int, body: bytes) -> tuple[int, bytes]:
    """Return the type and the body of Spark's answer to a message; 0 = this is no port of Spark's protocol."""
    answer = _exchange(host, port, struct.pack(">qb", 9 + len(body), kind) + body)
    return (answer[8], answer[9:]) if len(answer) > 8 and answer[:4] == bytes(4) else (0, b"")


def _exchange(host: str, port: int, sent: bytes) -> bytes:
    try:
        with socket.create_connection((host, port), ANSWER_S) as client:
            client.sendall(sent)
            client.settimeout(1)
            return client.recv(4096)
    except OSError:
        return b""


if __name__ == "__main__":
    asked, arguments = sys.argv[1], json.loads(sys.argv[2])
    print(json.dumps(list({f.__name__: f for f in (commands, files, sockets, ports)}[asked](*arguments))))
