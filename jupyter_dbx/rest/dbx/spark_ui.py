"""`/api/dbx/clusters/ID/spark-ui/…` and `…/master-ui/…`: a proxy for Spark's web UIs, for users of this server.

Spark's web servers listen on loopback and require the token that the proxy adds. The user's cookies and tokens are not
forwarded. The UIs are read-only: Spark's forms to kill jobs are disabled. The paths do not contain `proxy`, because Spark's
scripts take the path segment after that word for an application id. Links to logs refer to the web servers of workers, which
are not reachable, so the proxy replaces them with links to the log API.

What a page contains is written by users of the cluster: descriptions of jobs, queries, even the server itself. So it may not be a
page of Jupyter, whose scripts could do all that its reader may. Browsers are told to show it in a sandbox, as a page without an
origin, from which requests carry no cookies. These name their user by a ticket in the path (`…/spark-ui/~TICKET/…`), to which
browsers are redirected. A ticket is for one user and one UI; each request needs the user's permission, too. A browser's tab also
needs the user's cookie, so that an address that is sent to others is of no use to them. Tickets are not logged.

Source: `X-Forwarded-Context`, UIUtils.uiRoot of Apache Spark; `org.apache.spark.ui.JWSFilter`; Content Security Policy Level 3,
`sandbox`; Fetch Metadata Request Headers, `Sec-Fetch-Dest`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urljoin

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.web import HTTPError

from jupyter_dbx.managers.spark_uis import SparkUi
from jupyter_dbx.managers.ui_tickets import UiTicket
from jupyter_dbx.model.access import require
from jupyter_dbx.model.errors import DbxError, PermissionDenied
from jupyter_dbx.model.principal import Principal
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.rest.dbx.spark_pages import error_page, policy_of, with_log_links, with_script
from jupyter_dbx.rest.framework.handler import JUPYTER_PARAMETERS
from jupyter_dbx.rest.framework.identified import Identified, services_of

#: Paths of the proxy: cluster id, which web server, the ticket, and the path on that server.
UI_PATHS = r"/api/dbx/clusters/([^/]+)/(spark|master)-ui(?:/~([A-Za-z0-9_-]+))?(/.*)?"

#: Timeout of a request, s; maximum size of a response, bytes; maximum number of concurrent requests.
TIMEOUT_S, MAX_PAGE, MAX_CONCURRENT = 30.0, 32 * 2**20, 16

#: Headers that are forwarded, of requests and of responses.
REQUEST_HEADERS = ("Accept", "Accept-Language", "If-Modified-Since", "If-None-Match")
RESPONSE_HEADERS = ("Content-Type", "Content-Disposition", "Cache-Control", "ETag", "Expires", "Last-Modified")

#: What pages may do in their sandbox. Without `allow-same-origin`, they have no origin.
SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-downloads"

#: What a policy says about frames: JupyterHub's default, and what JupyterLab needs.
NO_FRAMES, OWN_FRAMES = "frame-ancestors 'none'", "frame-ancestors 'self'"


class SparkUiHandler(Identified):
    """Returns a page of a Spark web UI to a user who may attach to the cluster, whom each request names."""

    #: the ticket in the path, if it is valid
    _ticket: UiTicket | None = None

    @property
    def content_security_policy(self) -> str:
        """Show it in a sandbox, and in frames of those whom Jupyter allows to."""
        return page_policy(super().content_security_policy)

    def set_default_headers(self) -> None:
        """Let no other site see the ticket."""
        super().set_default_headers()
        self.set_header("Referrer-Policy", "no-referrer")

    async def prepare(self) -> None:  # type: ignore[override]  # as jupyter_server's own handlers do
        """Find the ticket, and remove it from what is logged."""
        cluster_id, which, value, _ = self.path_args
        if value:
            self.request.uri = (self.request.uri or "").replace(f"/~{value}", "", 1)
            self.request.path = self.request.path.replace(f"/~{value}", "", 1)
            found = self._services.spark_uis.tickets.find(value)
            self._ticket = found if found == UiTicket(found.user_name if found else "", cluster_id, which) else None
        await super().prepare()

    async def token_holder(self) -> Principal | None:
        """Return also the user of the ticket, except in a browser's tab, whose address may have been sent by somebody else."""
        if self._ticket is None or self.request.headers.get("Sec-Fetch-Dest") == "document":
            return await super().token_holder()
        return await self._services.people.find(self._ticket.user_name)

    @allow_unauthenticated  # `prepare` has authenticated the caller, also by tokens that Jupyter does not know
    async def get(self, cluster_id: str, which: str, value: str | None, path: str | None) -> None:
        """Return Spark's page, or redirect to it with a ticket."""
        services = services_of(self)
        try:
            require(self.principal, "CAN_ATTACH_TO", (await services.clusters.get(cluster_id)).guarded)
        except PermissionDenied as error:
            await self.audit(f"GET {which}-ui", Subject.cluster(cluster_id), error.status, error.error_code)
            raise
        below = f"api/dbx/clusters/{cluster_id}/{which}-ui"
        place = self.request.path.removeprefix(f"{self.base_url}{below}") or "/"
        root = f"{self.door.path if self.door else self.base_url}{below}"
        ticket = UiTicket(self.principal.user_name, cluster_id, which)
        if self._ticket == ticket:
            root = f"{root}/~{value}"
            self.set_header("Access-Control-Allow-Origin", "null")
        elif not self._is_program:
            self.redirect(f"{root}/~{services.spark_uis.tickets.issue(ticket)}{place}{self._query}")
            return
        if not path:
            self.redirect(f"{root}/")
            return
        ui = await services.spark_uis.find(cluster_id, which)
        self._forward(await self._request(ui, root, place), ui, root, place)

    head = get

    @allow_unauthenticated
    async def options(self, *path_args: str) -> None:
        """Allow jQuery's own header, for which browsers ask before requests of pages without an origin."""
        if self._ticket is None:
            raise HTTPError(405)
        self.set_header("Access-Control-Allow-Origin", "null")
        self.set_header("Access-Control-Allow-Headers", "X-Requested-With")
        self.set_status(204)

    @property
    def _is_program(self) -> bool:
        """True for a caller that sends its token with each request, as no page does."""
        if self.door:
            return self.door.is_program
        return self.request.headers.get("Authorization", "").lower().startswith(("bearer ", "token "))

    @property
    def _query(self) -> str:
        """The query for Spark, with its question mark; it does not contain Jupyter's own parameters."""
        parts = [p for p in self.request.query.split("&") if p and p.partition("=")[0] not in JUPYTER_PARAMETERS]
        return f"?{'&'.join(parts)}" if parts else ""

    async def _request(self, ui: SparkUi, root: str, place: str) -> HTTPResponse:
        if ".." in unquote(place).replace("\\", "/").split("/"):
            raise HTTPError(404, "There is no such page.")
        headers = {name: self.request.headers[name] for name in REQUEST_HEADERS if name in self.request.headers}
        # Spark prepends X-Forwarded-Context to its links.
        headers |= {"Authorization": f"Bearer {ui.token}", "X-Forwarded-Context": root}
        request = HTTPRequest(
            f"{ui.origin}{place}{self._query}",
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

    def _forward(self, answer: HTTPResponse, ui: SparkUi, root: str, place: str) -> None:
        self.set_status(answer.code)
        for name in RESPONSE_HEADERS:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        policy = policy_of(answer.headers.get("Content-Security-Policy", ""))
        if policy:
            self.add_header("Content-Security-Policy", policy)  # browsers apply both
        if "Location" in answer.headers:
            self.set_header("Location", _redirected(answer.headers["Location"], ui, root, place))
        if answer.code not in (204, 304):
            kind, body = answer.headers.get("Content-Type", ""), answer.body or b""
            if kind.startswith(("text/html", "application/json")):
                logs = root.partition("/spark-ui")[0].partition("/master-ui")[0] + "/log/download?path="
                body = with_log_links(body, ui, logs)
            if kind.startswith("text/html"):
                body = with_script(body, policy, root)
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
        *_, value, path = self.path_args
        if value and self._ticket is None and not hasattr(self, "principal"):
            # In a frame, where browsers do not send cookies for a page that another one without an origin leads to.
            place = f"{path or '/'}{self._query}"
            self.finish(error_page("This page has expired. Open the Spark UI again.", expired_at=place))
        else:
            self.finish(error_page(message))

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


def page_policy(policy: str) -> str:
    """Return a server's policy with the sandbox; JupyterLab may show the page, also on a hub, whose servers allow no frames."""
    return f"{policy.replace(NO_FRAMES, OWN_FRAMES)}; {SANDBOX}"


def _redirected(target: str, ui: SparkUi, root: str, place: str) -> str:
    """Return the path that a redirect of Spark leads to.

    Raises
    ------
    HTTPError : it leads to another server
    """
    wanted = urljoin(f"{ui.origin}{place}", target)
    if not wanted.startswith(f"{ui.origin}/"):
        raise HTTPError(502, "The Spark web server redirects to another server.")
    path = wanted.removeprefix(ui.origin)
    return path if path.startswith(f"{root}/") else f"{root}{path}"
