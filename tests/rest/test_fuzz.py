"""Generated requests from the OpenAPI description, in every state: each succeeds, or fails without changing anything."""

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
from generated_specs import LIKELY, SPECS, TEXT
from http_client import Response, fetch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from live import TOKEN, Server
from passive_app import LOG_PATH
from samples import sample_cluster, sample_facts, sample_status
from schemathesis.checks import CHECKS

from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.secret import SecretScope
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.rest.framework.openapi import describe
from jupyter_dbx.rest.table import ROUTES
from jupyter_dbx.store import Store

#: Number of valid and of invalid requests per operation.
EXAMPLES = 8

#: Reproducible, without deadlines and without shrinking.
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

#: Each endpoint once, in its last version; every request has a valid token.
_description = describe(list({route.endpoint: route for route in ROUTES}.values())) | {"security": []}
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(_description).get_all_operations()]

_VALID, _INVALID = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE

#: An operation that takes only path parameters has no invalid requests.
REQUESTS = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in OPERATIONS
    for mode in (_VALID, _INVALID)
    if mode is _VALID or operation.query or operation.body
]

#: Every answer must conform to the description.
CONFORMS = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)

_S = ClusterState

#: Facts of the clusters that each test starts with, one in every state.
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

#: An existing secret scope, and the keys that most requests use.
SCOPE, KEYS = "fuzz", ("a", "b")

_serial = itertools.count()


def seed(server: Server, owner: str = "ada", grants: tuple[Grant, ...] = ()) -> list[str]:
    """Store a cluster in every state and a scope, delete the clusters of other tests, and return the clusters' ids."""

    async def write() -> list[str]:
        store = await Store(f"sqlite:///{server.workspace.data}/dbx.db").open()
        for old in await store.clusters.list():
            await store.forget(old)
        ids = []
        for facts in STATES:
            cluster = sample_cluster(
                cluster_id=f"fuzz-{next(_serial)}", creator_user_name=owner, grants=grants, **facts
            )
            spec = replace(cluster.spec, num_workers=1, node_type_id="memory-1c")
            event = Event(Subject.cluster(cluster.cluster_id), store.now_ms(), EventType.CREATING)
            await store.clusters.save(replace(cluster, spec=spec, num_workers=1, settled_workers=1), event)
            ids.append(cluster.cluster_id)
        if await store.scopes.get(SCOPE) is None:
            await store.scopes.save(SecretScope(SCOPE, SCOPE))
        await store.close()
        return ids

    return asyncio.run(write())


def revision(server: Server) -> int:
    """Return the number of changes to the store so far."""
    with closing(sqlite3.connect(f"file:{server.workspace.data}/dbx.db?mode=ro", uri=True)) as store:
        return int(store.execute("SELECT value FROM revision").fetchone()[0])


def aim(case: schemathesis.Case, ids: Sequence[str], data: st.DataObject) -> None:
    """Make most requests refer to an existing cluster, log, node type and scope."""
    for part in (case.path_parameters, case.query, case.body):
        if not isinstance(part, dict):
            continue
        existing = {"cluster_id": ids, "cluster": ids, "path": [LOG_PATH], "scope": [SCOPE], "key": KEYS, **_SIZES}
        for name, known in existing.items():
            if isinstance(part.get(name), str) and data.draw(st.integers(0, 4)):
                part[name] = data.draw(st.sampled_from(known))


@pytest.mark.parametrize(("operation", "mode"), REQUESTS)
def test_any_request_gets_a_described_answer_or_fails_without_changes(
    passive_server: Server, operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode
) -> None:
    ids = seed(passive_server)

    @SETTINGS
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        aim(case, ids, data)
        before = revision(passive_server)
        response = case.call(f"{passive_server.url}api", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        case.validate_response(response, checks=CONFORMS)
        assert response.status_code in (200, 400, 404), response.text
        assert response.status_code == 200 or revision(passive_server) == before, case.as_curl_command()

    send()


_masks = st.lists(
    st.sampled_from([*LIKELY, "spark_conf.spark.a", "autoscale.max_workers", "*", "state"]) | TEXT, max_size=4
)


def post(server: Server, verb: str, body: dict[str, Any]) -> Response:
    """Send a request and return its response; check that an error has changed nothing and has a reason."""
    before = revision(server)
    answer = fetch(server, "POST", f"api/2.1/clusters/{verb}", body)
    if answer.status != 200:
        assert 400 <= answer.status < 500, answer.body
        assert revision(server) == before
    return answer


@pytest.mark.parametrize("verb", ["create", "edit"])
def test_any_spec_is_accepted_as_returned_or_fails_with_a_reason(passive_server: Server, verb: str) -> None:
    ids = seed(passive_server)
    terminated = ids[6]

    @settings(SETTINGS, max_examples=80)
    @given(spec=SPECS)
    def send(spec: dict[str, Any]) -> None:
        if verb == "edit":
            spec = spec | {"cluster_id": terminated}
        answer = post(passive_server, verb, spec)
        if answer.status != 200:
            return
        cluster_id = answer.body.get("cluster_id", terminated)
        shown = fetch(passive_server, "GET", f"api/2.1/clusters/get?cluster_id={cluster_id}").body
        assert shown["cluster_id"] == cluster_id
        # A returned spec is accepted again, unchanged.
        assert post(passive_server, "edit", {"cluster_id": terminated} | shown["spec"]).status == 200
        again = fetch(passive_server, "GET", f"api/2.1/clusters/get?cluster_id={terminated}").body
        assert again["spec"] == shown["spec"]
        if verb == "create":
            post(passive_server, "permanent-delete", {"cluster_id": cluster_id})

    send()


def test_any_update_succeeds_or_fails_with_a_reason(passive_server: Server) -> None:
    ids = seed(passive_server)

    @settings(SETTINGS, max_examples=80)
    @given(names=_masks, fields=SPECS, cluster_id=st.sampled_from(ids))
    def send(names: list[str], fields: dict[str, Any], cluster_id: str) -> None:
        body = {"cluster_id": cluster_id, "update_mask": ",".join(names), "cluster": fields}
        answer = post(passive_server, "update", body)
        assert answer.body == {} or answer.status != 200
        json.dumps(fetch(passive_server, "GET", f"api/dbx/clusters/{cluster_id}").body)

    send()
