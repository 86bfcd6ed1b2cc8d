"""`/api/2.0/preview/scim/v2/…`: who one is, and the lists of the one user and the one group that there are.

Source: Databricks REST API, SCIM; RFC 7644, sections 3.4.2.2 and 3.4.2.4.
"""

from __future__ import annotations

import re
from typing import Annotated

from jupyter_dbx.model.errors import InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Arg, Call, Endpoint, Route

#: The group of those who may do everything: the one user is in it.
ADMINS = "admins"

_ID = "1"


async def me(call: Call) -> Json:
    """Return whom the server works for."""
    return _user(call.user)


def _user(name: str) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": _ID,
        "userName": name,
        "displayName": name,
        "active": True,
        "emails": [{"value": name, "primary": True, "type": "work"}],
        "groups": [{"display": ADMINS, "type": "direct", "value": _ID}],
    }


def _group(user: str) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": _ID,
        "displayName": ADMINS,
        "members": [{"display": user, "value": _ID}],
    }


def _resources(kind: str, user: str) -> list[Json]:
    return {"Users": [_user(user)], "Groups": [_group(user)]}.get(kind, [])


def _lister(kind: str) -> Endpoint:
    """Return the endpoint that lists what there is of one kind."""

    async def list_all(
        call: Call,
        wanted: Annotated[str, Arg('Only those of which this is true: `ATTRIBUTE eq "VALUE"`.', name="filter")] = "",
        start: Annotated[int, Arg("Where the page begins, from 1 on.", name="startIndex", least=0)] = 1,
        count: Annotated[int, Arg("How many at most.", least=0)] = 100,
    ) -> Json:
        """Return a page of what there is."""
        found = [resource for resource in _resources(kind, call.user) if _fits(resource, wanted)]
        begin = max(start, 1) - 1
        page = found[begin : begin + count]
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(found),
            "startIndex": begin + 1,
            "itemsPerPage": len(page),
            "Resources": page,
        }

    return list_all


def _getter(kind: str) -> Endpoint:
    """Return the endpoint that returns one of one kind."""

    async def get(call: Call, resource_id: Annotated[str, Arg("Its `id`.")]) -> Json:
        """Return one of what there is."""
        for resource in _resources(kind, call.user):
            if resource["id"] == resource_id:
                return resource
        raise ResourceDoesNotExist(f"{kind} has no {resource_id!r}. List it for those it has.")

    return get


def _fits(resource: Json, wanted: str) -> bool:
    if not wanted:
        return True
    found = re.fullmatch(r'\s*(\w+)\s+eq\s+(?:"([^"]*)"|(\S+))\s*', wanted, re.IGNORECASE)
    if not found:
        raise InvalidParameterValue(f'filter must be like `userName eq "ada"`, not {wanted!r}')
    values = {name.lower(): value for name, value in resource.items()}
    return str(values.get(found[1].lower())) == (found[2] if found[3] is None else found[3])


_PATH = "2.0/preview/scim/v2"

ROUTES: list[Route] = [
    Route("GET", f"{_PATH}/Me", me),
    *(Route("GET", f"{_PATH}/{kind}", _lister(kind)) for kind in ("Users", "Groups", "ServicePrincipals")),
    *(
        Route("GET", f"{_PATH}/{kind}/{{resource_id}}", _getter(kind))
        for kind in ("Users", "Groups", "ServicePrincipals")
    ),
]
