"""`jupyter server` of a team whose controllers do nothing: run as a program.

Its users are in the file `people.json` of the workspace, name → groups and whether administrator, as a hub reports them. A user's
token is the name. The kernels `NAME-kernel` have tokens of their own, `kernels.json`: name → token.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from passive_app import make_passive

from jupyter_dbx.app import DbxApp


@dataclass
class TeamUser(User):
    """A user with what a hub knows, where JupyterHub's own class has it."""

    hub_user: dict[str, Any] = field(default_factory=dict)


class TeamIdentityProvider(IdentityProvider):  # type: ignore[misc]  # jupyter_server is not followed by mypy here
    """Knows the users by their names."""

    def get_user(self, handler: Any) -> User | Awaitable[User | None] | None:
        """Return the user with this token."""
        file = Path(
            str(self.parent.extension_manager.extension_apps["jupyter_dbx"].copy().pop().data_dir), "people.json"
        )
        token = self.get_token(handler) or ""
        name = "ada" if token == self.token else token
        person = {"admin": True} if name == "ada" else json.loads(file.read_text()).get(name)
        if person is None:
            return None
        handler._token_authenticated = True
        return TeamUser(username=name, name=name, display_name=name.capitalize(), hub_user=person)

    def is_token_authenticated(self, handler: Any) -> bool:
        """Return that no cookie is used."""
        return True


def issue(app: DbxApp) -> None:
    """Issue the tokens of the kernels."""
    names = json.loads((Path(app.data_dir) / "people.json").read_text())
    tokens = {name: app._tokens.issue(f"{name}-kernel", name) for name in names}
    (Path(app.data_dir) / "kernels.json").write_text(json.dumps(tokens))


def initialize_handlers(app: DbxApp) -> None:
    """Register the routes, then issue tokens."""
    registered(app)
    issue(app)


if __name__ == "__main__":
    make_passive()
    registered = DbxApp.initialize_handlers
    DbxApp.initialize_handlers = initialize_handlers  # type: ignore[method-assign]
    ServerApp.launch_instance(identity_provider_class=TeamIdentityProvider)
