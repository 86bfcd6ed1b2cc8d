"""`clusters/events`: what happened to a cluster, in pages.

Source: Databricks REST API, `clusters/events`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Arg, Call, ClusterId, Endpoint, Route, in_both

#: Events in one page: default and most.
PAGE, LARGEST_PAGE = 50, 500


def _teller(*, with_ours: bool) -> Endpoint:
    """Return the endpoint; `with_ours` = with the events that Databricks' clients do not know."""

    async def events(
        call: Call,
        cluster_id: ClusterId,
        order: Annotated[str, Arg("Newest first (DESC) or oldest first.", one_of=("DESC", "ASC"))] = "DESC",
        event_types: Annotated[Sequence[str], Arg("Only events of these types.")] = (),
        start_time: Annotated[int, Arg("Only from then on, ms since the epoch.")] | None = None,
        end_time: Annotated[int, Arg("Only until then, ms since the epoch.")] | None = None,
        offset: Annotated[int, Arg("How many events to leave out first.", least=0)] = 0,
        limit: Annotated[int, Arg(f"Events in a page; 0 = {PAGE}.", least=0, most=LARGEST_PAGE)] = 0,
        page_size: Annotated[int, Arg("The same as limit.", least=0, most=LARGEST_PAGE)] = 0,
        token: Annotated[
            str, Arg("`next_page_token` or `prev_page_token` of another page of the same request.", name="page_token")
        ] = "",
    ) -> Json:
        """Return a page of a cluster's events. `next_page` is the whole next request."""
        size = limit or page_size or PAGE
        if token:
            offset, end_time = _place_of(token)
        found, total = await call.services.clusters.events(
            cluster_id,
            types=list(event_types),
            start_ms=start_time,
            end_ms=end_time,
            newest_first=order == "DESC",
            offset=offset,
            limit=size,
            with_ours=with_ours,
        )
        answer: Json = {"events": [e.to_wire() for e in found], "total_count": total}
        if order == "DESC" and end_time is None and offset == 0 and found:
            end_time = found[0].timestamp  # frozen on the first page, so that later events do not shift the others
        if offset + len(found) < total:
            answer["next_page_token"] = _token(offset + size, end_time)
            # The SDK sends this again as it is, and looks at no token.
            page = {"order": order, "limit": size, "offset": offset + size, "event_types": list(event_types)}
            times = {"start_time": start_time, "end_time": end_time}
            answer["next_page"] = {"cluster_id": cluster_id} | page | {k: v for k, v in times.items() if v is not None}
        if offset:
            answer["prev_page_token"] = _token(max(0, offset - size), end_time)
        return answer

    return events


def _token(offset: int, end_time: int | None) -> str:
    """Return the token of the page that begins at `offset` when later events than `end_time` do not count."""
    return f"e{offset}" if end_time is None else f"e{offset}-{end_time}"


def _place_of(token: str) -> tuple[int, int | None]:
    """Return where a page begins, and the last instant that counts.

    Raises
    ------
    InvalidParameterValue : no answer gave this token
    """
    found = re.fullmatch(r"e(\d{1,18})(?:-(\d{1,18}))?", token, re.ASCII)
    if not found:
        raise InvalidParameterValue(f"page_token must be one that an answer gave, not {token!r}")
    return int(found[1]), int(found[2]) if found[2] else None


ROUTES: list[Route] = [
    *in_both("POST", "clusters/events", _teller(with_ours=False)),
    Route("POST", "dbx/clusters/{cluster_id}/events", _teller(with_ours=True)),
]
