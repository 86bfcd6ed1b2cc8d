"""Principal: who makes a request."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

#: The group of everybody, and that of administrators. Source: Databricks, Manage groups.
USERS, ADMINS = "users", "admins"


class Via(StrEnum):
    """How a request was authenticated."""

    #: by Jupyter: a cookie, or the server's or the hub's token
    JUPYTER = "JUPYTER"
    PERSONAL_TOKEN = "PERSONAL_TOKEN"
    #: by the token of a kernel, which acts for the user who started it
    KERNEL = "KERNEL"


@dataclass(frozen=True)
class Principal:
    """Who makes a request, made once per request by `rest/framework/identity.py`; nothing in a body or query changes it."""

    user_name: str
    display_name: str = ""
    #: without USERS and ADMINS
    groups: tuple[str, ...] = ()
    is_admin: bool = False
    #: True for programs that have an account of their own
    is_service: bool = False
    via: Via = Via.JUPYTER
    #: the kernel whose token it is, or ""
    kernel_id: str = ""
    #: id of the personal token, or ""
    token_id: str = ""

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Return all groups that it is a member of."""
        return (*self.groups, USERS, *((ADMINS,) if self.is_admin else ()))

    def may_act_for(self, user_name: str) -> bool:
        """Return whether what belongs to this user is the principal's, too; "" = it belongs to nobody."""
        return not user_name or self.is_admin or is_same_name(user_name, self.user_name)


@dataclass(frozen=True)
class Person:
    """What is remembered of somebody who has used this workspace."""

    #: key in the store: `name_key` of the name
    key: str
    user_name: str
    display_name: str = ""
    #: the groups that Jupyter or the hub reported last
    groups: tuple[str, ...] = ()
    is_admin: bool = False
    is_service: bool = False
    version: int = 0


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: case and Unicode's forms of a character do not matter."""
    return unicodedata.normalize("NFC", name).lower()


def is_same_name(one: str, other: str) -> bool:
    """Return whether both are names of the same user or group."""
    return one == other or name_key(one) == name_key(other)


def scim_id(kind: str, name: str) -> str:
    """Return the stable id of a user or group, a positive integer as text, as Databricks' clients expect.

    Parameters
    ----------
    kind : "User", "Group" or "ServicePrincipal"
    """
    return str(int.from_bytes(blake2b(f"{kind} {name_key(name)}".encode(), digest_size=6).digest()) + 1)
