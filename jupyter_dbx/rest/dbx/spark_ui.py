"""`/api/dbx/clusters/ID/spark-ui/…` and `…/master-ui/…`: a proxy for Spark's web UIs, for users of this server.

Spark's web servers listen on loopback and require the token that the proxy adds. The user's cookies and tokens are not
forwarded. The UIs are read-only: Spark's forms to kill jobs are disabled. The paths do not contain `proxy`, because Spark's
scripts take the path segment after that word for an application id. Links to logs refer to the web servers of workers, which
are not reachable, so the proxy replaces them with links to the log API.

Source: `X-Forwarded-Context`, UIUtils.uiRoot of Apache Spark; `org.apache.spark.ui.JWSFilter`.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.web import HTTPError

from jupyter_dbx.managers.spark_uis import SparkUi
from jupyter_dbx.model.access import require
from jupyter_dbx.model.errors import DbxError, PermissionDenied
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.rest.framework.identified import Identified, services_of

#: Paths of the proxy: cluster id, which web server, and the path on that server.
UI_PATHS = r"/api/dbx/clusters/([^/]+)/(spark|master)-ui(/.*)?"

#: Timeout of a request, s; maximum size of a response, bytes; maximum number of concurrent requests.
TIMEOUT_S, MAX_PAGE, MAX_CONCURRENT = 30.0, 32 * 2**20, 16

#: Headers that are forwarded, of requests and of responses.
REQUEST_HEADERS = ("Accept", "Accept-Language", "If-Modified-Since", "If-None-Match")
RESPONSE_HEADERS = ("Content-Type", "Content-Disposition", "Cache-Control", "ETag", "Expires", "Last-Modified")

#: Content types that may contain links to executor logs, and the pattern of such a link from a Spark worker.
LINKING = ("text/html", "application/json")
LOG_LINK = re.compile(
    rb"http://([\w.:-]+):\d+/logPage/\?appId=([\w-]+)&(?:amp;)?executorId=(\w+)&(?:amp;)?logType=(\w+)"
)


class SparkUiHandler(Identified):
    """Returns a page of a Spark web UI to a user who may attach to the cluster, whom each request names."""

    @property
    def content_security_policy(self) -> str:
        """Allow JupyterLab to show it in a frame."""
        return "frame-ancestors 'self'"

    @allow_unauthenticated  # `prepare` has authenticated the caller, also by tokens that Jupyter does not know
    async def get(self, cluster_id: str, which: str, path: str | None) -> None:
        """Return Spark's page."""
        services = services_of(self)
        try:
            require(self.principal, "CAN_ATTACH_TO", (await services.clusters.get(cluster_id)).guarded)
        except PermissionDenied as error:
            await self.audit(f"GET {which}-ui", Subject.cluster(cluster_id), error.status, error.error_code)
            raise
        prefix = f"{self.base_url}api/dbx/clusters/{cluster_id}/{which}-ui"
        if not path:
            self.redirect(f"{prefix}/")
            return
        ui = await services.spark_uis.find(cluster_id, which)
        logs = f"{self.base_url}api/dbx/clusters/{cluster_id}/log/download?path="
        self._forward(await self._request(ui, prefix, path), ui, prefix, logs)

    head = get

    async def _request(self, ui: SparkUi, prefix: str, path: str) -> HTTPResponse:
        query = f"?{self.request.query}" if self.request.query else ""
        headers = {name: self.request.headers[name] for name in REQUEST_HEADERS if name in self.request.headers}
        # Spark prepends X-Forwarded-Context to its links.
        headers |= {"Authorization": f"Bearer {ui.token}", "X-Forwarded-Context": prefix}
        request = HTTPRequest(
            f"{ui.origin}{self.request.path.removeprefix(prefix) or path}{query}",
            method=self.request.method or "GET",
            headers=headers,
            follow_redirects=False,
            decompress_response=True,
            connect_timeout=TIMEOUT_S,
            request_timeout=TIMEOUT_S,
        )
        try:
            return await self._client.fetch(request, raise_error=False)
        except (HTTPClientError, HTTPTimeoutError, OSError):
            raise HTTPError(502, "The Spark web server is not responding. Try again in a moment.") from None

    def _forward(self, answer: HTTPResponse, ui: SparkUi, prefix: str, logs: str) -> None:
        self.set_status(answer.code)
        for name in RESPONSE_HEADERS:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        target = answer.headers.get("Location", "")
        if target:
            target = target.removeprefix(ui.origin)
            is_below = target.startswith(prefix) or not target.startswith("/")
            self.set_header("Location", target if is_below else f"{prefix}{target}")
        if answer.code not in (204, 304):
            body = answer.body or b""
            if answer.headers.get("Content-Type", "").startswith(LINKING):
                body = LOG_LINK.sub(lambda link: _link_to_log(link, ui, logs), body)
            self.write(body)
        self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the error as a short page, which is shown in a frame."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, DbxError):
            status_code, message = error.status, error.message
        else:
            message = getattr(error, "log_message", None) or "The page could not be loaded."
        self.set_status(status_code)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(f"<!doctype html><title>Spark UI</title><p>{escape(message)}</p>")

    def log_exception(self, *exc_info: Any) -> None:
        """Log the traceback of unexpected errors only."""
        if not isinstance(exc_info[1], DbxError):
            super().log_exception(*exc_info)

    @property
    def _client(self) -> AsyncHTTPClient:
        """Return the shared HTTP client, a separate instance because of its limits."""
        client: AsyncHTTPClient | None = self.settings.get("jupyter_dbx_ui_client")
        if client is None:
            client = AsyncHTTPClient(force_instance=True, max_clients=MAX_CONCURRENT, max_body_size=MAX_PAGE)
            self.settings["jupyter_dbx_ui_client"] = client
        return client


def _link_to_log(link: re.Match[bytes], ui: SparkUi, logs: str) -> bytes:
    address, application, executor, stream = (part.decode() for part in link.groups())
    node = ui.nodes.get(address)
    path = f"{node}/worker/work/{application}/{executor}/{stream}"
    return f"{logs}{quote(path)}".encode() if node else link[0]
