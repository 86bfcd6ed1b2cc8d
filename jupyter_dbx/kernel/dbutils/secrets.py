"""`dbutils.secrets`: reads secrets and redacts their values in the notebook's outputs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError, RequestRefused
from jupyter_dbx.model.errors import Reason

if TYPE_CHECKING:
    from jupyter_dbx.client.client import Client
    from jupyter_dbx.kernel.session.notebook import Notebook

A = TypeVar("A")

#: Reason of the server's error → what to do about it.
_HINTS = {
    Reason.SCOPE_DOES_NOT_EXIST: "`dbutils.secrets.listScopes()` lists the scopes.",
    Reason.SECRET_DOES_NOT_EXIST: "`dbutils.secrets.list(scope)` lists the secrets of a scope.",
}


class SecretMetadata(NamedTuple):
    """A secret without its value."""

    key: str


class SecretScope(NamedTuple):
    """A group of secrets."""

    name: str

    def getName(self) -> str:
        """Return the name."""
        return self.name


class Secrets(Utility):
    """Read secrets, such as database passwords, instead of writing them into notebooks.

    `databricks secrets` and `WorkspaceClient().secrets` create scopes and secrets. Outputs show [REDACTED] in place of a value
    that was read.
    """

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def get(self, scope: str, key: str) -> str:
        """Return the value of a secret as text.

        Parameters
        ----------
        scope, key : names, case-insensitive

        Raises
        ------
        RequestRefused : the scope or key does not exist
        NotebookError : the value is not UTF-8 text; use `getBytes`
        """
        try:
            return self.getBytes(scope, key).decode()
        except UnicodeDecodeError:
            raise NotebookError(
                f"The secret {key} in scope {scope} is not text. Use `dbutils.secrets.getBytes`."
            ) from None

    def getBytes(self, scope: str, key: str) -> bytes:
        """Return the value of a secret as bytes.

        Parameters
        ----------
        scope, key : names, case-insensitive

        Raises
        ------
        RequestRefused : the scope or key does not exist
        """
        value = base64.b64decode(self._request(lambda client: client.get_secret(scope, key)).value)
        self._notebook.redaction.hide(value)
        return value

    def listScopes(self) -> list[SecretScope]:
        """List the scopes."""
        return [SecretScope(scope.name) for scope in self._request(lambda client: client.list_scopes()).scopes]

    def list(self, scope: str) -> list[SecretMetadata]:
        """List the secrets of a scope, without their values.

        Parameters
        ----------
        scope : name, case-insensitive

        Raises
        ------
        RequestRefused : the scope does not exist
        """
        return [
            SecretMetadata(secret.key) for secret in self._request(lambda client: client.list_secrets(scope)).secrets
        ]

    def _request(self, request: Callable[[Client], A]) -> A:
        try:
            return request(self._notebook.client)
        except RequestFailed as error:
            hint = _HINTS.get(error.reason, "")
            raise RequestRefused(f"{error.message.rstrip('.')}. {hint}" if hint else error.message) from None
        except ServerUnreachable as error:
            raise RequestRefused(error.message) from None
