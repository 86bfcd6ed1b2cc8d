"""What a notebook's page asks its kernel for."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import ATTACHMENT, FakeClient, FakeSession

from jupyter_dbx.kernel.client import RequestFailed
from jupyter_dbx.kernel.wishes import Wishes


class Comms:
    """A page that opens a comm, and the answer it gets."""

    def __init__(self) -> None:
        self.targets: dict[str, Any] = {}
        self.answers: list[dict[str, Any]] = []

    def register_target(self, name: str, on_open: Any) -> None:
        self.targets[name] = on_open

    def send(self, data: dict[str, Any]) -> None:
        self.answers.append(data)

    def open(self, wish: dict[str, Any]) -> dict[str, Any]:
        self.targets["jupyter_dbx"](self, {"content": {"data": wish}})
        return self.answers.pop()


@pytest.fixture
def page(client: FakeClient) -> Comms:
    comms = Comms()
    Wishes(FakeSession(client)).listen(comms)  # type: ignore[arg-type]  # as much of a session as it needs
    return comms


def test_notebook_is_attached_and_leaves_its_seat(page: Comms, client: FakeClient) -> None:
    assert page.open({"op": "attach", "cluster_id": "2"}) == {"granted": True}

    assert client.attached == ["2"]
    assert client.order == ["PUT", "release soon"]


def test_notebook_is_detached(page: Comms, client: FakeClient) -> None:
    client.attached.append("1")

    assert page.open({"op": "detach"}) == {"granted": True}

    assert client.attached == []
    assert client.order == ["DELETE", "release soon"]


def test_notebook_gets_a_fresh_session_on_the_same_cluster(page: Comms, client: FakeClient) -> None:
    client.attached.append("1")

    assert page.open({"op": "reattach"}) == {"granted": True}

    assert client.attached == ["1"]
    assert client.order == ["release soon"]


def test_refusal_is_told_and_the_seat_is_kept(page: Comms, client: FakeClient) -> None:
    client.refuse[ATTACHMENT] = RequestFailed("Cluster 9 does not exist.", "INVALID_PARAMETER_VALUE", 400)

    assert page.open({"op": "attach", "cluster_id": "9"}) == {"refused": "Cluster 9 does not exist."}
    assert "restart it to upgrade it" in page.open({"op": "dance"})["refused"]

    assert client.order == []
