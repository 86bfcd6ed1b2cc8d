"""Routes and endpoints. The parameters of an endpoint define both what a request may contain and its OpenAPI description."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from jupyter_dbx.model.access import CLUSTER_LEVELS, may
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.door import Door
from jupyter_dbx.model.errors import InvalidParameterValue, Reason
from jupyter_dbx.model.principal import Principal, is_same_name
from jupyter_dbx.model.spec import Autoscale, read_autoscale
from jupyter_dbx.model.wire import (
    Json,
    SecretStr,
    read_bool,
    read_int,
    read_list,
    read_object,
    read_objects,
    read_secret_str,
    read_str,
)
from jupyter_dbx.rest.framework.needs import Need, check
from jupyter_dbx.rest.framework.services import Services


@dataclass(frozen=True)
class Notebooks:
    """The notebooks of kernels, and which of them the caller can open."""

    #: kernel id → absolute path
    paths: Mapping[str, str]
    #: root folder of the notebooks on the caller's server
    root_dir: str
    #: ids of kernels that run on other servers
    not_here: Container[str] = ()

    def path(self, kernel_id: str, reported: str) -> str:
        """Return the absolute path of a kernel's notebook; `reported` = at which the kernel began."""
        return self.paths.get(kernel_id) or reported

    def relative_path(self, kernel_id: str, reported: str) -> str:
        """Return its path relative to the root folder, or "" if it is outside of it or on another server."""
        path, root = self.path(kernel_id, reported), f"{self.root_dir}/"
        is_below = self.root_dir and kernel_id not in self.not_here and path.startswith(root)
        return path.removeprefix(root) if is_below else ""


@dataclass(frozen=True)
class Call:
    """The context of a request: its caller and the services. The request's parameters are the endpoint's other arguments."""

    services: Services
    principal: Principal
    #: URL under which the caller reaches the server, including the base URL and a trailing slash
    root: str
    #: the caller's own server that passed the request on, or None
    door: Door | None = None

    @property
    def user(self) -> str:
        """Return the caller's name."""
        return self.principal.user_name

    async def notebooks(self, kernel_ids: Iterable[str]) -> Notebooks:
        """Return the notebooks of these kernels, as far as they are known."""
        remote = await self.services.remote_kernels.of(kernel_ids)
        paths = {kernel_id: kernel.notebook for kernel_id, kernel in remote.items()}
        if self.door is None:
            return Notebooks(paths | await self.services.notebooks(), self.services.root_dir)
        not_here = {kernel_id for kernel_id, kernel in remote.items() if not is_same_name(kernel.user_name, self.user)}
        return Notebooks(paths, self.door.root_dir, not_here)

    def may_see(self, cluster: Cluster) -> bool:
        """Return whether a cluster exists for the caller."""
        return may(self.principal, CLUSTER_LEVELS[0], cluster.guarded)


@dataclass(frozen=True)
class Download:
    """An answer that is a file."""

    name: str
    #: its content, text
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True)
class Arg:
    """Describes an argument of an endpoint: `Annotated[int, Arg("Number of workers.", minimum=0)]`."""

    doc: str
    #: name in requests; "" = the name of the argument
    name: str = ""
    #: bounds of a number, both included; None = no bound
    minimum: int | None = None
    maximum: int | None = None
    #: the allowed strings, upper case; () = any; of a list, the allowed items
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rest:
    """Marks an argument that receives all fields of a request that no other argument receives."""

    #: name of the schema in the OpenAPI description
    name: str
    #: JSON Schema of the object
    schema: Mapping[str, Any]


#: An async function of a Call and of arguments that are annotated with Arg or Rest. It returns an instance of a class of `model`,
#: usually an Answer, or a Download. Only the OpenAPI description is plain Json.
Endpoint = Callable[..., Awaitable[object]]

#: An argument of most endpoints.
ClusterId = Annotated[str, Arg("ID of the cluster.")]

#: Type of an argument → its reader and its JSON Schema.
_KINDS: dict[Any, tuple[Callable[[Json, str], Any], Json]] = {
    str: (read_str, {"type": "string"}),
    SecretStr: (read_secret_str, {"type": "string", "format": "password"}),
    int: (read_int, {"type": "integer"}),
    bool: (read_bool, {"type": "boolean"}),
    Sequence[str]: (read_list, {"type": "array", "items": {"type": "string"}}),
    Sequence[Json]: (read_objects, {"type": "array", "items": {"type": "object"}}),
    Json: (read_object, {"type": "object"}),
    Autoscale: (
        lambda args, _: read_autoscale(args),
        {
            "type": "object",
            "properties": {"min_workers": {"type": "integer"}, "max_workers": {"type": "integer"}},
            "required": ["min_workers", "max_workers"],
        },
    ),
}


