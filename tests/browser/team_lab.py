"""JupyterLab with simulated clusters for several users: a program like `memory_lab.py`.

Its users are those of `tests/rest/team_app.py`; a browser's user is the one that the cookie `user` names.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyterlab.labapp import LabApp

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `memory_app.py` and `team_app.py` are

import memory_app
from team_app import TeamIdentityProvider

from jupyter_dbx.app import DbxApp


class CookieIdentityProvider(TeamIdentityProvider):
    """Knows the users by their names, also in a cookie, which a browser sends with websockets, too."""

    def get_token(self, handler: Any) -> str | None:
        """Return the name in the cookie, else the token; JupyterLab's page knows the server's token, too."""
        return handler.get_cookie("user") or super().get_token(handler)


if __name__ == "__main__":
    DbxApp.read_status = memory_app.read_status
    DbxApp.notify_driver = memory_app.notify_driver
    sys.argv.append("--ServerApp.identity_provider_class=team_lab.CookieIdentityProvider")
    LabApp.launch_instance()
