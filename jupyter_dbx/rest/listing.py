"""`clusters/list`: which clusters, in which order, and in pages.

Source: Databricks REST API, `clusters/list`.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Annotated, Any

from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Arg, Call, Route

#: A cluster with its live nodes.
Found = tuple[Cluster, list[Node]]

#: Clusters in one page of API 2.1: default and most.
PAGE, LARGEST_PAGE = 20, 100

#: Which clusters come first: those that are up, that will be, that were.
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


#: `sort_by.field` → the key that clusters are sorted by; those of one name newest first.
_ORDERS: dict[str, Callable[[Found], tuple[Any, ...]]] = {"DEFAULT": _by_default, "CLUSTER_NAME": _by_name}


def in_order(clusters: Sequence[Found]) -> list[Found]:
    """Return clusters as people want to see them: those that are up first, then pinned ones, then by name."""
    return sorted(clusters, key=_by_default)


async def list_all(call: Call) -> Json:
    """Return every cluster at once."""
    return {"clusters": [c.to_wire(nodes) for c, nodes in in_order(await call.services.clusters.all())]}


async def list_page(
    call: Call,
    page_size: Annotated[int, Arg(f"Clusters in a page; 0 = {PAGE}.", least=0, most=LARGEST_PAGE)] = 0,
    token: Annotated[str, Arg("`next_page_token` or `prev_page_token` of another page.", name="page_token")] = "",
    states: Annotated[Sequence[str], Arg("Only those in these states.", name="filter_by.cluster_states")] = (),
    sources: Annotated[
        Sequence[str], Arg("Only those made in these ways; all are made by API.", name="filter_by.cluster_sources")
    ] = (),
    is_pinned: Annotated[bool, Arg("Only those that are pinned, or are not.", name="filter_by.is_pinned")]
    | None = None,
    policy_id: Annotated[str, Arg("Only those with this policy.", name="filter_by.policy_id")] = "",
    field: Annotated[
        str,
        Arg("By state, pin and name (DEFAULT), or by name alone.", name="sort_by.field", one_of=tuple(_ORDERS)),
    ] = "DEFAULT",
    direction: Annotated[str, Arg("Upwards or downwards.", name="sort_by.direction", one_of=("ASC", "DESC"))] = "ASC",
) -> Json:
    """Return a page of clusters: those that were asked for, in the order that was asked for."""
    size, seen = page_size or PAGE, _marks_of(token)
    clusters = [
        (cluster, nodes)
        for cluster, nodes in await call.services.clusters.all()
        if (not states or cluster.shown_state in states)
        and (not sources or "API" in sources)
        and (is_pinned is None or bool(cluster.pinned_ms) is is_pinned)
        and (not policy_id or cluster.spec.extra.get("policy_id") == policy_id)
    ]
    clusters.sort(key=_ORDERS[field], reverse=direction == "DESC")
    unseen = [found for found in clusters if _mark(found[0]) not in seen]
    page = unseen[:size]
    answer: Json = {"clusters": [c.to_wire(nodes) for c, nodes in page]}
    if len(unseen) > size:
        answer["next_page_token"] = "".join([_TOKEN, *seen, *(_mark(c) for c, _ in page)])
    if seen:
        answer["prev_page_token"] = "".join([_TOKEN, *list(seen)[:-size]])
    return answer


#: What a page token begins with. There follow the marks of the clusters on all pages before, in their order: clusters move in
#: the list as they start and end, and so nobody misses one, or sees one twice, who reads page after page.
_TOKEN = "c"


def _mark(cluster: Cluster) -> str:
    """Return what stands for a cluster in a page token, 8 characters."""
    return urlsafe_b64encode(blake2b(cluster.cluster_id.encode(), digest_size=6).digest()).decode()


def _marks_of(token: str) -> dict[str, None]:
    """Return the marks in a page token, in their order.

    Raises
    ------
    InvalidParameterValue : no answer gave this token
    """
    if not token:
        return {}
    if not re.fullmatch(rf"{_TOKEN}([\w-]{{8}})*", token, re.ASCII):
        raise InvalidParameterValue(f"page_token must be one that an answer gave, not {token!r}")
    return dict.fromkeys(re.findall(".{8}", token.removeprefix(_TOKEN)))


ROUTES: list[Route] = [
    Route("GET", "2.0/clusters/list", list_all),
    Route("GET", "2.1/clusters/list", list_page),
]