@dataclass(frozen=True)
class Parameter:
    """One argument of an endpoint."""

    #: its name in the function, and in requests
    argument: str
    name: str
    kind: Any
    about: Arg | Rest
    #: the endpoint's default
    default: Any

    @property
    def required(self) -> bool:
        """True if it has no default."""
        return self.default is inspect.Parameter.empty

    def read(self, args: Json, others: set[str]) -> Any:
        """Return the argument's value in a request, or None if it is absent.

        Parameters
        ----------
        others : names of the other parameters

        Raises
        ------
        InvalidParameterValue : it is missing, of the wrong type, or out of bounds
        """
        if isinstance(self.about, Rest):
            return {name: value for name, value in args.items() if name not in others}
        value = _KINDS[self.kind][0](args, self.name)
        if value is None or value == "":
            if self.required:
                raise InvalidParameterValue(f"{self.name} is missing", reason=Reason.MISSING_VALUE, field=self.name)
            return None
        return _bounded(self.name, value, self.about)

    def schema(self) -> Json:
        """Return its JSON Schema."""
        if isinstance(self.about, Rest):
            return dict(self.about.schema)
        about = self.about
        limits: Json = {"minimum": about.minimum, "maximum": about.maximum}
        if about.one_of and self.kind is str:
            limits |= {"enum": list(about.one_of)}
        elif about.one_of:
            limits |= {"items": {"type": "string", "enum": list(about.one_of)}}
        if not self.required:
            limits |= {"default": self.default or None}
        elif self.kind is str:
            limits |= {"minLength": 1}
        return _KINDS[self.kind][1] | {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class Route:
    """An HTTP method and path with its endpoint."""

    method: str
    #: relative to `/api/`; `{name}` matches one path segment
    path: str
    endpoint: Endpoint
    #: what its callers need
    needs: Need
    #: whether its successful requests are recorded in the audit log; None = if its method is not GET
    audited: bool | None = None

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the path's parameters if this route matches, else None."""
        found = self._pattern.fullmatch(path) if method == self.method else None
        return found.groupdict() if found else None

    async def answer(self, call: Call, args: Json) -> object:
        """Call the endpoint and return its answer.

        Parameters
        ----------
        args : the request's parameters from body, query and path

        Raises
        ------
        DbxError : the request failed
        """
        names = {p.name for p in self.parameters}
        self._check_names(args, names)
        await check(self.needs, call.principal, call.services, args)
        given = {p.argument: p.read(args, names) for p in self.parameters}
        return await self.endpoint(call, **{name: value for name, value in given.items() if value is not None})

    def _check_names(self, args: Json, names: set[str]) -> None:
        """Raise InvalidParameterValue for an unknown part of a filter or of an order, which would be left out silently."""
        unknown = sorted(name for name in args if name.startswith(("filter_by.", "sort_by.")) and name not in names)
        if unknown:
            group = unknown[0].partition(".")[0]
            known = ", ".join(sorted(name for name in names if name.startswith(f"{group}.")))
            raise InvalidParameterValue(
                f"{unknown[0]} is not supported here. "
                + (f"Use {known}." if known else f"This request has no {group}."),
                field=unknown[0],
            )

    @property
    def is_audited(self) -> bool:
        """True if its successful requests are recorded in the audit log; refused ones of all routes are."""
        return self.method != "GET" if self.audited is None else self.audited

    @cached_property
    def in_path(self) -> list[str]:
        """Return the names of the path's parameters."""
        return re.findall(r"\{(\w+)\}", self.path)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Return the endpoint's parameters, without the Call."""
        hints = typing.get_type_hints(self.endpoint, include_extras=True)
        arguments = list(inspect.signature(self.endpoint).parameters.values())[1:]
        return [_parameter(argument, hints[argument.name]) for argument in arguments]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        return re.compile("".join(f"(?P<{p}>[^/]+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def in_both_versions(
    method: str, path: str, endpoint: Endpoint, needs: Need, *, audited: bool | None = None
) -> list[Route]:
    """Return the routes of an endpoint that is identical in API 2.0 and 2.1."""
    return [Route(method, f"{version}/{path}", endpoint, needs, audited) for version in ("2.0", "2.1")]


def _parameter(argument: inspect.Parameter, hint: Any) -> Parameter:
    # `Annotated[int, Arg(…)] | None` is an optional argument without a default.
    hint = next((h for h in (hint, *typing.get_args(hint)) if typing.get_origin(h) is Annotated), hint)
    kind, about = typing.get_args(hint)
    name = about.name if isinstance(about, Arg) and about.name else argument.name
    return Parameter(argument.name, name, kind, about, argument.default)


def _bounded(name: str, value: Any, about: Arg) -> Any:
    if about.one_of and isinstance(value, list):
        return [_bounded(name, item, about) for item in value]
    if about.one_of and (value := value.upper()) not in about.one_of:
        raise InvalidParameterValue(f"{name} must be {' or '.join(about.one_of)}, not {value!r}", field=name)
    minimum, maximum = about.minimum, about.maximum
    if minimum is not None and not minimum <= value <= (value if maximum is None else maximum):
        bounds = f"{minimum} or more" if maximum is None else f"between {minimum} and {maximum}"
        raise InvalidParameterValue(f"{name} must be {bounds}, not {value}", field=name)
    return value
