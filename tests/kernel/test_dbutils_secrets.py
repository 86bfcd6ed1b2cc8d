"""`dbutils.secrets`: requests to the server, values, and errors."""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from answering import CannedServer, error_body

from jupyter_dbx.client.client import Client
from jupyter_dbx.kernel.dbutils.secrets import SecretMetadata, Secrets, SecretScope
from jupyter_dbx.kernel.errors import NotebookError, RequestRefused
from jupyter_dbx.kernel.redaction import MARK, Redaction
from jupyter_dbx.model.errors import DbxError, Reason


class Session(SimpleNamespace):
    """A notebook on a server that always returns the same response."""

    def __init__(self, place: CannedServer) -> None:
        super().__init__(client=Client(place.url, "t"), redaction=Redaction())

    def shows(self, text: str) -> str:
        """Return a text as an output shows it."""
        message = {"header": {"msg_type": "stream"}, "content": {"text": text}}
        return str(self.redaction.redact(message)["content"]["text"])


@pytest.fixture
def answering(serve: Callable[..., CannedServer]) -> Callable[..., Session]:
    return lambda status, body: Session(serve(status, body))


def value(raw: bytes) -> dict[str, str]:
    return {"key": "k", "value": base64.b64encode(raw).decode()}


def test_value_is_returned_and_redacted(answering: Callable[..., Session]) -> None:
    session = answering(200, value("pässword".encode()))

    assert Secrets(session).get("s", "k") == "pässword"
    assert Secrets(session).getBytes("s", "k") == "pässword".encode()
    assert session.shows("the pässword!") == f"the {MARK}!"


def test_value_that_is_not_text_is_returned_only_as_bytes(answering: Callable[..., Session]) -> None:
    session = answering(200, value(b"\xff\xfe\xfd"))

    assert Secrets(session).getBytes("s", "k") == b"\xff\xfe\xfd"
    with pytest.raises(NotebookError, match=r"k in scope s .*getBytes"):
        Secrets(session).get("s", "k")


def test_scopes_and_keys_are_listed_as_in_databricks(answering: Callable[..., Session]) -> None:
    scopes = Secrets(answering(200, {"scopes": [{"name": "s", "backend_type": "DATABRICKS"}]})).listScopes()
    keys = Secrets(answering(200, {"secrets": [{"key": "k", "last_updated_timestamp": 1}]})).list("s")

    assert (scopes, keys) == ([SecretScope("s")], [SecretMetadata("k")])
    assert repr([*scopes, *keys]) == "[SecretScope(name='s'), SecretMetadata(key='k')]"
    assert scopes[0].getName() == "s"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (Reason.SCOPE_DOES_NOT_EXIST, "No. `dbutils.secrets.listScopes()`"),
        (Reason.SECRET_DOES_NOT_EXIST, "No. `dbutils.secrets.list(scope)`"),
        (Reason.INVALID_VALUE, "No."),
    ],
)
def test_error_of_the_server_is_shown_with_a_hint(
    answering: Callable[..., Session], reason: Reason, shown: str
) -> None:
    session = answering(404, error_body(DbxError("No.", reason=reason)))

    for read in (Secrets(session).get, Secrets(session).getBytes, lambda scope, key: Secrets(session).list(scope)):
        with pytest.raises(RequestRefused) as caught:
            read("s", "k")
        assert shown in str(caught.value)


def test_unreachable_server_is_reported(answering: Callable[..., Session]) -> None:
    session = answering(200, {})
    session.client = Client("http://127.0.0.1:9/", "t")

    with pytest.raises(RequestRefused, match="is not responding"):
        Secrets(session).listScopes()
