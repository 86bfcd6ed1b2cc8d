"""DriverSearch: from a notebook to the contact of its cluster's driver; starts the cluster if necessary, and waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from jupyter_dbx.client.transport import NoSuchCluster, RequestFailed, ServerUnreachable, Unavailable
from jupyter_dbx.client.words import waiting_words
from jupyter_dbx.kernel.errors import ClusterFailed, NoCluster
from jupyter_dbx.kernel.session.notebook import Notebook
from jupyter_dbx.model.errors import Reason
from jupyter_dbx.model.protocol import DriverContact

#: Polling interval while the cluster is not up yet, at first and at most, s.
POLL_S, SLOWEST_S = 0.3, 2.0

#: How long a server that cannot do it at the moment is asked again, s: a restart takes a few seconds.
PATIENCE_S = 60.0


class DriverSearch:
    """Finds the driver of one notebook's cluster.

    Parameters
    ----------
    show_status : shows a line that replaces the previous one; "" clears it
    default_cluster : ID or name, for notebooks that are not attached
    """

    def __init__(self, notebook: Notebook, show_status: Callable[[str], None], default_cluster: str = "") -> None:
        self._notebook, self._show_status, self._default_cluster = notebook, show_status, default_cluster
        #: ID and name of the cluster, once they are known, and whether it has begun to start
        self._waits_for, self._name, self._is_starting = "", "", False

    def find(self) -> DriverContact:
        """Return the contact of a driver that is up; starts the cluster if it is TERMINATED.

        Raises
        ------
        NoCluster : the notebook is not attached, or no server was found
        ClusterFailed : the cluster did not start
        """
        self._waits_for, self._name, self._is_starting = "", "", False
        began, unavailable_since = time.monotonic(), 0.0
        try:
            while True:
                try:
                    if driver := self._look(time.monotonic() - began):
                        return driver
                    unavailable_since = 0.0
                except Unavailable as error:
                    unavailable_since = unavailable_since or time.monotonic()
                    if time.monotonic() - unavailable_since > PATIENCE_S:
                        raise NoCluster(error.message) from None
                    self._show_status(f"Waiting for the server. {error.message}")
                # A start takes longer, the longer it has taken.
                time.sleep(min(SLOWEST_S, max(POLL_S, (time.monotonic() - began) / 20)))
        except NoSuchCluster:
            raise NoCluster(
                f"The cluster {self._name!r} of this notebook no longer exists. Attach another one."
            ) from None
        finally:
            self._show_status("")

    def _look(self, waited_s: float) -> DriverContact | None:
        """Return the contact of the driver, or None if it is not up yet."""
        driver = self._request_seat(self._waits_for)
        self._waits_for, self._name = driver.cluster_id, driver.cluster_name or driver.cluster_id
        state = driver.state
        if driver.url:
            return driver
        if (state == "TERMINATED" and self._is_starting) or state == "ERROR":
            raise ClusterFailed(f"Cluster {self._name!r} is {state}. {driver.state_message}")
        if state == "TERMINATED":
            self._start(driver.cluster_id)
        self._is_starting = self._is_starting or state in ("TERMINATED", "PENDING", "RESTARTING")
        if waited_s > 1:
            cluster = self._notebook.client.get_cluster(driver.cluster_id)
            self._show_status(waiting_words(cluster, waited_s))
        return None

    def _request_seat(self, waits_for: str) -> DriverContact:
        try:
            return self._seat_of_attachment() or self._seat_of_candidates()
        except Unavailable:
            raise
        except RequestFailed as error:
            if waits_for:  # a cluster that is deleted takes its attachments along, a moment earlier or later
                self._notebook.client.get_cluster(waits_for)
            if error.reason is Reason.NOT_ATTACHED:
                raise NoCluster(NoCluster.HINT) from None
            raise NoCluster(error.message) from None
        except ServerUnreachable as error:
            self._notebook.forget_server()
            raise NoCluster(error.message) from None

    def _seat_of_attachment(self) -> DriverContact | None:
        """Return the contact for the attached cluster, or None if there is none."""
        notebook = self._notebook
        if notebook.runs_on:
            return None
        try:
            return notebook.client.request_seat(notebook.kernel_id, notebook.path, [])
        except RequestFailed as error:
            if error.reason is Reason.NOT_ATTACHED:
                return None
            raise

    def _seat_of_candidates(self) -> DriverContact:
        notebook = self._notebook
        if notebook.runs_on:
            return notebook.client.request_seat(notebook.kernel_id, "", [notebook.runs_on])
        candidates = [notebook.named_cluster, self._default_cluster]
        return notebook.client.request_seat(notebook.kernel_id, notebook.path, candidates)

    def _start(self, cluster_id: str) -> None:
        try:
            self._notebook.client.start_cluster(cluster_id)
        except Unavailable:
            raise
        except RequestFailed as error:
            if error.reason is not Reason.INVALID_STATE:  # another client started it first
                raise ClusterFailed(error.message) from None
