"""Events: append-only facts about one subject, in Databricks' terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.wire import Json


class EventType(StrEnum):
    """The Databricks event types that jupyter_dbx emits, plus OWN_TYPES, which Databricks' clients do not know."""

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
    #: own type, as Databricks has none: the cluster is idle and will terminate. Never sent under `/api/2.x`.
    INACTIVITY_WARNING = "INACTIVITY_WARNING"


#: Types that Databricks does not have, so its API must not return them.
OWN_TYPES = frozenset({EventType.INACTIVITY_WARNING})


@dataclass(frozen=True)
class Event:
    """One fact about one subject.

    Source: Databricks REST API, `clusters/events`.
    """

    subject: Subject
    #: when it happened, ms since the epoch
    timestamp: int
    type: EventType
    #: facts by Databricks' detail names (`reason`, `cause`, `user`, `current_num_workers`, …)
    details: Json = field(default_factory=dict)
