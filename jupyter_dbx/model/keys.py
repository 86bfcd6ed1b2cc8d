"""Keys: their maximum length, valid characters, and equality."""

from __future__ import annotations

import re

from jupyter_dbx.model.errors import InvalidParameterValue

#: Longest key of a document, bytes in UTF-8: an index entry of PostgreSQL, key and kind, must fit into a page of 8 KiB.
LONGEST_KEY = 2048

#: Longest idempotency token, characters. Source: Databricks REST API, `clusters/create`.
LONGEST_TOKEN = 64

#: Names of secret scopes and keys. Source: Databricks, Secret management.
_SECRET_NAME = re.compile(r"[A-Za-z0-9_\-@.]{1,128}")


def is_key(text: str) -> bool:
    """Return whether every database can store a document under this key."""
    try:
        return len(text.encode()) <= LONGEST_KEY and "\0" not in text
    except UnicodeEncodeError:  # a lone surrogate
        return False


def check_key(text: str, what: str, field: str = "") -> str:
    """Return a key after checking that every database can store a document under it.

    Parameters
    ----------
    what : what the key is, to begin the message with, e.g. "The path of the notebook"
    field : the field of the request that contains it, or ""

    Raises
    ------
    InvalidParameterValue : it is too long, or contains an invalid character
    """
    if not is_key(text):
        raise InvalidParameterValue(
            f"{what} must be text of at most {LONGEST_KEY} bytes, not {text[:80]!r}.", field=field
        )
    return text


def check_token(token: str) -> str:
    """Return an idempotency token after checking its length.

    Raises
    ------
    InvalidParameterValue : it is too long
    """
    if len(token) > LONGEST_TOKEN:
        raise InvalidParameterValue(
            f"idempotency_token must have at most {LONGEST_TOKEN} characters, not {len(token)}",
            field="idempotency_token",
        )
    return token


def name_id(name: str, field: str) -> str:
    """Return the id under which a secret scope or key is stored: names are case-insensitive.

    Parameters
    ----------
    field : "scope" or "key"

    Raises
    ------
    InvalidParameterValue : it is not a valid name
    """
    if not _SECRET_NAME.fullmatch(name):
        raise InvalidParameterValue(
            f"{field} must have 1 to 128 characters: letters, digits, dashes, underscores, @ and periods.",
            field=field,
        )
    return name.lower()
