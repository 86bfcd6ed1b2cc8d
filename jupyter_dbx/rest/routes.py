"""Routes: which function answers what. What a function takes is what a request may say, and what is described of it."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.logs import LogManager
from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.managers.spark_uis import SparkUis
from jupyter_dbx.managers.usage import UsageManager
from jupyter_dbx.model.errors import InvalidParameterValue
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


@dataclass(frozen=True)
class Services:
    """What endpoints may use."""

    clusters: ClusterManager
    definitions: DefinitionManager
    logs: LogManager
    usage: UsageManager
    attachments: AttachmentManager
    secrets: SecretManager
    kernel_tokens: KernelTokens
    spark_uis: SparkUis
    #: whom the server works for
    user: str
    #: of the workspace, as clients want it: a positive integer
    org_id: int
    #: what really runs, e.g. "4.3.0"
    spark_version: str
    #: below which this server's notebooks are
    root_dir: str
    #: kernel id → path of its notebook, with the server's root, or None
    notebook_of: Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True)
class Call:
    """Who asks. What is asked are the other arguments of an endpoint."""

    services: Services
    user: str
    #: URL under which the caller reaches the server, with its base URL and a slash at the end
    root: str
    #: the kernel whose own token this request came with, or None for a user's
    kernel_id: str | None = None


@dataclass(frozen=True)
class Download:
    """An answer that is a file."""

    name: str
    #: what is in it, text
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True)
class Arg:
    """What the annotation of an endpoint's argument says: `Annotated[int, Arg("how many", least=0)]`."""

    doc: str
    #: as requests have it; "" = as the function does
    name: str = ""
    #: bounds of a number, both included; None = there is none
    least: int | None = None
    most: int | None = None
    #: which texts are allowed; () = all
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rest:
    """Says that an argument gets all fields of a request that no other one gets."""

    #: of the object that it gets, as in JSON Schema
    schema: Mapping[str, Any]


#: What an endpoint is: an async function of a Call and of arguments with Arg or Rest in their annotations.
Endpoint = Callable[..., Awaitable[Json | Download]]

#: The argument that nearly every endpoint has.
ClusterId = Annotated[str, Arg("Which cluster.")]

#: Type of an argument → how it is read from a request, and how it is described.
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

    #: as the function has it, and as requests do
    argument: str
    name: str
    kind: Any
    about: Arg | Rest
    #: what the endpoint takes if it is not there
    default: Any

    @property
    def required(self) -> bool:
        """Return whether the endpoint cannot do without it."""
        return self.default is inspect.Parameter.empty

    def read(self, args: Json, others: set[str]) -> Any:
        """Return the argument's value in a request, or None if it is not there.

        Parameters
        ----------
        others : names that are other parameters'

        Raises
        ------
        InvalidParameterValue : it is missing, of another type, or out of its bounds
        """
        if isinstance(self.about, Rest):
            return {name: value for name, value in args.items() if name not in others}
        value = _KINDS[self.kind][0](args, self.name)
        if value is None or value == "":
            if self.required:
                raise InvalidParameterValue(f"{self.name} is missing")
            return None
        return _bounded(self.name, value, self.about)

    def schema(self) -> Json:
        """Return what it may be, as in JSON Schema."""
        if isinstance(self.about, Rest):
            return dict(self.about.schema)
        about = self.about
        limits = {"minimum": about.least, "maximum": about.most, "enum": list(about.one_of) or None}
        if not self.required:
            limits |= {"default": self.default or None}
        elif self.kind is str:
            limits |= {"minLength": 1}
        return _KINDS[self.kind][1] | {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class Route:
    """Which function answers what."""

    method: str
    #: below `/api/`; `{name}` stands for one path segment
    path: str
    endpoint: Endpoint

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the path's parameters if this route is the one, else None."""
        found = self._pattern.fullmatch(path) if method == self.method else None
        return found.groupdict() if found else None

    async def answer(self, call: Call, args: Json) -> Json | Download:
        """Return the answer to a request.

        Parameters
        ----------
        args : its body and query, and what stands in its path for names in braces

        Raises
        ------
        DbxError : it is refused
        """
        names = {p.name for p in self.parameters}
        given = {p.argument: p.read(args, names) for p in self.parameters}
        return await self.endpoint(call, **{name: value for name, value in given.items() if value is not None})

    @cached_property
    def in_path(self) -> list[str]:
        """Return the names in braces."""
        return re.findall(r"\{(\w+)\}", self.path)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Return what the endpoint takes besides the Call."""
        hints = typing.get_type_hints(self.endpoint, include_extras=True)
        arguments = list(inspect.signature(self.endpoint).parameters.values())[1:]
        return [_parameter(argument, hints[argument.name]) for argument in arguments]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        return re.compile("".join(f"(?P<{p}>[^/]+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def in_both(method: str, path: str, endpoint: Endpoint) -> list[Route]:
    """Return the routes of an endpoint that is the same in API 2.0 and 2.1."""
    return [Route(method, f"{version}/{path}", endpoint) for version in ("2.0", "2.1")]


def _parameter(argument: inspect.Parameter, hint: Any) -> Parameter:
    # `Annotated[int, Arg(…)] | None` is for arguments that have no default in requests.
    hint = next((h for h in (hint, *typing.get_args(hint)) if typing.get_origin(h) is Annotated), hint)
    kind, about = typing.get_args(hint)
    name = about.name if isinstance(about, Arg) and about.name else argument.name
    return Parameter(argument.name, name, kind, about, argument.default)


def _bounded(name: str, value: Any, about: Arg) -> Any:
    if about.one_of and (value := value.upper()) not in about.one_of:
        raise InvalidParameterValue(f"{name} must be {' or '.join(about.one_of)}, not {value!r}")
    least, most = about.least, about.most
    if least is not None and not least <= value <= (value if most is None else most):
        bounds = f"{least} or more" if most is None else f"between {least} and {most}"
        raise InvalidParameterValue(f"{name} must be {bounds}, not {value}")
    return value
