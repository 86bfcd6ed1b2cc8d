"""Answers about events of clusters.

Source: Databricks REST API, `clusters/events`.
"""

from __future__ import annotations

import msgspec

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable, OpenAnswer, decode
from jupyter_dbx.model.answers.clusters import SpecJson
from jupyter_dbx.model.wire import Json


class EventReason(Answer, frozen=True):
    """The reason for an event."""

    code: str = ""
    type: Omittable[str] = UNSET
    parameters: Omittable[dict[str, str]] = UNSET


class EventDetails(OpenAnswer, frozen=True):
    """The facts of an event, as far as known."""

    #: the user who requested it
    user: Omittable[str] = UNSET
    cause: Omittable[str] = UNSET
    reason: Omittable[EventReason] = UNSET
    #: workers, count
    current_num_workers: Omittable[int] = UNSET
    target_num_workers: Omittable[int] = UNSET
    driver_state_message: Omittable[str] = UNSET
    #: ID of the node
    instance_id: Omittable[str] = UNSET
    #: time until termination due to inactivity, s
    ends_in_s: Omittable[float] = UNSET
    attributes: Omittable[SpecJson] = UNSET
    previous_attributes: Omittable[SpecJson] = UNSET
    cluster_size: Omittable[Json] = UNSET
    previous_cluster_size: Omittable[Json] = UNSET

    @classmethod
    def of(cls, details: Json) -> EventDetails:
        """Return the details of a stored event, including those that have no field here."""
        extra = {name: value for name, value in details.items() if name not in cls.__struct_encode_fields__}
        return msgspec.structs.replace(decode(cls, details), extra=extra)


class ClusterEvent(Answer, frozen=True):
    """An event of a cluster."""

    cluster_id: str = ""
    #: ms since the epoch
    timestamp: int = 0
    #: one of `model.event.EventType`; a newer server may send others
    type: str = ""
    details: EventDetails = EventDetails()


class EventRequest(Answer, frozen=True):
    """The request for the next page of events."""

    cluster_id: str = ""
    order: str = ""
    limit: int = 0
    offset: int = 0
    event_types: tuple[str, ...] = ()
    start_time: Omittable[int] = UNSET
    end_time: Omittable[int] = UNSET


class EventPage(Answer, frozen=True):
    """A page of a cluster's events."""

    events: tuple[ClusterEvent, ...] = ()
    #: number of events on all pages
    total_count: int = 0
    next_page_token: Omittable[str] = UNSET
    next_page: Omittable[EventRequest] = UNSET
    prev_page_token: Omittable[str] = UNSET
