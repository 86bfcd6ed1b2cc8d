"""What is the same for all requests: authentication, reading the body, dispatch, and the error envelope."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated, stream_request_body

from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.answers.errors import envelope
from jupyter_dbx.model.errors import (
    ApiNotServed,
    ClusterDoesNotExist,
    DbxError,
    EndpointNotFound,
    MalformedRequest,
    PermissionDenied,
    RequestTooLarge,
    StoreUnavailable,
)
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.framework.endpoint import Call, Download, Route
from jupyter_dbx.rest.framework.identified import Identified, services_of
from jupyter_dbx.rest.framework.needs import check, object_of
from jupyter_dbx.rest.framework.services import Services

#: Query parameters of Jupyter itself, not of an endpoint: the token must not end up in the fields of a cluster.
JUPYTER_PARAMETERS = frozenset({"token", "_xsrf", "no_track_activity"})

#: Maximum nesting of a body, levels; the deepest body of Databricks' API has five.
MAX_DEPTH = 50

#: Maximum size of a body, bytes; a secret, the largest value of a request, has 128 KiB.
MAX_BODY = 2 * 2**20

#: How often the permission for a download is checked while it lasts, s.
RECHECK_S = 2.0


class _EnvelopeHandler(APIHandler):
    """Adds the workspace's id to every response, and writes errors as Databricks' error envelope."""

    def set_default_headers(self) -> None:
        """Send the workspace's id, also with errors, and keep answers out of caches: they may contain secrets."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("x-databricks-org-id", str(self._services.org_id))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the error envelope for any error."""
        error = as_dbx_error((kwargs.get("exc_info") or (None, None, None))[1], status_code)
        status = error.status
        # The SDK maps "does not exist" to NotFound by the path, which it does not recognise behind a prefix.
        if isinstance(error, ClusterDoesNotExist) and self.base_url != "/":
            status, code = 404, "RESOURCE_DOES_NOT_EXIST"
        else:
            code = error.error_code
        self.set_status(status)
        self.finish(json.dumps(to_json(envelope(error, error_code=code))))

    def log_exception(self, *exc_info: Any) -> None:
        """Log the traceback of unexpected errors only."""
        if not isinstance(exc_info[1], DbxError):
            super().log_exception(*exc_info)

    @property
    def _services(self) -> Services:
        return services_of(self)


