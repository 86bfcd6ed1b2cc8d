"""JSON in and out: lenient readers for what clients send, and a codec between dataclasses and documents.

Clients differ in what they send (numbers as strings, nulls, capitalised booleans); all of it is read as protobuf-JSON
would. Source: the REST conventions that databricks-sdk, the legacy CLI and Airflow's operators rely on.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, NewType, TypeVar

from jupyter_dbx.model.errors import InvalidParameterValue

T = TypeVar("T")

#: One JSON object, as parsed. Its values are JSON values, so `Any` is all that can be said of them.
Json = dict[str, Any]

#: A string of a request that nobody may see, so that no refusal repeats it.
SecretStr = NewType("SecretStr", str)


def read_int(body: Mapping[str, Any], field: str, default: int | None = None) -> int | None:
    """Return the whole number in `body[field]`, which may be a string; `default` if absent, null or empty."""
    value = body.get(field)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InvalidParameterValue(f"{field} must be a whole number, not {value!r}")
    try:
        number = _whole(value)
    except (ValueError, OverflowError):
        raise InvalidParameterValue(f"{field} must be a whole number, not {value!r}") from None
    if abs(number) >= 2**63:
        raise InvalidParameterValue(f"{field} is too large: {value!r}")
    return number


def read_bool(body: Mapping[str, Any], field: str) -> bool | None:
    """Return the boolean in `body[field]`, also from "True", "false", …; None if absent, null or empty."""
    value = body.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise InvalidParameterValue(f"{field} must be true or false, not {value!r}")


def read_str(body: Mapping[str, Any], field: str, default: str = "") -> str:
    """Return the string in `body[field]`; `default` if absent or null."""
    value = body.get(field)
    if value is None:
        return default
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise InvalidParameterValue(f"{field} must be a string, not {value!r}")
    return _text(field, value)


def read_secret_str(body: Mapping[str, Any], field: str) -> SecretStr:
    """Return the string in `body[field]`, of which no error says more than that it is none; "" if absent or null."""
    value = body.get(field)
    try:
        if value is None or isinstance(value, str):
            text = value or ""
            text.encode()
            return SecretStr(text)
    except UnicodeEncodeError:  # whose message has the text
        pass
    raise InvalidParameterValue(f"{field} must be a string of Unicode text")


def read_list(body: Mapping[str, Any], field: str) -> list[str]:
    """Return the list of strings in `body[field]`; a single one is a list of one, and empty ones are left out."""
    value = body.get(field)
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := read_str({field: item}, field))]


def read_map(body: Mapping[str, Any], field: str) -> dict[str, str]:
    """Return the string-to-string map in `body[field]`; {} if absent or null. Scalars become strings."""
    value = body.get(field)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidParameterValue(f"{field} must be an object of strings, not {value!r}")
    result = {}
    for key, item in value.items():
        if isinstance(item, Mapping | list) or item is None:
            raise InvalidParameterValue(f"{field}.{key} must be a string, not {item!r}")
        name = _text(field, key)
        result[name] = str(item).lower() if isinstance(item, bool) else _text(f"{field}.{name}", item)
    return result


def read_object(body: Mapping[str, Any], field: str) -> Json | None:
    """Return the object in `body[field]`; None if absent or null."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidParameterValue(f"{field} must be an object, not {value!r}")
    return dict(value)


def read_objects(body: Mapping[str, Any], field: str) -> list[Json]:
    """Return the list of objects in `body[field]`; [] if absent or null."""
    value = body.get(field)
    items = [] if value is None else value if isinstance(value, list) else [value]
    return [read_object({field: item}, field) or {} for item in items]


def to_document(value: object) -> Any:
    """Return a dataclass (and all in it) as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_document(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_document(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_document(v) for v in value]
    return value


def from_document(kind: type[T], document: Mapping[str, Any]) -> T:
    """Return the dataclass of type `kind` that `to_document` made `document` of.

    Fields that the document lacks get their defaults and unknown ones are dropped, so that a newer version reads what
    an older one wrote and the other way round.
    """
    hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    known = {
        f.name: _value(hints[f.name], document[f.name])
        for f in dataclasses.fields(kind)  # type: ignore[arg-type]  # every caller passes a dataclass
        if f.name in document
    }
    return kind(**known)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)  # slow: it compiles each annotation


def _text(field: str, value: object) -> str:
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell and nobody can store
        raise InvalidParameterValue(f"{field} is no Unicode text: {text!r}") from None
    if "\0" in text:  # which neither PostgreSQL nor a process' environment can hold
        raise InvalidParameterValue(f"{field} must have no NUL character: {text!r}")
    return text


def _whole(value: int | float | str) -> int:
    if isinstance(value, str):
        try:
            return int(value)  # exact, which a float is not from 2**53 on
        except ValueError:
            value = float(value)
    if value != int(value):
        raise ValueError
    return int(value)


def _value(hint: Any, raw: Any) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if raw is None else _value(next(a for a in args if a is not type(None)), raw)
    if origin is tuple:
        return tuple(_value(args[0], item) for item in raw)
    if origin is list:
        return [_value(args[0], item) for item in raw]
    if origin is dict:
        return {key: _value(args[1], item) for key, item in raw.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_document(hint, raw)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(raw)
    return raw
