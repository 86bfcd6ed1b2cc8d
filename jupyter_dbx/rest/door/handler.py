"""DoorHandler: passes a request on to the control plane."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import unquote

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPHeaders, parse_response_start_line
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from jupyter_dbx import __version__
from jupyter_dbx.managers.kernel_tokens import PROGRAMS, KernelTokens
from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.answers.errors import envelope
from jupyter_dbx.model.door import Door
from jupyter_dbx.model.errors import ControlPlaneUnavailable, DbxError, InvalidParameterValue, PermissionDenied
from jupyter_dbx.model.principal import is_same_name
from jupyter_dbx.model.token import PREFIX
from jupyter_dbx.rest.dbx.spark_pages import error_page
from jupyter_dbx.rest.dbx.spark_ui import page_policy
from jupyter_dbx.rest.door.link import Link
from jupyter_dbx.rest.framework.handler import JUPYTER_PARAMETERS, as_dbx_error
from jupyter_dbx.rest.framework.identified import RESOURCE
from jupyter_dbx.rest.framework.identity import knows_names

#: Headers that are passed on, of requests and of responses.
REQUEST_HEADERS = (
    *("Accept", "Accept-Language", "Content-Type", "If-Modified-Since", "If-None-Match", "Range", "User-Agent"),
    # Of Spark's pages, which have no origin.
    *("Sec-Fetch-Dest", "Access-Control-Request-Headers", "Access-Control-Request-Method"),
)
RESPONSE_HEADERS = (
    *(
        "Content-Type",
        "Content-Disposition",
        "Cache-Control",
        "ETag",
        "Expires",
        "Last-Modified",
        "Location",
        "Retry-After",
    ),
    *("Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Referrer-Policy", "X-Content-Type-Options"),
    *("X-Databricks-Org-Id", "X-Request-Id"),
)

#: The policy of answers that are no pages.
NO_PAGE = "default-src 'none'; sandbox"

#: The path of requests about a kernel, below the base URL; of a page of Spark, and the ticket in it, if there is one.
_KERNELS = "api/dbx/kernels/"
_SPARK_UI = re.compile(r"(api/dbx/clusters/[^/]+/(?:spark|master)-ui)(/~[^/?]+)?(?=[/?]|$)")


@dataclass(frozen=True)
class Doorway:
    """What the handler needs of its server."""

    #: the setting of the server's web application that holds it
    SETTING: ClassVar[str] = "jupyter_dbx_door"

    link: Link
    tokens: KernelTokens
    #: whose server it is, and whose token the link has
    server_user: str
    root_dir: str
    #: kernel id → absolute path of its notebook, or None
    notebook_of: Callable[[str], Awaitable[str | None]]


class DoorHandler(JupyterHandler):
    """Authenticates the caller as every Jupyter route does, or as a kernel; other tokens are for the control plane to judge."""

    @property
    def content_security_policy(self) -> str:
        """Allow a page to do nothing in Jupyter, whatever the control plane answers; Spark's have scripts of their own."""
        policy = super().content_security_policy
        return page_policy(policy) if _SPARK_UI.match(self._read_target()) else f"{policy}; {NO_PAGE}"

    def set_default_headers(self) -> None:
        """Send the workspace's id, also with errors of this server."""
        super().set_default_headers()
        if workspace := self._doorway.link.workspace:
            self.set_header("x-databricks-org-id", str(workspace.org_id))

    async def prepare(self) -> None:  # type: ignore[override]  # as jupyter_server's own handlers do
        """Authenticate the caller. Only the server's user may pass: the control plane takes every request for that user's.

        Requests of Spark's pages, to which browsers add no cookie, name their user by a ticket, which the control plane judges.
        """
        self._target = self._read_target()
        page = _SPARK_UI.match(self._target)
        self._is_page, has_ticket = page is not None, bool(page and page[2])
        if page and page[2]:
            self.request.uri = (self.request.uri or "").replace(page[2], "", 1)  # tickets are not logged
        sent = self.request.headers.get("Authorization", "").partition(" ")[2]
        self._kernel = self._doorway.tokens.kernel_of(sent)
        self._token = sent if sent.startswith(PREFIX) else ""
        self._is_stranger = False
        if self._kernel or self._token:
            if not self.check_host():
                raise HTTPError(403)
            return
        await super().prepare()
        if self.current_user is None and has_ticket and self.request.method in ("GET", "HEAD", "OPTIONS"):
            self._is_stranger = True
            return
        if self.current_user is None:
            raise PermissionDenied
        owner = self._doorway.server_user
        if knows_names(self.identity_provider) and not is_same_name(self.current_user.username, owner):
            raise PermissionDenied(
                f"This is the Jupyter server of {owner}, which acts as {owner} on the clusters. Use your own server."
            )
        action = "read" if self.request.method in ("GET", "HEAD") else "write"
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, RESOURCE)):
            raise PermissionDenied(f"This Jupyter server does not authorize {owner} to {action} {RESOURCE}.")

    @allow_unauthenticated  # `prepare` has authenticated the caller
    async def get(self, *_: str | None) -> None:
        """Pass a request on."""
        target = self._target
        if ".." in unquote(target.partition("?")[0]).split("/"):
            raise InvalidParameterValue("A path must not contain '..'.")
        known = {name: self.request.headers[name] for name in REQUEST_HEADERS if name in self.request.headers}
        self._head = HTTPHeaders()
        try:
            await self._doorway.link.fetch(
                await self._describe(target),
                self.request.method or "GET",
                target,
                HTTPHeaders(known),
                self.request.body or None,
                token=None if self._is_stranger else self._token,
                on_head=self._on_head,
                on_piece=self._on_piece,
            )
        except ControlPlaneUnavailable:
            if not self._headers_written:
                raise
            # Half an answer must not look like a whole one.
            self.request.connection.close()  # type: ignore[union-attr]  # an HTTP1Connection

    head = post = put = patch = delete = options = get

    def _read_target(self) -> str:
        """Return the path below the base URL, and the query without what is meant for this server."""
        path, mark, query = (self.request.uri or "").removeprefix(self.base_url).partition("?")
        kept = [part for part in query.split("&") if part.partition("=")[0] not in JUPYTER_PARAMETERS]
        return f"{path}{mark}{'&'.join(kept)}"

    async def _describe(self, target: str) -> Door:
        kernel_id = self._kernel.kernel_id if self._kernel and self._kernel.kernel_id != PROGRAMS else ""
        path = unquote(target.partition("?")[0])
        about = path.removeprefix(_KERNELS).partition("/")[0] if path.startswith(_KERNELS) else ""
        if about != kernel_id and kernel_id and self._doorway.tokens.has(about):
            raise PermissionDenied("A kernel's token is valid only for that kernel and the kernels that it starts.")
        return Door(
            version=__version__,
            url=f"{self.request.protocol}://{self.request.host}{self.base_url}",
            root_dir=self._doorway.root_dir,
            kernel_id=kernel_id,
            notebook=(await self._doorway.notebook_of(about) if about else None) or "",
            is_program="Authorization" in self.request.headers,
        )

    def _on_head(self, line: str) -> None:
        line = line.rstrip("\r\n")
        if line.startswith("HTTP/"):
            self._head = HTTPHeaders()
            self.set_status(parse_response_start_line(line).code)
        elif line:
            self._head.parse_line(line)
        else:
            for name in RESPONSE_HEADERS:
                if name in self._head and (name != "Location" or self._is_here(self._head[name])):
                    self.set_header(name, self._head[name])
            for policy in self._head.get_list("Content-Security-Policy"):
                self.add_header("Content-Security-Policy", policy)  # browsers apply all

    def _is_here(self, location: str) -> bool:
        """Return whether a redirect leads to this server."""
        return location.startswith(self.base_url) and not location.startswith("//")

    def _on_piece(self, piece: bytes) -> Awaitable[None] | None:
        self.write(piece)
        try:
            return self.flush()
        except StreamClosedError:
            return None  # the client disconnected

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the error as Databricks' error envelope, or as a short page in place of one of Spark's."""
        error = as_dbx_error((kwargs.get("exc_info") or (None, None, None))[1], status_code)
        self.set_status(error.status)
        if getattr(self, "_is_page", False):
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(error_page(error.message))
            return
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(to_json(envelope(error, error_code=error.error_code))))

    def log_exception(self, *exc_info: Any) -> None:
        """Log the traceback of unexpected errors only."""
        if not isinstance(exc_info[1], DbxError):
            super().log_exception(*exc_info)

    @property
    def _doorway(self) -> Doorway:
        doorway: Doorway = self.settings[Doorway.SETTING]
        return doorway


class WellKnownDoorHandler(DoorHandler):
    """`/.well-known/databricks-config`: the SDK's first request, without a token."""

    async def prepare(self) -> None:  # type: ignore[override]  # as above
        """Ask for nothing: the answer is public."""
        self._target = self._read_target()
        self._kernel, self._token, self._is_stranger, self._is_page = None, "", True, False
