"""Answer: the base class of all answers, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from jupyter_dbx.model.wire import Json

T = TypeVar("T")
D = TypeVar("D")
A = TypeVar("A", bound="Answer")

#: Internal name of an OpenAnswer's field with all other fields; it never occurs on the wire.
EXTRA = "(others)"

#: Type of a field that is omitted while it is UNSET.
Omittable: TypeAlias = T | UnsetType

__all__ = ["EXTRA", "UNSET", "Answer", "Done", "Omittable", "OpenAnswer", "decode", "known", "to_json"]


class Answer(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An answer to a request, or a part of one."""

    @property
    def received(self) -> Json:
        """Return the JSON object that this answer was decoded from, including unknown fields; {} if it was not decoded itself."""
        received: Json = self.__dict__.get("received_json", {})
        return received


class Done(Answer, frozen=True):
    """An empty object: the request succeeded."""


class OpenAnswer(Answer, frozen=True):
    """An answer that also contains arbitrary fields of a request."""

    #: on the wire next to the other fields; not decoded
    extra: Json = msgspec.field(default_factory=dict, name=EXTRA)


def decode(kind: type[A], answer: Json) -> A:
    """Return an answer of this type; unknown fields are ignored, and missing ones get their defaults.

    Raises
    ------
    ValueError : a field has the wrong type; the message names it
    """
    try:
        decoded = msgspec.convert(answer, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"its answer cannot be parsed: {error}") from None
    decoded.__dict__["received_json"] = answer
    return decoded


def to_json(value: object) -> Any:
    """Return an answer as JSON values, without UNSET fields."""
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        found = {wire: item for name, wire in names if (item := getattr(value, name)) is not UNSET}
        extra = found.pop(EXTRA, {})
        return extra | {wire: to_json(item) for wire, item in found.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    return msgspec.to_builtins(value)


def known(value: T | UnsetType, default: D) -> T | D:
    """Return a field's value, or the default if it is UNSET."""
    return default if value is UNSET else value
