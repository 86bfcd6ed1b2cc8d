"""NotebookContext: facts about the running notebook, in the form of Databricks' Java object.

Source: its use in public notebooks; Databricks does not document it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.errors import NoCluster, NotebookError
from jupyter_dbx.model.kernel_contact import job_tag

if TYPE_CHECKING:
    from jupyter_dbx.model.answers.people import Workspace


class Option:
    """An optional value, like Scala's `Option`."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self) -> Any:
        """Return the value, or None."""
        return self._value

    def getOrElse(self, default: Any) -> Any:  # the names are Scala's
        """Return the value, or the default if it is empty."""
        return default if self._value is None else self._value

    def isDefined(self) -> bool:
        """Return whether there is a value."""
        return self._value is not None

    def isEmpty(self) -> bool:
        """Return whether there is no value."""
        return self._value is None

    def __repr__(self) -> str:
        return f"Some({self._value})" if self.isDefined() else "None"


class NoSuchKey(NotebookError, KeyError):
    """A map has no such key."""

    __str__ = NotebookError.__str__


class Facts(dict[str, str]):
    """Facts by name, like a Scala map: `get` returns an Option."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the fact as an Option."""
        return Option(super().get(name, default))

    def apply(self, name: str) -> str:
        """Return the fact.

        Raises
        ------
        NoSuchKey : there is none of this name
        """
        if name not in self:
            raise NoSuchKey(f"There is no {name!r}. There are: {', '.join(self)}.")
        return self[name]

    def contains(self, name: str) -> bool:
        """Return whether there is a fact of this name."""
        return name in self


def facts_of(options: Mapping[str, Option]) -> Facts:
    """Return the options that are not empty."""
    return Facts({name: option.get() for name, option in options.items() if option.isDefined()})


#: Facts that only job runs, or browsers of Databricks, have.
EMPTY = (
    "aclPathOfAclRoot browserHash commandRunId currentRunId idInJob jobId jobName jobTaskType multitaskParentRunId rootRunId "
    "taskKey"
).split()


class NotebookContext:
    """Facts about a notebook, each an Option."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def notebookPath(self) -> Option:  # Databricks' names
        """Return the notebook's path below `/Workspace`, without its suffix."""
        path = self._session.notebook.current_path
        if not path:
            return Option(None)
        root = self._session.notebook.folders.root
        inside = Path(path).relative_to(root) if Path(path).is_relative_to(root) else Path(path)
        return Option("/" + str(inside.with_suffix("")).lstrip("/"))

    def userName(self) -> Option:
        """Return the name of the server's user."""
        return Option(self._workspace.user_name)

    def clusterId(self) -> Option:
        """Return the cluster's id; starts the session if necessary."""
        try:
            conf = self._session.spark.conf
        except NoCluster:
            return Option(None)
        return Option(conf.get("spark.databricks.clusterUsageTags.clusterId"))

    def apiUrl(self) -> Option:
        """Return the URL of the REST API."""
        return Option(self._session.notebook.client.url.rstrip("/"))

    def apiToken(self) -> Option:
        """Return this kernel's token for the REST API."""
        return Option(self._session.notebook.client.token)

    def browserHostName(self) -> Option:
        """Return the server's host and port."""
        return Option(self._session.notebook.client.host)

    def notebookId(self) -> Option:
        """Return the id of this run of the notebook: its kernel's id."""
        return Option(self._session.notebook.kernel_id)

    def jobGroup(self) -> Option:
        """Return the tag that all Spark jobs of this notebook have."""
        return Option(job_tag(self._session.notebook.kernel_id))

    def workspaceId(self) -> Option:
        """Return the workspace's id."""
        return Option(str(self._workspace.org_id))

    @cached_property
    def _workspace(self) -> Workspace:
        # The server's configuration determines both.
        workspace: Workspace = self._session.notebook.client.get_workspace()
        return workspace

    def __getattr__(self, name: str) -> Any:
        if name in EMPTY:
            return lambda: Option(None)
        known = sorted([*EMPTY, *(known for known in vars(NotebookContext) if not known.startswith("_"))])
        raise AttributeError(f"The context has no {name!r}. It has: {', '.join(known)}.")

    def tags(self) -> Facts:
        """Return the facts as tags."""
        return facts_of(
            {
                "user": self.userName(),
                "clusterId": self.clusterId(),
                "notebookId": self.notebookId(),
                "browserHostName": self.browserHostName(),
                "orgId": self.workspaceId(),
            }
        )

    def extraContext(self) -> Facts:
        """Return the notebook's path, and the API's URL and token."""
        return facts_of(
            {
                "notebook_path": self.notebookPath(),
                "notebook_id": self.notebookId(),
                "api_url": self.apiUrl(),
                "api_token": self.apiToken(),
            }
        )

    def toJson(self) -> str:
        """Return the context as JSON, including the token."""
        context = {"rootRunId": None, "currentRunId": None, "jobGroup": self.jobGroup().get()}
        return json.dumps(context | {"tags": self.tags(), "extraContext": self.extraContext()})

    def safeToJson(self) -> str:
        """Return the context as JSON, without the token."""
        context = json.loads(self.toJson())
        del context["extraContext"]["api_token"]
        return json.dumps({"attributes": context["tags"] | context["extraContext"]})
