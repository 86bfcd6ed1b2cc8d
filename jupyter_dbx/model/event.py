"""Events: past-tense facts about one cluster, append-only, in Databricks' words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.wire import Json


class EventType(StrEnum):
    """The subset of Databricks' event types that happens here. Clients know only those: never invent one."""

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
