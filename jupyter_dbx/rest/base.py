"""Everything that is the same for all endpoints: who calls, reading leniently, dispatch, the error envelope."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    DbxError,
    EndpointNotFound,
    MalformedRequest,
    PermissionDenied,
)
from jupyter_dbx.model.wire import Json

#: Query parameters that are Jupyter's own and no argument of an endpoint; the token must not get into a cluster's fields.
JUPYTERS_OWN = frozenset({"token", "_xsrf", "no_track_activity"})

#: How deep a body may be nested; the deepest that Databricks knows has five levels.
DEEPEST_BODY = 50


@dataclass(frozen=True)
class Services:
    """What endpoints may use."""

    clusters: ClusterManager
    attachments: AttachmentManager
    kernel_tokens: KernelTokens
    #: whom the server works for
    user: str
    #: of the workspace, as clients want it: a positive integer
    org_id: int
    #: what really runs, e.g. "4.3.0"
    spark_version: str
    #: kernel id → path of its notebook below the server's root, or None
    notebook_of: Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True)
class Call:
    """One request."""

    services: Services
    #: the body, or for GET and DELETE the query; names in braces of the route are in here too
    args: Json
    user: str
    #: the kernel whose own token this request came with, or None for a user's
    kernel_id: str | None = None


Endpoint = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True)
class Route:
    """Which function answers what."""

    method: str
    #: below `/api/`; `{name}` stands for one path segment
    path: str
    endpoint: Endpoint

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the path's parameters if this route is the one, else None."""
        if method != self.method:
            return None
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


class _EnvelopeHandler(APIHandler):
    """What every answer of ours has: the workspace's id, and errors as clients read them."""

    def set_default_headers(self) -> None:
        """Send the workspace's id, with errors too."""
        super().set_default_headers()
        self.set_header("x-databricks-org-id", str(self._services.org_id))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the error envelope, whatever went wrong."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        envelope = _as_dbx_error(error, status_code)
        status = envelope.status
        # The SDK turns "does not exist" into NotFound by the path, which it does not recognise behind a prefix.
        if isinstance(envelope, ClusterDoesNotExist) and self.base_url != "/":
            status, code = 404, "RESOURCE_DOES_NOT_EXIST"
        else:
            code = envelope.error_code
        self.set_status(status)
        self.finish(json.dumps({"error_code": code, "message": envelope.message}))

    def log_exception(self, *exc_info: Any) -> None:
        """Keep the traceback of an error that nobody foresaw, and of no other."""
        if not isinstance(exc_info[1], DbxError):
            super().log_exception(*exc_info)

    @property
    def _services(self) -> Services:
        services: Services = self.settings["jupyter_dbx"]
        return services


class ApiHandler(_EnvelopeHandler):
    """Answers every path under `/api/2.x/`, `/api/1.2/` and `/api/dbx/`, also the unknown ones."""

    def initialize(self, routes: Sequence[Route]) -> None:
        """Take the table of routes."""
        self._routes = routes
        self._kernel_id: str | None = None

    async def prepare(self) -> None:  # type: ignore[override]  # as jupyter_server's own APIHandler does
        """Find out who calls: a user as on every Jupyter route, or a kernel with its own token."""
        sent = self.request.headers.get("Authorization", "").partition(" ")[2]
        self._kernel_id = self._services.kernel_tokens.kernel_of(sent) if sent else None
        try:
            await super().prepare()
        except HTTPError:
            # Whoever has no valid token is told so, rather than that a cookie is missing.
            if self.current_user is None and self._kernel_id is None:
                raise PermissionDenied from None
            raise
        if self.current_user is None and self._kernel_id is None:
            raise PermissionDenied

    def check_xsrf_cookie(self) -> None:
        """Skip the check for kernels, which have a token and no cookies."""
        if self._kernel_id is None:
            super().check_xsrf_cookie()

    @allow_unauthenticated  # `prepare` has asked already, and knows kernels too
    async def get(self, path: str) -> None:
        """Answer a GET."""
        await self._answer(path)

    post = put = patch = delete = get

    async def _answer(self, path: str) -> None:
        method = self.request.method or ""
        for route in self._routes:
            parameters = route.match(method, path)
            if parameters is not None:
                call = Call(self._services, self._read_args() | parameters, self._services.user, self._kernel_id)
                self.finish(json.dumps(await route.endpoint(call)))
                return
        raise EndpointNotFound(f"No API found for '{method} /{path}'")

    def _read_args(self) -> Json:
        query: Json = {}
        for name in self.request.query_arguments.keys() - JUPYTERS_OWN:
            values = self.get_query_arguments(name)
            query[name] = values if len(values) > 1 else values[0]
        if self.request.method == "GET" or not self.request.body.strip():
            return query
        # Clients send all sorts of content types with JSON, so none is asked for.
        return query | read_body(self.request.body)


def read_body(raw: bytes) -> Json:
    """Return the JSON object of a request's body.

    Raises
    ------
    MalformedRequest : it is none, or one that could not be answered as JSON again
    """
    try:
        body = json.loads(raw, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise MalformedRequest("The body is nested too deeply.") from None
    except ValueError as error:
        raise MalformedRequest(f"The body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise MalformedRequest(f"The body must be a JSON object, not {type(body).__name__}.")
    if _is_deeper(body, DEEPEST_BODY):
        raise MalformedRequest("The body is nested too deeply.")
    return body


def _finite(text: str) -> float:
    # Python reads and writes NaN and Infinity, which are no JSON: a browser could not read the answer.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _as_dbx_error(error: BaseException | None, status: int) -> DbxError:
    if isinstance(error, DbxError):
        return error
    if not isinstance(error, HTTPError):
        return DbxError()
    known: dict[int, type[DbxError]] = {403: PermissionDenied, 404: EndpointNotFound, 405: EndpointNotFound}
    envelope = known.get(status, MalformedRequest if status < 500 else DbxError)
    return envelope(error.log_message % error.args) if error.log_message else envelope()


class WellKnownHandler(_EnvelopeHandler):
    """`/.well-known/databricks-config`: asked by the SDK, without a token, before anything else."""

    @allow_unauthenticated
    def get(self) -> None:
        """Say that there is nothing to discover: a token is all a client needs."""
        self.finish("{}")
