"""Answers about users, groups and permissions.

Source: Databricks REST API, SCIM and Permissions.
"""

from __future__ import annotations

import msgspec

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable


class Workspace(Answer, frozen=True):
    """The user, and the workspace's ID and folder."""

    user_name: str = ""
    org_id: int = 0
    #: on the machine of the control plane
    data_dir: str = ""


class ScimReference(Answer, frozen=True):
    """A group of a user, or a member of a group."""

    display: str = ""
    value: str = ""
    type: Omittable[str] = UNSET


class ScimEmail(Answer, frozen=True):
    """An email address of a user."""

    value: str = ""
    primary: bool = False
    type: str = ""


class ScimResource(Answer, frozen=True, rename="camel"):
    """A user or a group."""

    schemas: tuple[str, ...] = ()
    id: str = ""
    display_name: str = ""
    user_name: Omittable[str] = UNSET
    #: the name of a service principal
    application_id: Omittable[str] = UNSET
    active: Omittable[bool] = UNSET
    emails: Omittable[tuple[ScimEmail, ...]] = UNSET
    groups: Omittable[tuple[ScimReference, ...]] = UNSET
    members: Omittable[tuple[ScimReference, ...]] = UNSET


class ScimPage(Answer, frozen=True, rename="camel"):
    """A page of users or groups."""

    schemas: tuple[str, ...] = ()
    total_results: int = 0
    start_index: int = 0
    items_per_page: int = 0
    resources: tuple[ScimResource, ...] = msgspec.field(default=(), name="Resources")


class Permission(Answer, frozen=True):
    """A permission, and the objects that it is inherited from."""

    permission_level: str = ""
    inherited: bool = False
    inherited_from_object: Omittable[tuple[str, ...]] = UNSET


class AccessControl(Answer, frozen=True):
    """The permissions of one principal, which is named by one of the first three fields."""

    user_name: Omittable[str] = UNSET
    group_name: Omittable[str] = UNSET
    service_principal_name: Omittable[str] = UNSET
    display_name: str = ""
    all_permissions: tuple[Permission, ...] = ()


class ObjectPermissions(Answer, frozen=True):
    """The permissions of an object."""

    object_id: str = ""
    object_type: str = ""
    access_control_list: tuple[AccessControl, ...] = ()


class PermissionLevel(Answer, frozen=True):
    """A permission level."""

    permission_level: str = ""
    description: str = ""


class PermissionLevels(Answer, frozen=True):
    """The permission levels of an object."""

    permission_levels: tuple[PermissionLevel, ...] = ()
