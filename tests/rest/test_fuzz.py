"""Requests of all kinds, made from our own description, in every state: an answer or a refusal, and no harm by a refusal."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from asking import Answer, ask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from live import TOKEN, Server
from made_up_specs import LIKELY, SPECS, TEXT
from samples import sample_cluster, sample_facts, sample_status
from schemathesis.checks import CHECKS
from still_app import LOG_PATH

from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.secret import SecretScope
from jupyter_dbx.rest.openapi import describe
from jupyter_dbx.rest.table import ROUTES
from jupyter_dbx.store import Store

#: Requests to each operation, right ones and wrong ones each, count.
EXAMPLES = 8

#: The same ones each time, none of them timed, and no time spent on a smaller one that fails as well.
ALWAYS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

#: Each endpoint once, under the last of its versions; every request is sent with the right token.
_description = describe(list({route.endpoint: route for route in ROUTES}.values())) | {"security": []}
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(_description).get_all_operations()]

_RIGHT, _WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE

#: Of an operation that takes nothing but texts in its path, every request is right.
REQUESTS = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in OPERATIONS
    for mode in (_RIGHT, _WRONG)
    if mode is _RIGHT or operation.query or operation.body
]

#: What has to be true of each answer: it is one that the description has.
CONFORMS = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)

_S = ClusterState

#: The facts of the clusters that each test has, one in every state.
STATES: list[dict[str, Any]] = [
    {"state": _S.PENDING},
    {"state": _S.RUNNING, "driver": sample_facts(sample_status("w1", "w2"))},
    {"state": _S.RUNNING, "target": Target.TERMINATED},
    {"state": _S.RUNNING, "generation": 2},
    {"state": _S.RESIZING, "driver": sample_facts(sample_status("w1"))},
    {"state": _S.RESTARTING},
    {"state": _S.TERMINATED, "target": Target.TERMINATED, "termination_reason": TerminationReason("INACTIVITY")},
    {"state": _S.ERROR, "target": Target.TERMINATED},
]

_SIZES = dict.fromkeys(("node_type_id", "driver_node_type_id"), ("memory-1c", "memory-2c", ""))

#: A scope for secrets that there is, and keys of which most are asked for.
SCOPE, KEYS = "fuzz", ("a", "b")

_serial = itertools.count()


def seed(server: Server) -> list[str]:
    """Write a cluster in every state and a scope into the store; return the clusters' ids. Those of other tests go."""

    async def write() -> list[str]:
        store = await Store(f"sqlite:///{server.workspace.data}/dbx.db").open()
        for old in await store.clusters.list():
            await store.forget(old)
        ids = []
        for facts in STATES:
            cluster = sample_cluster(cluster_id=f"fuzz-{next(_serial)}", **facts)
            spec = replace(cluster.spec, num_workers=1, node_type_id="memory-1c")
            event = Event(cluster.cluster_id, store.now_ms(), EventType.CREATING)
            await store.clusters.save(replace(cluster, spec=spec, num_workers=1, settled_workers=1), event)
            ids.append(cluster.cluster_id)
        if await store.scopes.get(SCOPE) is None:
            await store.scopes.save(SecretScope(SCOPE, SCOPE))
        await store.close()
        return ids

    return asyncio.run(write())


def revision(server: Server) -> int:
    """Return the count of changes to the store so far."""
    with closing(sqlite3.connect(f"file:{server.workspace.data}/dbx.db?mode=ro", uri=True)) as store:
        return int(store.execute("SELECT value FROM revision").fetchone()[0])


def aim(case: schemathesis.Case, ids: Sequence[str], data: st.DataObject) -> None:
    """Let most requests be about a cluster, a log, a size of node and a scope that there are."""
    for place in (case.path_parameters, case.query, case.body):
        if not isinstance(place, dict):
            continue
        known_ones = {"cluster_id": ids, "cluster": ids, "path": [LOG_PATH], "scope": [SCOPE], "key": KEYS, **_SIZES}
        for name, known in known_ones.items():
            if isinstance(place.get(name), str) and data.draw(st.integers(0, 4)):
                place[name] = data.draw(st.sampled_from(known))


@pytest.mark.parametrize(("operation", "mode"), REQUESTS)
def test_any_request_is_answered_as_described_or_refused_without_harm(
    still_server: Server, operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode
) -> None:
    ids = seed(still_server)

    @ALWAYS
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        aim(case, ids, data)
        before = revision(still_server)
        response = case.call(f"{still_server.url}api", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        case.validate_response(response, checks=CONFORMS)
        assert response.status_code in (200, 400, 404), response.text
        assert response.status_code == 200 or revision(still_server) == before, case.as_curl_command()

    send()


_masks = st.lists(
    st.sampled_from([*LIKELY, "spark_conf.spark.a", "autoscale.max_workers", "*", "state"]) | TEXT, max_size=4
)


def post(server: Server, verb: str, body: dict[str, Any]) -> Answer:
    """Return the answer to a request; one that is refused has changed nothing, and says why."""
    before = revision(server)
    answer = ask(server, "POST", f"api/2.1/clusters/{verb}", body)
    if answer.status != 200:
        assert 400 <= answer.status < 500, answer.body
        assert revision(server) == before
    return answer


@pytest.mark.parametrize("verb", ["create", "edit"])
def test_any_spec_is_taken_as_it_is_shown_or_refused_with_a_reason(still_server: Server, verb: str) -> None:
    ids = seed(still_server)
    terminated = ids[6]

    @settings(ALWAYS, max_examples=80)
    @given(spec=SPECS)
    def send(spec: dict[str, Any]) -> None:
        if verb == "edit":
            spec = spec | {"cluster_id": terminated}
        answer = post(still_server, verb, spec)
        if answer.status != 200:
            return
        cluster_id = answer.body.get("cluster_id", terminated)
        shown = ask(still_server, "GET", f"api/2.1/clusters/get?cluster_id={cluster_id}").body
        assert shown["cluster_id"] == cluster_id
        # What was shown is taken again, as it was.
        assert post(still_server, "edit", {"cluster_id": terminated} | shown["spec"]).status == 200
        again = ask(still_server, "GET", f"api/2.1/clusters/get?cluster_id={terminated}").body
        assert again["spec"] == shown["spec"]
        if verb == "create":
            post(still_server, "permanent-delete", {"cluster_id": cluster_id})

    send()


def test_any_update_is_made_or_refused_with_a_reason(still_server: Server) -> None:
    ids = seed(still_server)

    @settings(ALWAYS, max_examples=80)
    @given(names=_masks, fields=SPECS, cluster_id=st.sampled_from(ids))
    def send(names: list[str], fields: dict[str, Any], cluster_id: str) -> None:
        body = {"cluster_id": cluster_id, "update_mask": ",".join(names), "cluster": fields}
        answer = post(still_server, "update", body)
        assert answer.body == {} or answer.status != 200
        json.dumps(ask(still_server, "GET", f"api/dbx/clusters/{cluster_id}").body)

    send()
