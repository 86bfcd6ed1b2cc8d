"""A web server in place of Spark's UI, and clusters that have announced it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from live import Server
from samples import sample_cluster, sample_facts, sample_status

from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store


@dataclass
class Page:
    """What the fake answers."""

    body: bytes = b"<!DOCTYPE html><html><head><title>Spark Jobs</title></head><body>Jobs</body></html>"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html;charset=utf-8"})


class FakeUi:
    """The fake: `pages` has its answers by path, without the query; every other path has the same page."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        #: path and headers of each request
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(fake) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.requests.append((self.path, dict(self.headers)))
                page = fake.pages.get(self.path.partition("?")[0], Page())
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running_with_ui(server: Server, ui_url: str, *cluster_ids: str, owner: str = "owner") -> Iterator[None]:
    """Store running clusters that have announced this UI; `reader` may attach to them. They are gone after the block."""

    async def write() -> None:
        async with _store_of(server) as store:
            for cluster_id in cluster_ids:
                facts = replace(sample_facts(sample_status()), ui_url=ui_url, master_ui_url=ui_url)
                cluster = sample_cluster(cluster_id=cluster_id, state=ClusterState.RUNNING, driver=facts)
                grants = (Grant("user_name", "reader", "CAN_ATTACH_TO"),)
                cluster = replace(cluster, creator_user_name=owner, grants=grants)
                event = Event(Subject.cluster(cluster_id), store.now_ms(), EventType.CREATING)
                await store.clusters.save(cluster, event)

    async def forget() -> None:
        async with _store_of(server) as store:
            for cluster_id in cluster_ids:
                cluster = await store.clusters.get(cluster_id)
                assert cluster is not None
                await store.forget(cluster)

    asyncio.run(write())
    try:
        yield
    finally:
        asyncio.run(forget())


@asynccontextmanager
async def _store_of(server: Server) -> AsyncIterator[Store]:
    store = await Store(f"sqlite:///{server.workspace.data}/dbx.db").open()
    try:
        yield store
    finally:
        await store.close()
