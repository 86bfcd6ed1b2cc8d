"""`clusters/events`: the event log of a cluster, in pages.

Source: Databricks REST API, `clusters/events`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from jupyter_dbx.model.answers.answer import UNSET
from jupyter_dbx.model.answers.events import ClusterEvent, EventDetails, EventPage, EventRequest
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.event import Event
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Endpoint, Route, in_both_versions
from jupyter_dbx.rest.framework.needs import on_cluster

#: Events per page: default and maximum.
PAGE, MAX_PAGE = 50, 500


def events_endpoint(*, with_own_types: bool) -> Endpoint:
    """Return the endpoint; `with_own_types` includes the event types that Databricks' clients do not know."""

    async def events(
        call: Call,
        cluster_id: ClusterId,
        order: Annotated[str, Arg("Newest first (DESC) or oldest first (ASC).", one_of=("DESC", "ASC"))] = "DESC",
        event_types: Annotated[Sequence[str], Arg("Only events of these types; by default all.")] = (),
        start_time: Annotated[int, Arg("Earliest timestamp, included, ms since the epoch.")] | None = None,
        end_time: Annotated[int, Arg("Latest timestamp, included, ms since the epoch.")] | None = None,
        offset: Annotated[int, Arg("Number of events to skip.", minimum=0)] = 0,
        limit: Annotated[int, Arg(f"Events per page; 0 = {PAGE}.", minimum=0, maximum=MAX_PAGE)] = 0,
        page_size: Annotated[int, Arg("The same as `limit`.", minimum=0, maximum=MAX_PAGE)] = 0,
        token: Annotated[
            str, Arg("`next_page_token` or `prev_page_token` of a previous answer.", name="page_token")
        ] = "",
    ) -> EventPage:
        """Return a page of a cluster's events. `next_page` is the complete request for the next page."""
        size = limit or page_size or PAGE
        if token:
            offset, end_time = _parse_token(token)
        found, total = await call.services.clusters.events(
            cluster_id,
            types=list(event_types),
            start_ms=start_time,
            end_ms=end_time,
            newest_first=order == "DESC",
            offset=offset,
            limit=size,
            with_own_types=with_own_types,
        )
        if order == "DESC" and end_time is None and offset == 0 and found:
            end_time = found[
                0
            ].timestamp  # fixed on the first page, so that new events do not shift the following pages
        has_more = offset + len(found) < total
        # The SDK sends this unchanged and ignores the tokens.
        following = EventRequest(
            cluster_id=cluster_id,
            order=order,
            limit=size,
            offset=offset + size,
            event_types=tuple(event_types),
            start_time=UNSET if start_time is None else start_time,
            end_time=UNSET if end_time is None else end_time,
        )
        return EventPage(
            events=tuple(map(_describe, found)),
            total_count=total,
            next_page_token=_token(offset + size, end_time) if has_more else UNSET,
            next_page=following if has_more else UNSET,
            prev_page_token=_token(max(0, offset - size), end_time) if offset else UNSET,
        )

    return events


def _describe(event: Event) -> ClusterEvent:
    details = EventDetails.of(event.details)
    return ClusterEvent(cluster_id=event.subject.id, timestamp=event.timestamp, type=event.type.value, details=details)


def _token(offset: int, end_time: int | None) -> str:
    """Return the token of the page that begins at `offset`, without events later than `end_time`."""
    return f"e{offset}" if end_time is None else f"e{offset}-{end_time}"


def _parse_token(token: str) -> tuple[int, int | None]:
    """Return the offset of a page and the latest timestamp, or None.

    Raises
    ------
    InvalidParameterValue : it is not a token from an answer
    """
    found = re.fullmatch(r"e(\d{1,18})(?:-(\d{1,18}))?", token, re.ASCII)
    if not found:
        raise InvalidParameterValue(
            f"page_token must be a token from a previous answer, not {token!r}", field="page_token"
        )
    return int(found[1]), int(found[2]) if found[2] else None


ROUTES: list[Route] = in_both_versions(
    "POST", "clusters/events", events_endpoint(with_own_types=False), on_cluster("CAN_ATTACH_TO"), audited=False
)
