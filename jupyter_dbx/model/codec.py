"""The codec of the driver protocol: dataclasses to JSON text and back, at both ends.

An unknown key or operation is ignored and logged once, so that a newer and an older version can work together. If the
environment variable named by `STRICT` is "1", as in tests, it raises AssertionError.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar, Protocol, TypeVar

from jupyter_dbx.model.wire import Json, from_document, to_document

T = TypeVar("T")

#: Environment variable: "1" = an unknown key or operation is an error. Its name avoids the prefixes that backends remove from
#: the environment of daemons.
STRICT = "STRICT_DBX_PROTOCOL"

_log = logging.getLogger(__name__)


class ProtocolError(ValueError):
    """The other end sent something that does not conform to this protocol."""


class Message(Protocol):
    """A dataclass with the name of its operation."""

    op: ClassVar[str]


def encode(value: object) -> str:
    """Return a dataclass as JSON text."""
    return json.dumps(to_document(value))


def decode(kind: type[T], text: str | bytes) -> T:
    """Return the dataclass of this kind from text that `encode` returned.

    Raises
    ------
    ProtocolError : the text is not a valid encoding of this kind
    """
    return decode_document(kind, _parse(text))


def decode_document(kind: type[T], document: Json) -> T:
    """Return the dataclass of this kind from a parsed JSON object.

    Raises
    ------
    ProtocolError : the object is not a valid encoding of this kind
    """
    try:
        return from_document(kind, document, on_unknown=_on_unknown)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"not a {kind.__name__}: {error}") from None


def encode_message(message: Message) -> str:
    """Return a message as JSON text: its operation and its fields."""
    return json.dumps({"op": message.op} | to_document(message))


def decode_message(kinds: Mapping[str, type[T]], text: str | bytes) -> T | None:
    """Return the message from text that `encode_message` returned, or None if its operation is unknown.

    Parameters
    ----------
    kinds : op → class

    Raises
    ------
    ProtocolError : the text is not a message
    """
    document = _parse(text)
    op = str(document.pop("op", ""))
    if op not in kinds:
        _on_unknown(f"operation {op!r}")
        return None
    return decode_document(kinds[op], document)


def _parse(text: str | bytes) -> Json:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ProtocolError(f"not a JSON object but {type(document).__name__}")
    return document


def _on_unknown(what: str) -> None:
    if os.environ.get(STRICT) == "1":
        raise AssertionError(f"unknown {what}")  # not a ProtocolError, which some callers ignore
    _log_unknown(what)


@lru_cache(maxsize=256)
def _log_unknown(what: str) -> None:  # cached, to log once: a status is read every few seconds
    _log.warning("ignored an unknown %s of the driver protocol", what, extra={"action": "decode"})
