"""`%cluster create` and `delete`: no duplicates, and clusters that are in use are protected."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import FakeClient, a_cluster, a_pulse
from IPython.core.error import UsageError

from jupyter_dbx.kernel.magics.cluster import ClusterMagics


def test_create_of_an_existing_name_attaches_that_cluster(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    magics.cluster("create etl --workers 5")

    assert client.requests_to("create") == []
    assert client.attached == ["1"]
    assert (
        "A cluster named etl already exists. Attached to it as it is: 2 workers · local-1c-2g each."
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("facts", "why"), [({"live": a_pulse()}, "is used by 1 other notebook"), ({"pinned": True}, "is pinned")]
)
def test_delete_of_a_used_or_pinned_cluster_needs_a_confirmation(
    magics: ClusterMagics, client: FakeClient, facts: dict[str, Any], why: str
) -> None:
    client.known[0] = a_cluster("1", "etl", **facts)

    with pytest.raises(UsageError, match=f"etl {why}. .*`%cluster delete etl --yes`"):
        magics.cluster("delete etl")
    assert client.requests_to("permanent-delete") == []

    magics.cluster("delete etl --yes")
    assert client.requests_to("permanent-delete") == [{"cluster_id": "1"}]
