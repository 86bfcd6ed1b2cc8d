"""What a route needs of its caller: a role, or a level on the object that the request is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from jupyter_dbx.model.access import Guarded, require
from jupyter_dbx.model.errors import PermissionDenied
from jupyter_dbx.model.principal import Principal, Via
from jupyter_dbx.model.subject import CLUSTER, Subject
from jupyter_dbx.model.wire import Json, read_str
from jupyter_dbx.rest.framework.services import Services

#: The kinds of objects that are not clusters, in audit records.
SCOPE, KERNEL = "scope", "kernel"


class Role(Enum):
    """What a route needs that is about no single object; its answer contains only what the caller may see."""

    ANYBODY = "anybody who is authenticated"
    #: kernels act for users, but not in what concerns the users themselves
    PERSON = "a user, not a notebook"
    ADMIN = "an administrator, not a notebook"


@dataclass(frozen=True)
class Level:
    """A level on the object that an argument names."""

    level: str
    #: kind of the object, as in `Subject`
    kind: str
    #: the name of the argument
    argument: str
    #: returns what guards the object of this id; raises if it does not exist
    find: Callable[[Services, str], Awaitable[Guarded]]


@dataclass(frozen=True)
class OwnKernel:
    """That the caller is the kernel that the path names, its user, or an administrator."""

    argument: str = "kernel_id"


Need = Role | Level | OwnKernel


def on_cluster(level: str) -> Level:
    """Return the need of a level on the cluster `cluster_id`."""
    return Level(level, CLUSTER, "cluster_id", _cluster)


def on_scope(level: str) -> Level:
    """Return the need of a level on the secret scope `scope`."""
    return Level(level, SCOPE, "scope", _scope)


async def check(need: Need, principal: Principal, services: Services, args: Json) -> None:
    """Raise PermissionDenied unless the principal has what a route needs.

    Parameters
    ----------
    args : the request's parameters

    Raises
    ------
    DbxError : the object does not exist, or its id is missing
    """
    match need:
        case Level(level, _, argument, find):
            require(principal, level, await find(services, read_str(args, argument)))
        case OwnKernel(argument):
            await _require_kernel(principal, services, str(args[argument]))
        case Role.ADMIN if not principal.is_admin:
            raise PermissionDenied(f"{principal.user_name} is not an administrator of this workspace.")
        case Role.PERSON | Role.ADMIN if principal.via is Via.KERNEL:
            raise PermissionDenied("A notebook cannot do this. Use JupyterLab, the command line or a personal token.")


def object_of(need: Need, args: Json) -> Subject | None:
    """Return the object that a request is about, or None."""
    match need:
        case Level(_, kind, argument, _):
            return Subject(kind, str(args.get(argument, "")))
        case OwnKernel(argument):
            return Subject(KERNEL, str(args.get(argument, "")))
    return None


async def _require_kernel(principal: Principal, services: Services, kernel_id: str) -> None:
    if principal.kernel_id and principal.kernel_id != kernel_id and services.kernel_tokens.has(kernel_id):
        raise PermissionDenied("A kernel's token is valid only for that kernel and the kernels that it starts.")
    owner = services.kernel_tokens.user_of(kernel_id) or await services.remote_kernels.owner_of(kernel_id)
    if not principal.may_act_for(owner):
        raise PermissionDenied(f"This kernel belongs to {owner}.")


async def _cluster(services: Services, cluster_id: str) -> Guarded:
    return (await services.clusters.get(cluster_id)).guarded


async def _scope(services: Services, name: str) -> Guarded:
    return (await services.secrets.scope(name)).guarded
