"""Client: one method per request of kernels and the command line; each returns its answer as a class."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jupyter_dbx.client.transport import NoSuchCluster, RequestFailed, ServerUnreachable, Transport
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.answers.answer import Answer, Done, decode
from jupyter_dbx.model.answers.clusters import ClusterCreated, Clusters, ClustersSeen, ClusterView
from jupyter_dbx.model.answers.events import EventPage
from jupyter_dbx.model.answers.kernels import AttachmentChoice, AttachmentDetails
from jupyter_dbx.model.answers.logs import LogList, LogPart
from jupyter_dbx.model.answers.options import Limits, NodeTypeList, SparkVersionList
from jupyter_dbx.model.answers.people import ObjectPermissions, Workspace
from jupyter_dbx.model.answers.secrets import ScopeList, SecretList, SecretValue
from jupyter_dbx.model.answers.tokens import TokenCreated, TokenList
from jupyter_dbx.model.codec import ProtocolError, decode_document
from jupyter_dbx.model.errors import DbxError, Reason, StoreUnavailable
from jupyter_dbx.model.protocol import DriverContact
from jupyter_dbx.model.wire import Json

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Client(Transport):
    """One server's API. Every method may raise RequestFailed or ServerUnreachable."""

    def request(self, kind: type[A], method: str, path: str, /, **args: Any) -> A:
        """Return the answer to one request as an instance of `kind`."""
        answer = self.call(method, path, **args)
        try:
            return decode(kind, answer)
        except ValueError as error:
            raise self._unreachable(error) from None

    # -- clusters ------------------------------------------------------------------------------------------------------

    def list_clusters(self, *, is_activity: bool = True) -> Clusters:
        """Return the clusters that the user may see.

        Parameters
        ----------
        is_activity : False = the server may still shut down as idle
        """
        return self.request(Clusters, "GET", "dbx/clusters", no_track_activity=None if is_activity else 1)

    def get_cluster(self, cluster_id: str) -> ClusterView:
        """Return one cluster, with the user's own `spec`."""
        return self.request(ClusterView, "GET", _path(cluster_id))

    def find_cluster(self, name_or_id: str) -> ClusterView:
        """Return the cluster with this ID or name, without `spec`.

        Raises
        ------
        NoSuchCluster : no cluster matches, or several have this name
        """
        clusters = self.list_clusters().clusters
        found = [c for c in clusters if c.cluster_id == name_or_id]
        found = found or [c for c in clusters if c.cluster_name == name_or_id]
        if len(found) == 1:
            return found[0]
        if not found:
            known = ", ".join(c.name for c in clusters) or "none"
            raise NoSuchCluster(
                f"Cluster {name_or_id!r} does not exist. Existing clusters: {known}.",
                "RESOURCE_DOES_NOT_EXIST",
                404,
                reason=Reason.CLUSTER_DOES_NOT_EXIST,
            )
        ids = ", ".join(c.cluster_id for c in found)
        raise NoSuchCluster(
            f"Several clusters are named {name_or_id!r}. Use an ID: {ids}.",
            "INVALID_PARAMETER_VALUE",
            400,
            reason=Reason.AMBIGUOUS_NAME,
        )

    def create_cluster(self, spec: Json) -> str:
        """Create and start a cluster; return its ID at once. Without `spark_version` it uses the preferred version."""
        if not spec.get("spark_version"):
            spec = spec | {"spark_version": self.list_spark_versions().versions[0].key}
        return self.request(ClusterCreated, "POST", "2.0/clusters/create", **spec).cluster_id

    def edit_cluster(self, cluster_id: str, spec: Json) -> None:
        """Replace the whole spec; a running cluster restarts."""
        self._post("edit", cluster_id, **spec)

    def resize_cluster(self, cluster_id: str, size: Json) -> None:
        """Change the number of workers of a running cluster; `size` has `num_workers` or `autoscale`."""
        self._post("resize", cluster_id, **size)

    def start_cluster(self, cluster_id: str) -> None:
        """Start a terminated cluster."""
        self._post("start", cluster_id)

    def restart_cluster(self, cluster_id: str) -> None:
        """Replace the driver and the workers of a running cluster."""
        self._post("restart", cluster_id)

    def terminate_cluster(self, cluster_id: str) -> None:
        """Terminate a cluster; its definition is kept."""
        self._post("delete", cluster_id)

    def delete_cluster(self, cluster_id: str) -> None:
        """Terminate a cluster and delete its definition."""
        self._post("permanent-delete", cluster_id)

    def pin_cluster(self, cluster_id: str) -> None:
        """Keep a cluster's definition indefinitely."""
        self._post("pin", cluster_id)

    def unpin_cluster(self, cluster_id: str) -> None:
        """Let a cluster's definition expire as usual."""
        self._post("unpin", cluster_id)

    def extend_cluster(self, cluster_id: str) -> None:
        """Reset the idle time of a cluster."""
        self.request(Done, "POST", _path(cluster_id, "extend"))

    def list_events(self, cluster_id: str, **args: Any) -> EventPage:
        """Return a page of a cluster's events; `args` are those of the endpoint: `limit`, `order`, `event_types`, …"""
        return self.request(EventPage, "POST", _path(cluster_id, "events"), **args)

    def list_logs(self, cluster_id: str) -> LogList:
        """Return the logs of a cluster, newest first."""
        return self.request(LogList, "GET", _path(cluster_id, "logs"))

    def read_log(
        self,
        cluster_id: str,
        path: str,
        *,
        tail: int | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> LogPart:
        """Return a part of a log: its last `tail` lines, or at most `limit` bytes starting at `offset`."""
        return self.request(LogPart, "GET", _path(cluster_id, "log"), path=path, tail=tail, offset=offset, limit=limit)

    def download_log(self, cluster_id: str, path: str) -> Iterator[bytes]:
        """Yield a whole log in chunks."""
        return self.download(_path(cluster_id, "log/download"), path=path)

    # -- options of clusters -------------------------------------------------------------------------------------------

    def list_node_types(self) -> NodeTypeList:
        """Return the node types, smallest first."""
        return self.request(NodeTypeList, "GET", "2.0/clusters/list-node-types")

    def list_spark_versions(self) -> SparkVersionList:
        """Return the versions of Spark, the preferred one first."""
        return self.request(SparkVersionList, "GET", "2.0/clusters/spark-versions")

    def get_limits(self) -> Limits:
        """Return the limits of a cluster's configuration."""
        return self.request(Limits, "GET", "dbx/limits")

    # -- kernels -------------------------------------------------------------------------------------------------------

    def get_choice(self, kernel_id: str, notebook: str) -> AttachmentChoice:
        """Return the ID of the cluster that a notebook is attached to; `notebook` is its path, or ""."""
        return self.request(AttachmentChoice, "GET", _kernel(kernel_id), path=notebook or None)

    def list_clusters_seen(self, kernel_id: str, notebook: str) -> ClustersSeen:
        """Return every cluster, and which one a notebook is attached to."""
        return self.request(ClustersSeen, "GET", _kernel(kernel_id, "clusters"), path=notebook or None)

    def attach(self, kernel_id: str, notebook: str, cluster: str) -> AttachmentDetails:
        """Attach a notebook to a cluster, by ID or name."""
        path = _kernel(kernel_id, "cluster")
        return self.request(AttachmentDetails, "PUT", path, path=notebook or None, cluster=cluster)

    def detach(self, kernel_id: str, notebook: str) -> None:
        """Detach a notebook from its cluster."""
        self.request(Done, "DELETE", _kernel(kernel_id, "cluster"), path=notebook or None)

    def request_seat(self, kernel_id: str, notebook: str, candidates: Sequence[str]) -> DriverContact:
        """Return the contact of the driver of a notebook's cluster.

        Parameters
        ----------
        candidates : IDs or names; if the notebook is not attached, the first that is not "" applies
        """
        path = _kernel(kernel_id, "seat")
        answer = self.call("POST", path, path=notebook or None, candidates=list(candidates))
        try:
            return decode_document(DriverContact, answer)
        except ProtocolError as error:
            raise self._unreachable(error) from None

    # -- secrets -------------------------------------------------------------------------------------------------------

    def get_secret(self, scope: str, key: str) -> SecretValue:
        """Return a secret's value."""
        return self.request(SecretValue, "GET", "2.0/secrets/get", scope=scope, key=key)

    def list_scopes(self) -> ScopeList:
        """Return every scope."""
        return self.request(ScopeList, "GET", "2.0/secrets/scopes/list")

    def list_secrets(self, scope: str) -> SecretList:
        """Return the secrets of a scope, without their values."""
        return self.request(SecretList, "GET", "2.0/secrets/list", scope=scope)

    def get_workspace(self) -> Workspace:
        """Return the owner and the ID of the workspace."""
        return self.request(Workspace, "GET", "dbx/workspace")

    # -- people --------------------------------------------------------------------------------------------------------

    def get_permissions(self, cluster_id: str) -> ObjectPermissions:
        """Return who may use a cluster."""
        return self.request(ObjectPermissions, "GET", _permissions(cluster_id))

    def set_permissions(self, cluster_id: str, grants: Sequence[Grant]) -> ObjectPermissions:
        """Replace the permissions on a cluster; those of its owner and of administrators remain."""
        entries = [{grant.kind: grant.principal, "permission_level": grant.level} for grant in grants]
        return self.request(ObjectPermissions, "PUT", _permissions(cluster_id), access_control_list=entries)

    def list_tokens(self) -> TokenList:
        """Return the user's access tokens, without their values."""
        return self.request(TokenList, "GET", "2.0/token/list")

    def create_token(self, comment: str, lifetime_s: int | None) -> TokenCreated:
        """Create an access token; `lifetime_s` None = valid as long as allowed."""
        return self.request(TokenCreated, "POST", "2.0/token/create", comment=comment, lifetime_seconds=lifetime_s)

    def revoke_token(self, token_id: str) -> None:
        """Revoke an access token of the user."""
        self.request(Done, "POST", "2.0/token/delete", token_id=token_id)

    # -- the server itself ---------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise ServerUnreachable unless a server with jupyter_dbx responds and accepts the token."""
        try:
            is_ours = "autotermination_minutes" in self.call("GET", "dbx/limits")
        except RequestFailed as error:
            if error.status in (401, 403):
                raise ServerUnreachable(f"The server at {self.url} does not accept this token.") from None
            # A server without a store, or one that failed to start, returns that error for each request.
            is_ours = error.error_code in (StoreUnavailable.error_code, DbxError.error_code)
        if not is_ours:
            raise ServerUnreachable(f"The server at {self.url} is not a Jupyter server with jupyter_dbx.")

    def is_ours(self) -> bool:
        """Return whether a server with jupyter_dbx responds and accepts the token."""
        try:
            self.check()
        except ServerUnreachable:
            return False
        return True

    def is_listening(self) -> bool:
        """Return whether something accepts connections at the server's address."""
        address = urlsplit(self.url)
        try:
            socket.create_connection((address.hostname or "", address.port or 443), timeout=self.timeout_s).close()
        except OSError:
            return False
        return True

    def _post(self, verb: str, cluster_id: str, /, **args: Any) -> None:
        self.request(Done, "POST", f"2.0/clusters/{verb}", **args | {"cluster_id": cluster_id})


def _path(cluster_id: str, what: str = "") -> str:
    """Return the path of a cluster, or of a part of it, below `api/`."""
    return f"dbx/clusters/{quote(cluster_id, safe='')}" + (f"/{what}" if what else "")


def _permissions(cluster_id: str) -> str:
    """Return the path of a cluster's permissions below `api/`."""
    return f"2.0/permissions/clusters/{quote(cluster_id, safe='')}"


def _kernel(kernel_id: str, what: str = "") -> str:
    """Return the path of a kernel, or of a part of it, below `api/`."""
    return f"dbx/kernels/{quote(kernel_id, safe='')}" + (f"/{what}" if what else "")
