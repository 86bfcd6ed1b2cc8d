"""`%cluster create` and `delete`: nothing is made twice, and nothing that others may miss is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import FakeClient, a_cluster, a_pulse
from IPython.core.error import UsageError

from jupyter_dbx.kernel.magics.cluster import ClusterMagics


def test_create_of_a_name_that_is_there_attaches_that_cluster(
    magics: ClusterMagics, client: FakeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    magics.cluster("create etl --workers 5")

    assert client.asked("create") == []
    assert client.attached == ["1"]
    assert "There is a cluster etl already (2 workers, each local-1c-2g): attached" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("facts", "why"), [({"live": a_pulse()}, "is used by 1 other notebook"), ({"pinned": True}, "is pinned")]
)
def test_delete_of_what_others_may_miss_needs_a_yes(
    magics: ClusterMagics, client: FakeClient, facts: dict[str, Any], why: str
) -> None:
    client.known[0] = a_cluster("1", "etl", **facts)

    with pytest.raises(UsageError, match=f"etl {why}: `%cluster delete etl --yes`"):
        magics.cluster("delete etl")
    assert client.asked("permanent-delete") == []

    magics.cluster("delete etl --yes")
    assert client.asked("permanent-delete") == [{"cluster_id": "1"}]
