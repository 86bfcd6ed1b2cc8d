"""Who a control plane's callers are if JupyterHub says so: a hub that is changed, slow to hear of, or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.services.auth import HubAuth
from live import free_port
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.web import Application, RequestHandler

from jupyter_dbx.managers.people import People, person_of
from jupyter_dbx.model.errors import ControlPlaneUnavailable
from jupyter_dbx.rest.framework import hub as hub_module
from jupyter_dbx.rest.framework.hub import HubDirectory, HubIdentityProvider
from jupyter_dbx.store import Store

#: A log that says nothing.
SILENT: Any = SimpleNamespace(warning=lambda *_: None)

SCOPE = "access:services!service=dbx"


@dataclass
class FakeHub:
    """A hub's API, in this process."""

    #: token → the model of its user
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    may_list: bool = True

    def start(self) -> None:
        hub = self

        class Whose(RequestHandler):
            def get(self) -> None:
                model = hub.users.get(self.request.headers["Authorization"].partition(" ")[2])
                self.set_status(200 if model else 403)
                self.finish(json.dumps(model or {"status": 403}))

        class Users(RequestHandler):
            def get(self) -> None:
                if not hub.may_list:
                    self.set_status(403)
                    return
                names = sorted(hub.users)
                offset = int(self.get_argument("offset", "0"))
                following = {"url": f"{hub.url}/users?offset={offset + 1}"} if offset + 1 < len(names) else None
                items = [hub.users[name] for name in names[offset : offset + 1]]
                self.finish(json.dumps({"items": items, "_pagination": {"next": following}}))

        self._server = HTTPServer(Application([(r"/hub/api/user", Whose), (r"/hub/api/users", Users)]))
        self._server.listen(self.port, "127.0.0.1")

    async def stop(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub/api"

    @property
    def auth(self) -> HubAuth:
        return HubAuth(api_url=self.url, api_token="own", access_scopes={SCOPE}, cache_max_age=1)


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    hub.users["ann"] = {"name": "ann", "kind": "user", "groups": ["data"], "admin": False, "scopes": [SCOPE]}
    hub.users["eve"] = {"name": "eve", "kind": "user", "groups": [], "admin": False, "scopes": []}
    hub.start()
    yield hub
    await hub.stop()


def request(token: str) -> Any:
    headers = HTTPHeaders({"Authorization": f"Bearer {token}"} if token else {})
    return SimpleNamespace(request=SimpleNamespace(headers=headers), get_argument=lambda *_: "")


async def test_the_hub_says_whose_a_token_is(hub: FakeHub) -> None:
    provider = HubIdentityProvider(hub_auth=hub.auth)

    user = await provider.get_user(request("ann"))
    assert user is not None and user.username == "ann"
    for refused in ("eve", "unknown", ""):  # eve may not access the service
        assert await provider.get_user(request(refused)) is None


async def test_users_stay_known_while_the_hub_is_gone_but_not_for_long(hub: FakeHub) -> None:
    now = 0.0
    provider = HubIdentityProvider(hub_auth=hub.auth, grace_s=100.0)
    provider.clock = lambda: now
    await provider.get_user(request("ann"))
    await hub.stop()
    provider.hub_auth.cache.clear()

    now = 99.0
    user = await provider.get_user(request("ann"))
    assert user is not None and user.username == "ann"
    with pytest.raises(ControlPlaneUnavailable, match="JupyterHub is not responding"):
        await provider.get_user(request("bob"))
    now = 101.0
    with pytest.raises(ControlPlaneUnavailable):
        await provider.get_user(request("ann"))

    hub.start()
    assert await provider.get_user(request("ann")) is not None


async def test_a_revoked_token_ends_what_was_known(hub: FakeHub) -> None:
    provider = HubIdentityProvider(hub_auth=hub.auth)
    await provider.get_user(request("ann"))
    del hub.users["ann"]
    provider.hub_auth.cache.clear()
    assert await provider.get_user(request("ann")) is None

    await hub.stop()
    provider.hub_auth.cache.clear()
    with pytest.raises(ControlPlaneUnavailable):
        await provider.get_user(request("ann"))
    hub.start()


async def test_users_of_the_hub_are_known_before_they_come(hub: FakeHub, store: Store) -> None:
    hub.users["boss"] = {"name": "Boss", "groups": [], "admin": True}
    people = People(store, "dbx", directory=HubDirectory(hub.auth, 100.0, SILENT))

    found = {principal.user_name: principal for principal in await people.all()}
    assert found.keys() == {"ann", "eve", "Boss", "dbx"}
    assert found["ann"].groups == ("data",) and found["Boss"].is_admin
    assert (await people.find("BOSS")) == found["Boss"] and await people.find("nobody") is None


async def test_a_user_whom_the_hub_has_removed_is_gone(
    hub: FakeHub, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LISTED_S", 0)
    people = People(store, "dbx", directory=HubDirectory(hub.auth, 100.0, SILENT))
    assert await people.find("ann")

    await hub.stop()
    assert await people.find("ann")
    hub.start()
    del hub.users["ann"]
    for _ in range(1000):  # the list is read again in the background
        if await people.find("ann") is None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("ann is still known")


async def test_nobody_comes_back_while_the_hub_is_gone(
    hub: FakeHub, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LISTED_S", 0)
    people = People(store, "dbx", directory=HubDirectory(hub.auth, -1.0, SILENT))
    await people.meet(person_of("eve", is_admin=True))  # whom the hub has removed since
    await hub.stop()

    with pytest.raises(ControlPlaneUnavailable, match="its users are unknown"):
        await people.find("eve")
    hub.start()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ({"name": "ann", "kind": "user"}, "ann"),
        ({"name": "ann", "kind": "service"}, "service:ann"),
        ({"name": "service:ann", "kind": "user"}, ""),
        ({"name": "Service:ann", "kind": "user"}, ""),
    ],
)
async def test_services_and_users_of_one_name_are_two(hub: FakeHub, model: dict[str, str], name: str) -> None:
    hub.users["t"] = {"groups": [], "admin": False, "scopes": [SCOPE], **model}

    user = await HubIdentityProvider(hub_auth=hub.auth).get_user(request("t"))
    assert (user.username if user else "") == name


async def test_a_hub_that_hangs_counts_as_gone(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "ANSWER_S", 0.05)
    provider = HubIdentityProvider(hub_auth=hub.auth)
    await provider.get_user(request("ann"))

    async def hang(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(provider.hub_auth, "user_for_token", hang)
    user = await provider.get_user(request("ann"))
    assert user is not None and user.username == "ann"
    with pytest.raises(ControlPlaneUnavailable):
        await provider.get_user(request("bob"))


def test_a_group_of_the_hub_makes_no_administrators() -> None:
    assert person_of("eve", groups=["admins", "Admins", "users", "data"]).groups == ("data",)


async def test_without_permission_to_list_users_those_who_came_are_known(hub: FakeHub, store: Store) -> None:
    hub.may_list = False
    people = People(store, "dbx", directory=HubDirectory(hub.auth, 100.0, SILENT))

    assert [principal.user_name for principal in await people.all()] == ["dbx"]
