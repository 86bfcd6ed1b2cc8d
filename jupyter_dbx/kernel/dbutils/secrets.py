"""`dbutils.secrets`: reads secrets, whose values no output of the notebook shows."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_dbx.kernel.client import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError, RequestRefused
from jupyter_dbx.model.wire import Json

if TYPE_CHECKING:
    from jupyter_dbx.kernel.session import NotebookSession

#: What to do about a refusal, by the beginning of what the server says.
_INSTEAD = {
    "Scope ": "`dbutils.secrets.listScopes()` tells which there are.",
    "Secret ": "`dbutils.secrets.list(scope)` tells which there are.",
}


class SecretMetadata(NamedTuple):
    """What may be told of a secret."""

    key: str


class SecretScope(NamedTuple):
    """A group of secrets."""

    name: str

    def getName(self) -> str:
        """Return the name."""
        return self.name


class Secrets(Utility):
    """Reads secrets, e.g. passwords of databases, which then need not be written into notebooks.

    Scopes and secrets are made by `databricks secrets` or by `WorkspaceClient().secrets`. Wherever an output would show a value
    that was read, it shows [REDACTED].
    """

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def get(self, scope: str, key: str) -> str:
        """Return the value of a secret as text.

        Parameters
        ----------
        scope, key : which secret; case makes no difference

        Raises
        ------
        RequestRefused : there is no such scope or key
        NotebookError : the value is no text; use `getBytes`
        """
        try:
            return self.getBytes(scope, key).decode()
        except UnicodeDecodeError:
            raise NotebookError(
                f"The secret {key} in scope {scope} is no text: use `dbutils.secrets.getBytes`."
            ) from None

    def getBytes(self, scope: str, key: str) -> bytes:
        """Return the value of a secret as bytes.

        Parameters
        ----------
        scope, key : which secret; case makes no difference

        Raises
        ------
        RequestRefused : there is no such scope or key
        """
        value = base64.b64decode(self._ask("get", scope=scope, key=key)["value"])
        self._session.redaction.hide(value)
        return value

    def listScopes(self) -> list[SecretScope]:
        """Return every scope."""
        return [SecretScope(scope["name"]) for scope in self._ask("scopes/list")["scopes"]]

    def list(self, scope: str) -> list[SecretMetadata]:
        """Return which secrets a scope has, without their values.

        Parameters
        ----------
        scope : which one; case makes no difference

        Raises
        ------
        RequestRefused : there is no such scope
        """
        return [SecretMetadata(secret["key"]) for secret in self._ask("list", scope=scope)["secrets"]]

    def _ask(self, what: str, **args: Any) -> Json:
        try:
            return self._session.client.call("GET", f"2.0/secrets/{what}", **args)
        except RequestFailed as error:
            is_missing = error.error_code == "RESOURCE_DOES_NOT_EXIST"
            instead = next((i for start, i in _INSTEAD.items() if is_missing and error.message.startswith(start)), "")
            raise RequestRefused(f"{error.message} {instead}".strip()) from None
        except ServerUnreachable as error:
            raise RequestRefused(error.message) from None
