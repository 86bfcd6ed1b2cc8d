"""Two users, a group and an administrator on JupyterHub, on one shared control plane, as different OS users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hub import Hub, UserServer
from live import Notebook

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster(hub: Hub, ann: UserServer) -> Iterator[str]:
    """Ann's cluster."""
    cluster_id = ann.create("etl", num_workers=1)
    ann.wait(cluster_id, "RUNNING")
    yield cluster_id
    ann.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})


def test_bob_uses_anns_cluster_as_another_os_user(hub: Hub, ann: UserServer, bob: UserServer, cluster: str) -> None:
    notebook = Notebook(ann, "a.ipynb").attach(cluster)
    assert notebook.value("spark.range(100).count()") == 100
    assert notebook.value("import os; os.getuid()") == hub.users["ann"].uid
