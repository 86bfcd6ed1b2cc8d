"""`/api/2.0/preview/scim/v2/…`: the users, groups and service principals that are known; only Jupyter, or the hub, changes them.

Source: Databricks REST API, SCIM; RFC 7644, sections 3.4.2.2 and 3.4.2.4.
"""

from __future__ import annotations

import re
from typing import Annotated

from jupyter_dbx.model.answers.answer import UNSET, Omittable, to_json
from jupyter_dbx.model.answers.people import ScimEmail, ScimPage, ScimReference, ScimResource
from jupyter_dbx.model.errors import InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.model.principal import USERS, Principal, scim_id
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Endpoint, Route
from jupyter_dbx.rest.framework.needs import Role

#: Prefix of the names of SCIM's schemas.
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"


async def me(call: Call) -> ScimResource:
    """Return the current user."""
    return _user(call.principal)


def _user(principal: Principal) -> ScimResource:
    kind = "ServicePrincipal" if principal.is_service else "User"
    name = principal.user_name
    return ScimResource(
        schemas=(f"{_SCHEMA}{kind}",),
        id=scim_id(kind, name),
        display_name=principal.display_name,
        user_name=UNSET if principal.is_service else name,
        application_id=name if principal.is_service else UNSET,
        active=True,
        emails=UNSET if principal.is_service else (ScimEmail(value=name, primary=True, type="work"),),
        groups=tuple(_reference("Group", group, type="direct") for group in principal.all_groups if group != USERS),
    )


def _group(name: str, members: list[Principal]) -> ScimResource:
    kinds = [("ServicePrincipal" if member.is_service else "User", member) for member in members]
    return ScimResource(
        schemas=(f"{_SCHEMA}Group",),
        id=scim_id("Group", name),
        display_name=name,
        members=tuple(_reference(kind, member.user_name, member.display_name) for kind, member in kinds),
    )


def _reference(kind: str, name: str, display: str = "", *, type: Omittable[str] = UNSET) -> ScimReference:
    return ScimReference(display=display or name, value=scim_id(kind, name), type=type)


async def _resources(call: Call, kind: str) -> list[ScimResource]:
    people = call.services.people
    if kind == "Groups":
        return [_group(name, members) for name, members in (await people.groups()).items()]
    is_service = kind == "ServicePrincipals"
    return [_user(known) for known in await people.all() if known.is_service is is_service]


def _lister(kind: str) -> Endpoint:
    """Return the endpoint that lists the resources of one kind."""

    async def list_all(
        call: Call,
        wanted: Annotated[str, Arg('Only resources that match `ATTRIBUTE eq "VALUE"`.', name="filter")] = "",
        start: Annotated[int, Arg("Index of the first resource, from 1 on.", name="startIndex", minimum=0)] = 1,
        count: Annotated[int, Arg("Maximum number of resources.", minimum=0)] = 100,
    ) -> ScimPage:
        """Return a page of the resources of this kind."""
        found = [resource for resource in await _resources(call, kind) if _matches(resource, wanted)]
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
        for resource in await _resources(call, kind):
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
    Route("GET", f"{_PATH}/Me", me, Role.ANYBODY),
    *(
        Route("GET", f"{_PATH}/{kind}", _lister(kind), Role.ANYBODY)
        for kind in ("Users", "Groups", "ServicePrincipals")
    ),
    *(
        Route("GET", f"{_PATH}/{kind}/{{resource_id}}", _getter(kind), Role.ANYBODY)
        for kind in ("Users", "Groups", "ServicePrincipals")
    ),
]
