"""NotebookContext: what a notebook may ask about itself, as Databricks' Java object answers it.

Source: its use in public notebooks; it is not documented.
"""

from __future__ import annotations

import getpass
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jupyter_dbx.kernel.errors import NoCluster


class Option:
    """A value that may be missing, as in Scala."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self) -> Any:
        """Return the value, or None."""
        return self._value

    def getOrElse(self, default: Any) -> Any:  # Scala's names
        """Return the value, or the default if there is none."""
        return default if self._value is None else self._value

    def isDefined(self) -> bool:
        """Return whether there is a value."""
        return self._value is not None

    def isEmpty(self) -> bool:
        """Return whether there is no value."""
        return self._value is None

    def __repr__(self) -> str:
        return f"Some({self._value})" if self.isDefined() else "None"


class Tags(dict[str, str]):
    """Facts by name, as a map of Scala's: `get` gives an Option."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the fact, or an empty Option."""
        return Option(super().get(name, default))

    def apply(self, name: str) -> str:
        """Return the fact."""
        return self[name]


class NotebookContext:
    """What is known of a notebook; each answer is an Option."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def notebookPath(self) -> Option:  # Databricks' names
        """Return the notebook's path below `/Workspace`, without its suffix."""
        path = self._session.notebook
        if not path:
            return Option(None)
        root = self._session.folders.root
        inside = Path(path).relative_to(root) if Path(path).is_relative_to(root) else Path(path)
        return Option("/" + str(inside.with_suffix("")).lstrip("/"))

    def userName(self) -> Option:
        """Return who one is."""
        return Option(os.environ.get("JUPYTERHUB_USER") or getpass.getuser())

    def clusterId(self) -> Option:
        """Return the id of the cluster; binds if need be."""
        try:
            conf = self._session.spark.conf
        except NoCluster:
            return Option(None)
        return Option(conf.get("spark.databricks.clusterUsageTags.clusterId"))

    def apiUrl(self) -> Option:
        """Return where the REST API is."""
        return Option(self._session.client.url.rstrip("/"))

    def apiToken(self) -> Option:
        """Return this kernel's token for the REST API."""
        return Option(self._session.client.token)

    def browserHostName(self) -> Option:
        """Return the host of the server."""
        return Option(urlsplit(self._session.client.url).netloc)

    def notebookId(self) -> Option:
        """Return what tells this notebook's run from others: its kernel's id."""
        return Option(self._session.kernel_id)

    def currentRunId(self) -> Option:
        """Return nothing: a notebook is no run of a job."""
        return Option(None)

    def jobId(self) -> Option:
        """Return nothing: a notebook is no run of a job."""
        return Option(None)

    def workspaceId(self) -> Option:
        """Return the workspace's id: there is one."""
        return Option("0")

    def tags(self) -> Tags:
        """Return the facts by name."""
        found = {
            "user": self.userName(),
            "clusterId": self.clusterId(),
            "notebookId": self.notebookId(),
            "browserHostName": self.browserHostName(),
            "orgId": self.workspaceId(),
        }
        return Tags({name: fact.get() for name, fact in found.items() if fact.isDefined()})

    def toJson(self) -> str:
        """Return all of it as JSON, the token among it."""
        extra = {
            "notebook_path": self.notebookPath().get(),
            "api_url": self.apiUrl().get(),
            "api_token": self.apiToken().get(),
        }
        return json.dumps({"rootRunId": None, "currentRunId": None, "tags": dict(self.tags()), "extraContext": extra})

    def safeToJson(self) -> str:
        """Return all of it as JSON, without the token."""
        context = json.loads(self.toJson())
        del context["extraContext"]["api_token"]
        return json.dumps({"attributes": context["tags"] | context["extraContext"]})
