"""Everything that is the same for all requests: who calls, reading the body, dispatch, the error envelope."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    DbxError,
    EndpointNotFound,
    MalformedRequest,
    PermissionDenied,
)
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Call, Download, Route, Services

#: Query parameters that are Jupyter's own and no argument of an endpoint; the token must not get into a cluster's fields.
JUPYTERS_OWN = frozenset({"token", "_xsrf", "no_track_activity"})

#: How deep a body may be nested; the deepest that Databricks knows has five levels.
DEEPEST_BODY = 50


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
                root = f"{self.request.protocol}://{self.request.host}{self.base_url}"
                call = Call(self._services, self._services.user, root, self._kernel_id)
                answer = await route.answer(call, self._read_args() | parameters)
                if isinstance(answer, Download):
                    await self._send(answer)
                else:
                    self.finish(json.dumps(answer))
                return
        raise EndpointNotFound(f"No API found for '{method} /{path}'")

    async def _send(self, file: Download) -> None:
        # What can be refused is refused at the first piece, before anything was sent.
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
            pass  # who asked has gone

    def _read_args(self) -> Json:
        query: Json = {}
        for name in self.request.query_arguments.keys() - JUPYTERS_OWN:
            values = self.get_query_arguments(name)
            if name.isdecimal() and values == [""]:
                continue  # JupyterLab adds the time, so that no cache answers
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


class UnavailableHandler(APIHandler):
    """Answers every path of ours when the server could not even begin to work."""

    def initialize(self, message: str) -> None:
        """Take the sentence that says why."""
        self._message = message

    @authenticated
    def get(self, path: str) -> None:
        """Say why."""
        self.set_status(500)
        self.finish(json.dumps({"error_code": "INTERNAL_ERROR", "message": self._message}))

    post = put = patch = delete = get
