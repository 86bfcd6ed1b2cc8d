"""`/api/dbx/clusters/ID/spark-ui/…` and `…/master-ui/…`: Spark's own web pages, for those who may use this server.

Spark's servers listen on loopback and let in nobody without the token that is added here. The reader's cookies and tokens
stay here. Pages are only read: Spark's forms that end jobs are off. There is no `proxy` in these paths, because Spark's
scripts take the part after that word for an application's id. Links to logs lead to web servers of workers, which nobody
reaches: they are made to lead to ours.

Source: `X-Forwarded-Context`, UIUtils.uiRoot of Apache Spark; `org.apache.spark.ui.JWSFilter`.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.web import HTTPError, authenticated

from jupyter_dbx.managers.spark_uis import SparkUi
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.rest.routes import Services

#: Every path of Spark's pages: cluster's id, which server, and the path there.
UI_PATHS = r"/api/dbx/clusters/([^/]+)/(spark|master)-ui(/.*)?"

#: How long a page may take, s; how large it may be, bytes; how many are asked for at once, count.
PATIENCE_S, LARGEST_PAGE, AT_ONCE = 30.0, 32 * 2**20, 16

#: Headers that are handed on, of requests and of answers.
ASKED = ("Accept", "Accept-Language", "If-Modified-Since", "If-None-Match")
ANSWERED = ("Content-Type", "Content-Disposition", "Cache-Control", "ETag", "Expires", "Last-Modified")

#: A link to the log of an executor, as Spark's workers make it, and what has such links.
LINKING = ("text/html", "application/json")
LOG_LINK = re.compile(
    rb"http://([\w.:-]+):\d+/logPage/\?appId=([\w-]+)&(?:amp;)?executorId=(\w+)&(?:amp;)?logType=(\w+)"
)


class SparkUiHandler(JupyterHandler):
    """Reads a page of Spark's for somebody who is logged in here."""

    @property
    def content_security_policy(self) -> str:
        """Let JupyterLab show it in a frame."""
        return "frame-ancestors 'self'"

    @authenticated
    async def get(self, cluster_id: str, which: str, path: str | None) -> None:
        """Answer with Spark's page."""
        prefix = f"{self.base_url}api/dbx/clusters/{cluster_id}/{which}-ui"
        if not path:
            self.redirect(f"{prefix}/")
            return
        services: Services = self.settings["jupyter_dbx"]
        ui = await services.spark_uis.find(cluster_id, which)
        logs = f"{self.base_url}api/dbx/clusters/{cluster_id}/log/download?path="
        self._hand_on(await self._ask(ui, prefix, path), ui, prefix, logs)

    head = get

    async def _ask(self, ui: SparkUi, prefix: str, path: str) -> HTTPResponse:
        query = f"?{self.request.query}" if self.request.query else ""
        headers = {name: self.request.headers[name] for name in ASKED if name in self.request.headers}
        # Spark begins its links with this.
        headers |= {"Authorization": f"Bearer {ui.token}", "X-Forwarded-Context": prefix}
        request = HTTPRequest(
            f"{ui.origin}{self.request.path.removeprefix(prefix) or path}{query}",
            method=self.request.method or "GET",
            headers=headers,
            follow_redirects=False,
            decompress_response=True,
            connect_timeout=PATIENCE_S,
            request_timeout=PATIENCE_S,
        )
        try:
            return await self._client.fetch(request, raise_error=False)
        except (HTTPClientError, HTTPTimeoutError, OSError):
            raise HTTPError(502, "Spark's web server does not answer. Try again in a moment.") from None

    def _hand_on(self, answer: HTTPResponse, ui: SparkUi, prefix: str, logs: str) -> None:
        self.set_status(answer.code)
        for name in ANSWERED:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        target = answer.headers.get("Location", "")
        if target:
            target = target.removeprefix(ui.origin)
            is_ours = target.startswith(prefix) or not target.startswith("/")
            self.set_header("Location", target if is_ours else f"{prefix}{target}")
        if answer.code not in (204, 304):
            body = answer.body or b""
            if answer.headers.get("Content-Type", "").startswith(LINKING):
                body = LOG_LINK.sub(lambda link: _lead_to_our_log(link, ui, logs), body)
            self.write(body)
        self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say in one sentence what is wrong; it is read in a frame."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, DbxError):
            status_code, message = error.status, error.message
        else:
            message = getattr(error, "log_message", None) or "The page could not be made."
        self.set_status(status_code)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(f"<!doctype html><title>Spark UI</title><p>{escape(message)}</p>")

    def log_exception(self, *exc_info: Any) -> None:
        """Keep the traceback of an error that nobody foresaw, and of no other."""
        if not isinstance(exc_info[1], DbxError):
            super().log_exception(*exc_info)

    @property
    def _client(self) -> AsyncHTTPClient:
        """Return the client that all pages are read by: one of ours, because of the limits."""
        client: AsyncHTTPClient | None = self.settings.get("jupyter_dbx_ui_client")
        if client is None:
            client = AsyncHTTPClient(force_instance=True, max_clients=AT_ONCE, max_body_size=LARGEST_PAGE)
            self.settings["jupyter_dbx_ui_client"] = client
        return client


def _lead_to_our_log(link: re.Match[bytes], ui: SparkUi, logs: str) -> bytes:
    address, application, executor, stream = (part.decode() for part in link.groups())
    node = ui.nodes.get(address)
    path = f"{node}/worker/work/{application}/{executor}/{stream}"
    return f"{logs}{quote(path)}".encode() if node else link[0]
