"""Pages are told that clusters have changed, whoever changed them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from live import TOKEN, Server
from serving import serve
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_dbx.rest.feed import CLUSTERS_CHANGED

#: Longer than any event takes, s.
PATIENCE_S = 5.0


def listening(server: Server, change: Callable[[], object]) -> list[int]:
    """Return the revisions that are told from a change on, until nothing comes for a second."""

    async def listen() -> list[int]:
        told: list[int] = []
        heard, closed = asyncio.Event(), asyncio.Event()

        def hear(message: str | bytes | None) -> None:
            if message is None:
                closed.set()
            event = json.loads(message or "{}")
            if event.get("schema_id") == CLUSTERS_CHANGED:
                told.append(event["revision"])
                heard.set()

        async def calm() -> None:
            while True:
                heard.clear()
                try:
                    await asyncio.wait_for(heard.wait(), 1)
                except TimeoutError:
                    return

        url = f"{server.url.replace('http', 'ws', 1)}api/events/subscribe"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        socket = await websocket_connect(request, on_message_callback=hear)
        await calm()
        told.clear()
        await asyncio.to_thread(change)
        await asyncio.wait_for(heard.wait(), PATIENCE_S)
        await calm()
        socket.close()
        await asyncio.wait_for(closed.wait(), PATIENCE_S)  # else the socket would outlive the loop
        return told

    return asyncio.run(listen())


def test_a_change_is_told(server: Server) -> None:
    cluster_id = server.create("told", num_workers=1, node_type_id="memory-1c")
    server.wait(cluster_id, "RUNNING")

    told = listening(server, lambda: server.call("POST", "api/2.0/clusters/pin", {"cluster_id": cluster_id}))

    assert told and told == sorted(set(told))


def test_many_changes_are_told_as_few(server: Server) -> None:
    cluster_id = server.create("told", num_workers=1, node_type_id="memory-1c")
    server.wait(cluster_id, "RUNNING")

    def change() -> None:
        for verb in ("pin", "unpin") * 10:
            server.call("POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id})

    told = listening(server, change)

    assert told[-1] - told[0] >= len(told)


def test_a_change_by_another_server_is_told(tmp_path: Path) -> None:
    with serve(tmp_path) as first, serve(tmp_path) as second:
        told = listening(first, lambda: second.create("told", num_workers=1, node_type_id="memory-1c"))

        assert told
