"""JSON in and out: lenient readers for what clients send, and a codec between dataclasses and documents.

Clients differ in what they send (numbers as strings, nulls, capitalised booleans); all of these are accepted, as in
protobuf's JSON mapping. Source: the REST conventions that databricks-sdk, the legacy CLI and Airflow's operators rely on.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NewType, TypeVar

from jupyter_dbx.model.errors import InvalidParameterValue

T = TypeVar("T")

#: One parsed JSON object. Its values are JSON values, so their type is `Any`.
Json = dict[str, Any]

#: A secret string of a request, which error messages must not repeat.
SecretStr = NewType("SecretStr", str)


def read_int(body: Mapping[str, Any], field: str, default: int | None = None) -> int | None:
    """Return the whole number in `body[field]`, which may be a string; `default` if absent, null or empty."""
    value = body.get(field)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InvalidParameterValue(f"{field} must be a whole number, not {value!r}", field=field)
    try:
        number = _whole(value)
    except (ValueError, OverflowError):
        raise InvalidParameterValue(f"{field} must be a whole number, not {value!r}", field=field) from None
    if abs(number) >= 2**63:
        raise InvalidParameterValue(f"{field} is too large: {value!r}", field=field)
    return number


def read_ints(body: Mapping[str, Any], field: str) -> list[int] | None:
    """Return the list of whole numbers in `body[field]`; None if absent or null."""
    value = body.get(field)
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    return [number for item in items if (number := read_int({field: item}, field)) is not None]


def read_bool(body: Mapping[str, Any], field: str) -> bool | None:
    """Return the boolean in `body[field]`, also from "True", "false", …; None if absent, null or empty."""
    value = body.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise InvalidParameterValue(f"{field} must be true or false, not {value!r}", field=field)


def read_str(body: Mapping[str, Any], field: str, default: str = "") -> str:
    """Return the string in `body[field]`; `default` if absent or null."""
    value = body.get(field)
    if value is None:
        return default
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise InvalidParameterValue(f"{field} must be a string, not {value!r}", field=field)
    return _text(field, value)


def read_secret_str(body: Mapping[str, Any], field: str) -> SecretStr:
    """Return the string in `body[field]`, "" if absent or null. Errors do not reveal the value."""
    value = body.get(field)
    try:
        if value is None or isinstance(value, str):
            text = value or ""
            text.encode()
            return SecretStr(text)
    except UnicodeEncodeError:  # its message contains the text
        pass
    raise InvalidParameterValue(f"{field} must be a string of Unicode text", field=field)


def read_list(body: Mapping[str, Any], field: str) -> list[str]:
    """Return the list of strings in `body[field]`; a single string is a list of one, and empty strings are omitted."""
    value = body.get(field)
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := read_str({field: item}, field))]


def read_map(body: Mapping[str, Any], field: str) -> dict[str, str]:
    """Return the string-to-string map in `body[field]`; {} if absent or null. Scalars become strings."""
    value = body.get(field)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidParameterValue(f"{field} must be an object of strings, not {value!r}", field=field)
    result = {}
    for key, item in value.items():
        if isinstance(item, Mapping | list) or item is None:
            raise InvalidParameterValue(f"{field}.{key} must be a string, not {item!r}", field=f"{field}.{key}")
        name = _text(field, key)
        result[name] = str(item).lower() if isinstance(item, bool) else _text(f"{field}.{name}", item)
    return result


def read_object(body: Mapping[str, Any], field: str) -> Json | None:
    """Return the object in `body[field]`; None if absent or null."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidParameterValue(f"{field} must be an object, not {value!r}", field=field)
    return dict(value)


def read_objects(body: Mapping[str, Any], field: str) -> list[Json]:
    """Return the list of objects in `body[field]`; [] if absent or null."""
    value = body.get(field)
    items = [] if value is None else value if isinstance(value, list) else [value]
    return [read_object({field: item}, field) or {} for item in items]


def to_document(value: object) -> Any:
    """Return a dataclass (and everything in it) as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_document(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_document(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_document(v) for v in value]
    return value


def from_document(
    kind: type[T], document: Mapping[str, Any], *, on_unknown: Callable[[str], None] = lambda what: None
) -> T:
    """Return the dataclass of type `kind` from a document that `to_document` returned.

    Missing fields get their defaults and unknown fields are dropped, so that a newer version can read what an older one
    wrote, and vice versa.

    Parameters
    ----------
    on_unknown : called for each unknown field, with a description of it
    """
    hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    names = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]  # every caller passes a dataclass
    for name in document.keys() - set(names):
        on_unknown(f"field {name!r} of {kind.__name__}")
    return kind(**{name: _value(hints[name], document[name], on_unknown) for name in names if name in document})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)  # slow, as it compiles each annotation


def _text(field: str, value: object) -> str:
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: valid in JSON, but not storable
        raise InvalidParameterValue(f"{field} is not valid Unicode text: {text!r}", field=field) from None
    if "\0" in text:  # neither PostgreSQL nor the environment of a process can contain it
        raise InvalidParameterValue(f"{field} must not contain a NUL character: {text!r}", field=field)
    return text


def _whole(value: int | float | str) -> int:
    if isinstance(value, str):
        try:
            return int(value)  # exact; floats are not from 2**53 on
        except ValueError:
            value = float(value)
    if value != int(value):
        raise ValueError
    return int(value)


def _value(hint: Any, raw: Any, on_unknown: Callable[[str], None]) -> Any:
    def read(hint: Any, raw: Any) -> Any:
        return _value(hint, raw, on_unknown)

    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if raw is None else read(next(a for a in args if a is not type(None)), raw)
    if origin is tuple:
        return tuple(read(args[0], item) for item in raw)
    if origin is list:
        return [read(args[0], item) for item in raw]
    if origin is dict:
        return {key: read(args[1], item) for key, item in raw.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_document(hint, raw, on_unknown=on_unknown)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(raw)
    return raw
