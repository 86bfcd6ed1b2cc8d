"""`clusters/list`: clusters filtered, sorted and in pages.

Source: Databricks REST API, `clusters/list`.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Annotated, Any

from jupyter_dbx.model.answers.answer import UNSET, Omittable
from jupyter_dbx.model.answers.clusters import ClusterPage
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import Node
from jupyter_dbx.rest.databricks.cluster_answers import describe_cluster
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import Role

#: A cluster with its live nodes.
Found = tuple[Cluster, list[Node]]

#: Clusters per page of API 2.1: default and maximum.
PAGE, MAX_PAGE = 20, 100

#: The words of the filters, in Databricks' API.
STATES = (*(state.value for state in ClusterState), "UNKNOWN")
SOURCES = ("API", "JOB", "MODELS", "PIPELINE", "PIPELINE_MAINTENANCE", "SQL", "UI")

#: Sort order of states: running clusters first, then starting ones, then those that have ended.
_RANKS = {
    ClusterState.RUNNING: 0,
    ClusterState.RESIZING: 0,
    ClusterState.PENDING: 1,
    ClusterState.RESTARTING: 1,
    ClusterState.TERMINATING: 2,
    ClusterState.ERROR: 3,
    ClusterState.TERMINATED: 4,
}


def _by_default(found: Found) -> tuple[int, bool, str, int]:
    cluster = found[0]
    return _RANKS[cluster.shown_state], not cluster.pinned_ms, *_by_name(found)


def _by_name(found: Found) -> tuple[str, int]:
    return found[0].spec.cluster_name.casefold(), -found[0].created_ms


#: `sort_by.field` → sort key; clusters with the same name are sorted newest first.
_ORDERS: dict[str, Callable[[Found], tuple[Any, ...]]] = {"DEFAULT": _by_default, "CLUSTER_NAME": _by_name}


def in_order(clusters: Sequence[Found]) -> list[Found]:
    """Return clusters in the default order: by state (running first), then pinned ones first, then by name."""
    return sorted(clusters, key=_by_default)


async def list_all(call: Call) -> ClusterPage:
    """Return all clusters that the caller may see at once, in the default order."""
    return _page(in_order([found for found in await call.services.clusters.all() if call.may_see(found[0])]))


async def list_page(
    call: Call,
    page_size: Annotated[int, Arg(f"Clusters per page; 0 = {PAGE}.", minimum=0, maximum=MAX_PAGE)] = 0,
    token: Annotated[str, Arg("`next_page_token` or `prev_page_token` of a previous answer.", name="page_token")] = "",
    states: Annotated[
        Sequence[str], Arg("Only clusters in these states.", name="filter_by.cluster_states", one_of=STATES)
    ] = (),
    sources: Annotated[
        Sequence[str],
        Arg("Only clusters from these sources; all have API.", name="filter_by.cluster_sources", one_of=SOURCES),
    ] = (),
    is_pinned: Annotated[bool, Arg("Only pinned, or only unpinned clusters.", name="filter_by.is_pinned")]
    | None = None,
    policy_id: Annotated[str, Arg("Only clusters with this policy.", name="filter_by.policy_id")] = "",
    field: Annotated[
        str,
        Arg("Sort by state, pin and name (DEFAULT), or by name only.", name="sort_by.field", one_of=tuple(_ORDERS)),
    ] = "DEFAULT",
    direction: Annotated[
        str, Arg("Ascending or descending.", name="sort_by.direction", one_of=("ASC", "DESC"))
    ] = "ASC",
) -> ClusterPage:
    """Return a page of the clusters that the caller may see and that match the filters, in the requested order."""
    size, seen = page_size or PAGE, _marks_of(token)
    clusters = [
        (cluster, nodes)
        for cluster, nodes in await call.services.clusters.all()
        if call.may_see(cluster)
        and (not states or cluster.shown_state in states)
        and (not sources or "API" in sources)
        and (is_pinned is None or bool(cluster.pinned_ms) is is_pinned)
        and (not policy_id or cluster.spec.extra.get("policy_id") == policy_id)
    ]
    clusters.sort(key=_ORDERS[field], reverse=direction == "DESC")
    unseen = [found for found in clusters if _mark(found[0]) not in seen]
    page = unseen[:size]
    return _page(
        page,
        next_page_token="".join([_TOKEN, *seen, *(_mark(c) for c, _ in page)]) if len(unseen) > size else UNSET,
        prev_page_token="".join([_TOKEN, *list(seen)[:-size]]) if seen else UNSET,
    )


def _page(found: Sequence[Found], **tokens: Omittable[str]) -> ClusterPage:
    return ClusterPage(clusters=tuple(describe_cluster(c, nodes) for c, nodes in found), **tokens)


#: First character of a page token. It is followed by the marks of the clusters on all previous pages, in order: as clusters move
#: in the list when they start and end, an offset would skip or repeat some.
_TOKEN = "c"


def _mark(cluster: Cluster) -> str:
    """Return the mark of a cluster in a page token, 8 characters."""
    return urlsafe_b64encode(blake2b(cluster.cluster_id.encode(), digest_size=6).digest()).decode()


def _marks_of(token: str) -> dict[str, None]:
    """Return the marks in a page token, in order.

    Raises
    ------
    InvalidParameterValue : it is not a token from an answer
    """
    if not token:
        return {}
    if not re.fullmatch(rf"{_TOKEN}([\w-]{{8}})*", token, re.ASCII):
        raise InvalidParameterValue(
            f"page_token must be a token from a previous answer, not {token!r}", field="page_token"
        )
    return dict.fromkeys(re.findall(".{8}", token.removeprefix(_TOKEN)))


ROUTES: list[Route] = [
    Route("GET", "2.0/clusters/list", list_all, Role.ANYBODY),
    Route("GET", "2.1/clusters/list", list_page, Role.ANYBODY),
]
