"""Generated requests of two users at once, about the clusters of one of them: the other never gets more than was granted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from live import Server
from test_authorisation import TABLE
from test_fuzz import CONFORMS, REQUESTS, SETTINGS, aim, revision, seed

from jupyter_dbx.model.access import CLUSTER_LEVELS, Grant

#: What the owner has granted, by user; the strength of the level.
GRANTED = {"reader": 1, "restarter": 2, "owner": 3}

_GRANTS = tuple(
    Grant("user_name", user, CLUSTER_LEVELS[strength - 1]) for user, strength in GRANTED.items() if user != "owner"
)


def named_by(case: schemathesis.Case) -> str:
    """Return the id of the cluster that a request is about, or ""."""
    parts: list[Mapping[str, Any]] = [
        part for part in (case.body, case.query, case.path_parameters) if isinstance(part, dict)
    ]
    return next((str(part["cluster_id"]) for part in reversed(parts) if part.get("cluster_id")), "")


@pytest.mark.parametrize(("operation", "mode"), REQUESTS)
def test_neither_of_two_users_gets_more_than_granted(
    team: Server, operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode
) -> None:
    ids = seed(team, "owner", _GRANTS)
    kind, _, wanted = TABLE[operation.label.replace(" /2.1/", " 2.0/").replace(" /", " ")].partition(" ")
    seen: Counter[tuple[str, int]] = Counter()

    @SETTINGS
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        aim(case, ids, data)
        for user in (data.draw(st.sampled_from(["reader", "restarter"])), "owner"):
            before = revision(team)
            response = case.call(f"{team.url}api", headers={"Authorization": f"Bearer {user}"}, timeout=30)
            case.validate_response(response, checks=CONFORMS)
            status = response.status_code
            assert status in (200, 400, 403, 404), response.text
            assert status == 200 or revision(team) == before, case.as_curl_command()
            if kind == "cluster" and named_by(case) in ids:
                seen[user, status] += 1
                assert GRANTED[user] >= int(wanted) or status != 200, case.as_curl_command()
                assert GRANTED[user] < int(wanted) or status != 403, response.text

    send()

    refused = {user for user, status in seen if status == 403}
    assert refused == {user for user, _ in seen if GRANTED[user] < int(wanted or 0)}, seen
