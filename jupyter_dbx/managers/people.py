"""People: the users and groups of the workspace, as far as they are known.

Known are the server's user, the members of the configured groups, the users of a directory, and everybody who has made a request.
If Jupyter or the hub reports other groups of somebody than before, they count from that request on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.errors import ResourceDoesNotExist
from jupyter_dbx.model.keys import check_key
from jupyter_dbx.model.principal import ADMINS, USERS, Person, Principal, is_same_name, name_key
from jupyter_dbx.store import Store

#: Databricks' words for the kinds of principals, in messages that clients know.
_KINDS = {
    "": "Name",
    "user_name": "UserName",
    "group_name": "GroupName",
    "service_principal_name": "ServicePrincipalName",
}

#: Returns all users of a directory by their keys, or None if they are unknown.
Directory = Callable[[], Awaitable[Mapping[str, Person] | None]]


async def nothing() -> None:
    """Return None: there is no directory."""


class People:
    """Makes principals of names.

    Parameters
    ----------
    server_user : name of the user whose server it is
    admins : names of the administrators
    groups : group → names of its members; in addition to those that Jupyter or the hub reports
    directory : returns all users by their keys, without whom there are no others; None = that is unknown
    """

    def __init__(
        self,
        store: Store,
        server_user: str,
        admins: Sequence[str] = (),
        groups: Mapping[str, Sequence[str]] | None = None,
        directory: Directory = nothing,
    ) -> None:
        self._directory = directory
        self._store, self.server_user = store, server_user
        self._admins = {name_key(name) for name in admins}
        self._groups = {group: {name_key(name): name for name in names} for group, names in (groups or {}).items()}

    async def meet(self, person: Person) -> Principal:
        """Return the principal of somebody whom Jupyter has authenticated, and remember what it reported."""
        known = await self._store.people.get(person.key)
        if known is None or replace(known, version=0) != person:
            await self._remember(person)
        return self._principal(person)

    @retry_on_conflict
    async def _remember(self, person: Person) -> None:
        known = await self._store.people.get(person.key)
        await self._store.people.save(replace(person, version=known.version if known else 0))

    async def find(self, user_name: str) -> Principal | None:
        """Return the principal of a user with what was reported last, or None if nobody of this name is known."""
        key, listed = name_key(user_name), await self._directory()
        met = await self._store.people.get(key)
        known = (listed or {}).get(key) or (met if listed is None or (met and met.is_service) else None)
        person = known or self._configured().get(key)
        return self._principal(person) if person else None

    async def all(self) -> list[Principal]:
        """Return everybody who is known, by name."""
        listed, met = await self._directory(), {person.key: person for person in await self._store.people.list()}
        if listed is not None:  # whoever is not listed has gone
            met = {key: person for key, person in met.items() if person.is_service} | dict(listed)
        people = self._configured() | met
        return sorted(map(self._principal, people.values()), key=lambda principal: name_key(principal.user_name))

    async def groups(self) -> dict[str, list[Principal]]:
        """Return all known groups with their members."""
        found: dict[str, list[Principal]] = {ADMINS: [], USERS: [], **{group: [] for group in self._groups}}
        for principal in await self.all():
            for group in principal.all_groups:
                found.setdefault(group, []).append(principal)
        return found

    async def known(self, grant: Grant) -> Grant:
        """Return a grant with its principal's name as the workspace spells it.

        Raises
        ------
        ResourceDoesNotExist : no user or group of this name is known
        """
        names = list(await self.groups()) if grant.kind in ("", "group_name") else []
        for known in await self.all():
            kind = "service_principal_name" if known.is_service else "user_name"
            names += [known.user_name] if grant.kind in ("", kind) else []
        for name in names:
            if is_same_name(name, grant.principal):
                return replace(grant, principal=name)
        raise ResourceDoesNotExist(
            f"Principal: {_KINDS[grant.kind]}({grant.principal}) does not exist. Users are known once they have used this "
            "workspace, or as members of DbxApp.groups; groups as well.",
            field="access_control_list",
        )

    def _configured(self) -> dict[str, Person]:
        names = {name_key(self.server_user): self.server_user}
        for members in self._groups.values():
            names |= members
        return {key: Person(key, name, name) for key, name in names.items() if name}

    def _principal(self, person: Person) -> Principal:
        groups = {*person.groups, *(group for group, members in self._groups.items() if person.key in members)}
        is_admin = person.is_admin or person.key in self._admins or ADMINS in groups
        return Principal(
            person.user_name,
            person.display_name or person.user_name,
            tuple(sorted(groups - {ADMINS, USERS})),
            is_admin,
            person.is_service,
        )


def person_of(
    user_name: str,
    display_name: str = "",
    groups: Sequence[str] = (),
    *,
    is_admin: bool = False,
    is_service: bool = False,
) -> Person:
    """Return what is to be remembered of a user.

    Raises
    ------
    InvalidParameterValue : the name cannot be stored
    """
    key = check_key(name_key(user_name), "A user name")
    groups = [
        group for group in groups if name_key(group) not in (ADMINS, USERS)
    ]  # whoever makes groups makes no administrators
    return Person(key, user_name, display_name or user_name, tuple(sorted(groups)), is_admin, is_service)
