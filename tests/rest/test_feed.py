"""Pages are notified of changes to clusters, also by other servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from live import TOKEN, Server
from serving import serve
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_dbx.rest.dbx.feed import CLUSTERS_CHANGED

#: Timeout for an event, s.
TIMEOUT_S = 5.0


def listening(server: Server, change: Callable[[], object]) -> list[int]:
    """Return the revisions in the events after a change, until there is none for a second."""

    async def listen() -> list[int]:
        revisions: list[int] = []
        received, closed = asyncio.Event(), asyncio.Event()

        def on_message(message: str | bytes | None) -> None:
            if message is None:
                closed.set()
            event = json.loads(message or "{}")
            if event.get("schema_id") == CLUSTERS_CHANGED:
                revisions.append(event["revision"])
                received.set()

        async def wait_for_silence() -> None:
            while True:
                received.clear()
                try:
                    await asyncio.wait_for(received.wait(), 1)
                except TimeoutError:
                    return

        url = f"{server.url.replace('http', 'ws', 1)}api/events/subscribe"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        socket = await websocket_connect(request, on_message_callback=on_message)
        await wait_for_silence()
        revisions.clear()
        await asyncio.to_thread(change)
        await asyncio.wait_for(received.wait(), TIMEOUT_S)
        await wait_for_silence()
        socket.close()
        await asyncio.wait_for(closed.wait(), TIMEOUT_S)  # otherwise the socket would outlive the loop
        return revisions

    return asyncio.run(listen())


def test_change_is_notified(server: Server) -> None:
    cluster_id = server.create("demo", num_workers=1, node_type_id="memory-1c")
    server.wait(cluster_id, "RUNNING")

    revisions = listening(server, lambda: server.call("POST", "api/2.0/clusters/pin", {"cluster_id": cluster_id}))

    assert revisions and revisions == sorted(set(revisions))


def test_many_changes_are_notified_in_few_events(server: Server) -> None:
    cluster_id = server.create("demo", num_workers=1, node_type_id="memory-1c")
    server.wait(cluster_id, "RUNNING")

    def change() -> None:
        for verb in ("pin", "unpin") * 10:
            server.call("POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id})

    revisions = listening(server, change)

    assert revisions[-1] - revisions[0] >= len(revisions)


def test_change_by_another_server_is_notified(tmp_path: Path) -> None:
    with serve(tmp_path) as first, serve(tmp_path) as second:
        revisions = listening(first, lambda: second.create("demo", num_workers=1, node_type_id="memory-1c"))

        assert revisions
