"""HubIdentityProvider: users of a control plane that is a service of JupyterHub.

They come through their own servers, or as programs, with a token of the hub that may access the service. The hub says whose it
is, with groups and whether administrator. While the hub is not responding, whom it has named lately stays known.

Source: JupyterHub, `jupyterhub.services.auth.HubAuth`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from logging import Logger
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from jupyterhub.services.auth import HubAuth
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from traitlets import Float, Instance, default

from jupyter_dbx.managers.people import person_of
from jupyter_dbx.model.errors import ControlPlaneUnavailable
from jupyter_dbx.model.principal import Person, name_key

#: How long the hub's word about a token counts, s: a change of somebody's groups counts after this time at the latest.
FRESH_S = 5

#: How long a list of all its users counts, s.
LISTED_S = 30

#: Time limits of the hub: for one answer, and for the list of all its users, s.
ANSWER_S, READING_S = 5, 60

#: What names of services begin with, so that they are not those of users.
SERVICE = "service:"

#: How many tokens are remembered.
MAX_TOKENS = 10_000


@dataclass
class HubUser(User):
    """A user with what the hub knows, where JupyterHub's own class has it."""

    hub_user: dict[str, Any] = field(default_factory=dict)


class HubIdentityProvider(IdentityProvider):
    """Asks the hub whose token a request has."""

    grace_s = Float(
        300.0, min=0, help="How long users whom the hub has named stay known while the hub is not responding, s."
    ).tag(config=True)
    hub_auth = Instance(HubAuth)

    #: returns the time, s; tests replace it
    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        #: hash of the token → when the hub named its user, and how
        self._named: dict[str, tuple[float, dict[str, Any]]] = {}

    @cached_property
    def directory(self) -> HubDirectory:
        """Return the directory of the hub's users."""
        return HubDirectory(self.hub_auth, self.grace_s, self.log)

    @default("hub_auth")
    def _default_hub_auth(self) -> HubAuth:
        return HubAuth(parent=self, cache_max_age=FRESH_S)

    @default("token")
    def _default_token(self) -> str:
        return ""  # nobody is everybody

    async def get_user(self, handler: Any) -> User | None:
        """Return whose token the request has, or None.

        Raises
        ------
        ControlPlaneUnavailable : the hub is not responding, and has not named this token's user lately
        """
        token = self.hub_auth.get_token(handler, in_cookie=False)
        if not token:
            return None
        model = await self._ask(token)
        if model is None or not self.hub_auth.check_scopes(self.hub_auth.access_scopes, model):
            return None
        is_service = model.get("kind") == "service"
        if not is_service and name_key(model["name"]).startswith(SERVICE):
            return None  # services have such names
        name = f"{SERVICE}{model['name']}" if is_service else str(model["name"])
        handler._token_authenticated = True
        return HubUser(username=name, name=name, display_name=name, hub_user=model)

    async def _ask(self, token: str) -> dict[str, Any] | None:
        key = sha256(token.encode(errors="replace")).hexdigest()
        try:
            async with asyncio.timeout(ANSWER_S):
                model: dict[str, Any] | None = await self.hub_auth.user_for_token(token, sync=False)
        except Exception as error:  # of any HTTP library that JupyterHub may use
            self.log.warning("JupyterHub is not responding: %r", error)
            named_at, known = self._named.get(key, (float("-inf"), None))
            if known is None or self.clock() > named_at + self.grace_s:
                raise ControlPlaneUnavailable(
                    "JupyterHub is not responding, so nobody can be identified. Clusters keep running; try again in a moment."
                ) from None
            return known
        self._named.pop(key, None)
        if model is not None:
            self._named[key] = self.clock(), model
            if len(self._named) > MAX_TOKENS:
                del self._named[next(iter(self._named))]
        return model

    def is_token_authenticated(self, handler: Any) -> bool:
        """Return that no cookie is used."""
        return True


class HubDirectory:
    """The users of the hub, if the service may list them (scopes `list:users` and `read:users`).

    Parameters
    ----------
    grace_s : how long the last list counts while the hub is not responding, s
    """

    def __init__(self, hub_auth: HubAuth, grace_s: float, log: Logger) -> None:
        self._hub, self._grace_s, self._log = hub_auth, grace_s, log
        self._people: dict[str, Person] = {}
        self._read_at = self._tried_at = float("-inf")
        self._is_closed = False
        self._reading: asyncio.Task[None] | None = None

    async def __call__(self) -> Mapping[str, Person] | None:
        """Return all users by their keys; None = the service may not list them.

        The list is read again in the background once it is 30 s old.

        Raises
        ------
        ControlPlaneUnavailable : the hub has not responded for longer than `grace_s`
        """
        if time.monotonic() - self._tried_at > LISTED_S and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._refresh())
        if self._read_at == float("-inf") and self._reading is not None:
            await asyncio.shield(self._reading)
        if self._is_closed:
            return None
        if time.monotonic() - self._read_at > LISTED_S + self._grace_s:
            raise ControlPlaneUnavailable(
                "JupyterHub is not responding, so its users are unknown. Try again in a moment."
            )
        return self._people

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(READING_S):
                self._people = await self._read()
            self._read_at, self._is_closed = time.monotonic(), False
        except Exception as error:
            self._is_closed = isinstance(error, HTTPClientError) and error.code == 403
            hint = " Give it the scope list:users." if self._is_closed else ""
            self._log.warning("This service cannot list the users of the hub: %s.%s", error, hint)
        self._tried_at = time.monotonic()

    async def _read(self) -> dict[str, Person]:
        found, url = {}, f"{self._hub.api_url.rstrip('/')}/users?limit=200"
        while url:
            headers = {
                "Authorization": f"token {self._hub.api_token}",
                "Accept": "application/jupyterhub-pagination+json",
            }
            answer = json.loads((await AsyncHTTPClient().fetch(url, headers=headers)).body)
            for user in answer["items"]:
                person = person_of(user["name"], "", user.get("groups") or (), is_admin=bool(user.get("admin")))
                found[person.key] = person
            following = answer["_pagination"]["next"]
            url = following["url"] if following else ""
        return found
