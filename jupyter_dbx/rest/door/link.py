"""Link: requests to the control plane."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import HTTPTimeoutError

from jupyter_dbx.model.answers.answer import Answer, decode
from jupyter_dbx.model.answers.clusters import Changes
from jupyter_dbx.model.answers.errors import Error
from jupyter_dbx.model.answers.people import Workspace
from jupyter_dbx.model.door import Door
from jupyter_dbx.model.errors import ControlPlaneUnavailable, DbxError
from jupyter_dbx.model.wire import Json

A = TypeVar("A", bound=Answer)

#: Time limits, s: to connect, of an answer to the server itself, and of one to its user, maybe the download of a large log.
CONNECT_S, ANSWER_S, RESPONSE_S = 10.0, 40.0, 3600.0

#: Maximum number of concurrent requests; maximum size of a response that is passed on in pieces, bytes.
MAX_CONCURRENT, MAX_RESPONSE = 100, 2**40


class Link:
    """The control plane, from the view of a user's own server.

    Parameters
    ----------
    url : URL of the control plane, with its base URL
    token : the user's own token for it
    """

    def __init__(self, url: str, token: str) -> None:
        self.url, self._token = f"{url.rstrip('/')}/", token
        #: what the control plane says about its workspace; None = it has not responded yet
        self.workspace: Workspace | None = None
        self._client = AsyncHTTPClient(force_instance=True, max_clients=MAX_CONCURRENT, max_body_size=MAX_RESPONSE)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    async def fetch(
        self,
        door: Door,
        method: str,
        target: str,
        headers: HTTPHeaders,
        body: bytes | None,
        *,
        token: str | None = "",
        on_head: Callable[[str], None] | None = None,
        on_piece: Callable[[bytes], object] | None = None,
    ) -> HTTPResponse:
        """Make a request, and return the response; its body is empty if `on_piece` receives it while it arrives.

        Parameters
        ----------
        target : path below the base URL, and query
        token : "" = the user's own, None = none
        on_head : receives each line of the response's head, the last of which is empty

        Raises
        ------
        ControlPlaneUnavailable : it is not responding
        """
        headers = headers.copy()
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self._token}"
        headers[Door.HEADER] = door.encode()
        request = HTTPRequest(
            self.url + target,
            method=method,
            headers=headers,
            body=body,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            connect_timeout=CONNECT_S,
            request_timeout=RESPONSE_S if on_piece else ANSWER_S,
            header_callback=on_head,
            streaming_callback=on_piece,  # type: ignore[arg-type]  # newer versions of tornado await what it returns
        )
        try:
            return await self._client.fetch(request, raise_error=False)
        except (HTTPClientError, HTTPTimeoutError, OSError, ValueError) as error:
            raise self._unavailable(str(error)) from None

    async def call(self, kind: type[A], door: Door, method: str, path: str, /, **args: object) -> A:
        """Return the answer to a request of the server itself.

        Raises
        ------
        ControlPlaneUnavailable : it is not responding, or refuses the request
        """
        is_read = method == "GET"
        query = f"?{urlencode(args)}" if is_read and args else ""
        body = None if is_read else json.dumps(args).encode()
        response = await self.fetch(door, method, f"api/{path}{query}", HTTPHeaders(), body)
        try:
            answer: Json = json.loads(response.body)
            if response.code >= 400:
                raise ControlPlaneUnavailable(f"The control plane at {self.url}: {decode(Error, answer).message}")
            return decode(kind, answer)
        except ValueError:
            raise self._unavailable(f"it returned {response.code} without an answer of jupyter_dbx") from None

    async def changes(self, door: Door, after: int) -> int:
        """Return the number of changes to the workspace so far, once it probably differs from `after`."""
        return (await self.call(Changes, door, "GET", "dbx/changes", after=after)).revision

    def _unavailable(self, cause: str) -> DbxError:
        return ControlPlaneUnavailable(
            f"The control plane at {self.url} is not responding ({cause}). Try again in a moment."
        )
