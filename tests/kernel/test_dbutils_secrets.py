"""`dbutils.secrets`: what is asked of the server, what comes back, and what a user is told."""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from answering import Place

from jupyter_dbx.kernel.client import Client
from jupyter_dbx.kernel.dbutils.secrets import SecretMetadata, Secrets, SecretScope
from jupyter_dbx.kernel.errors import NotebookError, RequestRefused
from jupyter_dbx.kernel.redaction import MARK, Redaction


class Asked(SimpleNamespace):
    """A notebook's session on a server that answers always the same."""

    def __init__(self, place: Place) -> None:
        super().__init__(client=Client(place.url, "t"), redaction=Redaction())

    def shows(self, text: str) -> str:
        """Return what an output shows of a text."""
        message = {"header": {"msg_type": "stream"}, "content": {"text": text}}
        return str(self.redaction.redact(message)["content"]["text"])


@pytest.fixture
def answering(serve: Callable[..., Place]) -> Callable[..., Asked]:
    return lambda status, body: Asked(serve(status, body))


def value(raw: bytes) -> dict[str, str]:
    return {"key": "k", "value": base64.b64encode(raw).decode()}


def test_value_is_given_and_hidden(answering: Callable[..., Asked]) -> None:
    session = answering(200, value("pässword".encode()))

    assert Secrets(session).get("s", "k") == "pässword"
    assert Secrets(session).getBytes("s", "k") == "pässword".encode()
    assert session.shows("the pässword!") == f"the {MARK}!"


def test_value_that_is_no_text_is_given_as_bytes_only(answering: Callable[..., Asked]) -> None:
    session = answering(200, value(b"\xff\xfe\xfd"))

    assert Secrets(session).getBytes("s", "k") == b"\xff\xfe\xfd"
    with pytest.raises(NotebookError, match=r"secret k in scope s is no text: use `dbutils\.secrets\.getBytes`"):
        Secrets(session).get("s", "k")


def test_scopes_and_keys_are_listed_as_databricks_does(answering: Callable[..., Asked]) -> None:
    scopes = Secrets(answering(200, {"scopes": [{"name": "s", "backend_type": "DATABRICKS"}]})).listScopes()
    keys = Secrets(answering(200, {"secrets": [{"key": "k", "last_updated_timestamp": 1}]})).list("s")

    assert (scopes, keys) == ([SecretScope("s")], [SecretMetadata("k")])
    assert repr([*scopes, *keys]) == "[SecretScope(name='s'), SecretMetadata(key='k')]"
    assert scopes[0].getName() == "s"


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("RESOURCE_DOES_NOT_EXIST", "Scope s does not exist!", "exist! `dbutils.secrets.listScopes()` tells which"),
        ("RESOURCE_DOES_NOT_EXIST", "Secret does not exist with …", "with … `dbutils.secrets.list(scope)` tells which"),
        ("INVALID_PARAMETER_VALUE", "scope must have …", "scope must have …"),
    ],
)
def test_refusal_is_one_sentence_with_what_to_do(
    answering: Callable[..., Asked], code: str, message: str, told: str
) -> None:
    session = answering(404, {"error_code": code, "message": message})

    for ask in (Secrets(session).get, Secrets(session).getBytes, lambda scope, key: Secrets(session).list(scope)):
        with pytest.raises(RequestRefused) as refused:
            ask("s", "k")
        assert told in str(refused.value)


def test_server_that_is_gone_is_told(answering: Callable[..., Asked]) -> None:
    session = answering(200, {})
    session.client = Client("http://127.0.0.1:9/", "t")

    with pytest.raises(RequestRefused, match="does not answer"):
        Secrets(session).listScopes()