@stream_request_body
class ApiHandler(Identified, _EnvelopeHandler):
    """Handles every path under `/api/2.x/`, `/api/1.2/` and `/api/dbx/`, also unknown ones.

    Bodies are received in pieces, so that the caller is known before, and no more than MAX_BODY is kept.
    """

    def initialize(self, routes: Sequence[Route], unserved: Callable[[str], str]) -> None:
        """Store the table of routes, and the function that explains why a path has none: path → sentence, or ""."""
        self._routes, self._unserved = routes, unserved
        self._body = bytearray()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, unless it is too large already; the rest is read, so that the client gets an answer."""
        if len(self._body) <= MAX_BODY:
            self._body += chunk

    @allow_unauthenticated  # `prepare` has authenticated the caller, also by tokens that Jupyter does not know
    async def get(self, path: str) -> None:
        """Handle a request."""
        await self._answer(path)

    head = post = put = patch = delete = get

    async def _answer(self, path: str) -> None:
        method = self.request.method or ""
        for route in self._routes:
            parameters = route.match(method, path)
            if parameters is not None:
                answer = await self._audited(route, parameters)
                if isinstance(answer, Download):
                    guard = asyncio.create_task(self._end_if_refused(route, parameters))
                    try:
                        await self._send(answer)
                    finally:
                        guard.cancel()
                else:
                    self.finish(json.dumps(to_json(answer)))
                return
        if sentence := self._unserved(path):
            raise ApiNotServed(sentence)
        raise EndpointNotFound(f"No API found for '{method} /{path}'")

    async def _audited(self, route: Route, parameters: Json) -> object:
        """Return a route's answer; it is in the audit log before it is sent."""
        root = self.door.url if self.door else f"{self.request.protocol}://{self.request.host}{self.base_url}"
        args, status, outcome = parameters, 200, "OK"
        made = ""
        try:
            args = self._read_args() | parameters
            answer = await route.answer(Call(self._services, self.principal, root, self.door), args)
            made = getattr(answer, "cluster_id", "")
            return answer
        except BaseException as error:
            known = as_dbx_error(error, 500)
            status, outcome = known.status, known.error_code
            raise
        finally:
            if route.is_audited or status == PermissionDenied.status:
                about = object_of(route.needs, args) or (Subject.cluster(made) if made else None)
                await self.audit(f"{route.method} {route.path}", about, status, outcome)

    async def _send(self, file: Download) -> None:
        # Errors occur with the first piece, before anything is sent.
        piece = await anext(file.pieces, b"")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.name)}")
        try:
            while piece:
                self.write(piece)
                await self.flush()
                piece = await anext(file.pieces, b"")
            await self.finish()
        except StreamClosedError:
            pass  # the client disconnected

    async def _end_if_refused(self, route: Route, parameters: Json) -> None:
        """Close the connection of a download that the caller may no longer have."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                await check(route.needs, await self.recheck(), self._services, parameters)
            except StoreUnavailable:
                continue
            except DbxError as error:
                await self.audit(
                    f"{route.method} {route.path}", object_of(route.needs, parameters), error.status, error.error_code
                )
                self.request.connection.close()  # type: ignore[union-attr]  # an HTTP1Connection
                return

    def _read_args(self) -> Json:
        query: Json = {}
        for name in self.request.query_arguments.keys() - JUPYTER_PARAMETERS:
            values = self.get_query_arguments(name)
            if name.isdecimal() and values == [""]:
                continue  # JupyterLab adds the time to bypass caches
            query[name] = values if len(values) > 1 else values[0]
        if len(self._body) > MAX_BODY:
            raise RequestTooLarge(f"The body of the request must have at most {MAX_BODY} bytes.")
        if self.request.method == "GET" or not self._body.strip():
            return query
        # Clients send JSON with various content types, so none is required.
        return query | read_body(bytes(self._body))


def read_body(raw: bytes) -> Json:
    """Return the JSON object of a request's body.

    Raises
    ------
    MalformedRequest : the body is not a JSON object, or one that cannot be returned as JSON
    """
    try:
        body = json.loads(raw, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise MalformedRequest("The body is nested too deeply.") from None
    except ValueError as error:
        raise MalformedRequest(f"The body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise MalformedRequest(f"The body must be a JSON object, not {type(body).__name__}.")
    if _is_deeper(body, MAX_DEPTH):
        raise MalformedRequest("The body is nested too deeply.")
    return body


def _finite(text: str) -> float:
    # Python accepts NaN and Infinity, which are not JSON: a browser could not parse the response.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def as_dbx_error(error: BaseException | None, status: int) -> DbxError:
    """Return what to tell a client about an exception that ended its request with this status."""
    if isinstance(error, DbxError):
        return error
    if not isinstance(error, HTTPError):
        return DbxError()
    known: dict[int, type[DbxError]] = {403: PermissionDenied, 404: EndpointNotFound, 405: EndpointNotFound}
    kind = known.get(status, MalformedRequest if status < 500 else DbxError)
    return kind(error.log_message % error.args) if error.log_message else kind()


class WellKnownHandler(_EnvelopeHandler):
    """`/.well-known/databricks-config`: the SDK's first request, without a token."""

    @allow_unauthenticated
    def get(self) -> None:
        """Return the ids of the workspace and of its account; otherwise a client needs nothing but a token."""
        services = self._services
        self.finish(json.dumps({"workspace_id": str(services.org_id), "account_id": services.account_id}))


class UnavailableHandler(APIHandler):
    """Returns an error for every path of jupyter_dbx if the extension failed to start."""

    def initialize(self, message: str) -> None:
        """Store the error message."""
        self._message = message

    @authenticated
    def get(self, path: str) -> None:
        """Return the error."""
        self.set_status(500)
        error = DbxError(self._message)
        self.finish(json.dumps(to_json(envelope(error, error_code=error.error_code))))

    post = put = patch = delete = get
