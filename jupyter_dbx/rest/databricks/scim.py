"""`/api/2.0/preview/scim/v2/…`: the server's only user and only group.

Source: Databricks REST API, SCIM; RFC 7644, sections 3.4.2.2 and 3.4.2.4.
"""

from __future__ import annotations

import re
from typing import Annotated

from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.answers.people import ScimEmail, ScimPage, ScimReference, ScimResource
from jupyter_dbx.model.errors import InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Endpoint, Route

#: The group of administrators; its member is the server's user.
ADMINS = "admins"

_ID = "1"


async def me(call: Call) -> ScimResource:
    """Return the current user."""
    return _user(call.user)


def _user(name: str) -> ScimResource:
    return ScimResource(
        schemas=("urn:ietf:params:scim:schemas:core:2.0:User",),
        id=_ID,
        display_name=name,
        user_name=name,
        active=True,
        emails=(ScimEmail(value=name, primary=True, type="work"),),
        groups=(ScimReference(display=ADMINS, value=_ID, type="direct"),),
    )


def _group(user: str) -> ScimResource:
    return ScimResource(
        schemas=("urn:ietf:params:scim:schemas:core:2.0:Group",),
        id=_ID,
        display_name=ADMINS,
        members=(ScimReference(display=user, value=_ID),),
    )


def _resources(kind: str, user: str) -> list[ScimResource]:
    return {"Users": [_user(user)], "Groups": [_group(user)]}.get(kind, [])


def _lister(kind: str) -> Endpoint:
    """Return the endpoint that lists the resources of one kind."""

    async def list_all(
        call: Call,
        wanted: Annotated[str, Arg('Only resources that match `ATTRIBUTE eq "VALUE"`.', name="filter")] = "",
        start: Annotated[int, Arg("Index of the first resource, from 1 on.", name="startIndex", minimum=0)] = 1,
        count: Annotated[int, Arg("Maximum number of resources.", minimum=0)] = 100,
    ) -> ScimPage:
        """Return a page of the resources of this kind."""
        found = [resource for resource in _resources(kind, call.user) if _matches(resource, wanted)]
        begin = max(start, 1) - 1
        page = found[begin : begin + count]
        return ScimPage(
            schemas=("urn:ietf:params:scim:api:messages:2.0:ListResponse",),
            total_results=len(found),
            start_index=begin + 1,
            items_per_page=len(page),
            resources=tuple(page),
        )

    return list_all


def _getter(kind: str) -> Endpoint:
    """Return the endpoint that returns one resource of a kind."""

    async def get(call: Call, resource_id: Annotated[str, Arg("`id` of the resource.")]) -> ScimResource:
        """Return one resource of this kind."""
        for resource in _resources(kind, call.user):
            if resource.id == resource_id:
                return resource
        raise ResourceDoesNotExist(f"{kind} has no resource {resource_id!r}. List {kind} to see which exist.")

    return get


def _matches(resource: ScimResource, wanted: str) -> bool:
    if not wanted:
        return True
    found = re.fullmatch(r'\s*(\w+)\s+eq\s+(?:"([^"]*)"|(\S+))\s*', wanted, re.IGNORECASE)
    if not found:
        raise InvalidParameterValue(f'filter must be like `userName eq "ada"`, not {wanted!r}', field="filter")
    values = {name.lower(): value for name, value in to_json(resource).items()}
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
