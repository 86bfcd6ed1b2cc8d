"""Events: past-tense facts about one cluster, append-only, in Databricks' words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.wire import Json


class EventType(StrEnum):
    """The subset of Databricks' event types that happens here, and OURS_ALONE. Clients know only theirs."""

    CREATING = "CREATING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    TERMINATING = "TERMINATING"
    RESIZING = "RESIZING"
    UPSIZE_COMPLETED = "UPSIZE_COMPLETED"
    NODES_LOST = "NODES_LOST"
    ADD_NODES_FAILED = "ADD_NODES_FAILED"
    DRIVER_HEALTHY = "DRIVER_HEALTHY"
    DRIVER_NOT_RESPONDING = "DRIVER_NOT_RESPONDING"
    EDITED = "EDITED"
    PINNED = "PINNED"
    UNPINNED = "UNPINNED"
    AUTOSCALING_FAILED = "AUTOSCALING_FAILED"
    DECOMMISSION_STARTED = "DECOMMISSION_STARTED"
    DECOMMISSION_ENDED = "DECOMMISSION_ENDED"
    #: ours, for want of one of theirs: nothing runs, and the cluster will end. Never told under `/api/2.x`.
    INACTIVITY_WARNING = "INACTIVITY_WARNING"


#: What Databricks' clients would not know, and thus never get to see.
OURS_ALONE = frozenset({EventType.INACTIVITY_WARNING})


@dataclass(frozen=True)
class Event:
    """One fact about one cluster.

    Source: Databricks REST API, `clusters/events`.
    """

    cluster_id: str
    #: when it happened, ms since the epoch
    timestamp: int
    type: EventType
    #: facts by Databricks' detail names (`reason`, `cause`, `user`, `current_num_workers`, …)
    details: Json = field(default_factory=dict)

    def to_wire(self) -> Json:
        """Return the event as `clusters/events` answers it."""
        return {
            "cluster_id": self.cluster_id,
            "timestamp": self.timestamp,
            "type": self.type.value,
            "details": self.details,
        }
