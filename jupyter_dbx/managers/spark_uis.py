"""Addresses and tokens of the Spark web UIs of clusters, which only the proxy in `rest/dbx/spark_ui.py` can access."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.ui_tickets import UiTickets
from jupyter_dbx.model.announced import origin_on_this_machine
from jupyter_dbx.model.derived_secrets import sign_ui_token, ui_key
from jupyter_dbx.model.errors import InvalidState, ResourceDoesNotExist


@dataclass(frozen=True)
class SparkUi:
    """One of Spark's web servers."""

    #: e.g. "http://127.0.0.1:34567"
    origin: str
    #: bearer token
    token: str
    #: address of a worker in Spark's links → id of its node
    nodes: dict[str, str]


class SparkUis:
    """Finds the Spark web servers of clusters."""

    def __init__(self, clusters: ClusterManager, workspace_key: bytes) -> None:
        self._clusters, self._key = clusters, workspace_key
        #: of pages that are open in browsers
        self.tickets = UiTickets()

    async def find(self, cluster_id: str, which: str) -> SparkUi:
        """Return one of the Spark web servers of a cluster.

        Parameters
        ----------
        which : "spark" (the driver's) or "master"

        Raises
        ------
        ClusterDoesNotExist : there is no such cluster
        InvalidState : it is not running
        ResourceDoesNotExist : it runs without this web server, or announced no valid one; the message explains why
        """
        cluster = await self._clusters.get(cluster_id)
        driver = cluster.driver
        if driver is None or not cluster.shown_state.is_up:
            raise InvalidState(
                cluster_id,
                cluster.shown_state,
                "show the Spark UI of",
                "The Spark UI is available only while the cluster is running.",
            )
        announced = driver.master_ui_url if which == "master" else driver.ui_url
        if not announced:
            why = "a single-node cluster has no master" if which == "master" else "spark.ui.enabled is false"
            raise ResourceDoesNotExist(f"This cluster does not have this UI: {why}.")
        origin = origin_on_this_machine(announced)
        if not origin:
            raise ResourceDoesNotExist(f"This cluster announced an invalid address of its UI: {announced!r}.")
        nodes = {str(n.backend_state.get("address")): n.node_id for n in await self._clusters.nodes(cluster_id)}
        return SparkUi(origin, sign_ui_token(ui_key(self._key, cluster_id, cluster.generation)), nodes)
