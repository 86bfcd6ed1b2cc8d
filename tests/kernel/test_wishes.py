"""What a notebook's page asks its kernel for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_server import ATTACHMENT, FakeClient, FakeSession

from jupyter_dbx.kernel.client import RequestFailed
from jupyter_dbx.kernel.progress import CellProgress
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

    def on_msg(self, hear: Any) -> None:
        self.hear = hear

    def ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Return what is answered to a wish."""
        self.targets["jupyter_dbx"](self, {"content": {"data": {}}})
        self.hear({"content": {"data": wish | {"id": "7"}}})
        answer = self.answers.pop()
        assert answer.pop("id") == "7"
        return answer


@pytest.fixture
def page(client: FakeClient) -> Comms:
    comms = Comms()
    progress = CellProgress(SimpleNamespace(clear_output=None), "k1")
    Wishes(FakeSession(client), progress).listen(comms)  # type: ignore[arg-type]  # as much of a session as it needs
    return comms


def test_notebook_is_attached_and_leaves_its_seat(page: Comms, client: FakeClient) -> None:
    assert page.ask({"op": "attach", "cluster_id": "2"}) == {"granted": {}}

    assert client.attached == ["2"]
    assert client.order == ["PUT", "release soon"]


def test_notebook_is_detached(page: Comms, client: FakeClient) -> None:
    client.attached.append("1")

    assert page.ask({"op": "detach"}) == {"granted": {}}

    assert client.attached == []
    assert client.order == ["DELETE", "release soon"]


def test_notebook_gets_a_fresh_session_on_the_same_cluster(page: Comms, client: FakeClient) -> None:
    client.attached.append("1")

    assert page.ask({"op": "reattach"}) == {"granted": {}}

    assert client.attached == ["1"]
    assert client.order == ["release soon"]


def test_refusal_is_told_and_the_seat_is_kept(page: Comms, client: FakeClient) -> None:
    client.refuse[ATTACHMENT] = RequestFailed("Cluster 9 does not exist.", "INVALID_PARAMETER_VALUE", 400)

    assert page.ask({"op": "attach", "cluster_id": "9"}) == {"refused": "Cluster 9 does not exist."}
    assert "restart it to upgrade it" in page.ask({"op": "dance"})["refused"]

    assert client.order == []


def test_what_is_asked_of_a_table_that_is_gone_is_refused_in_a_sentence(page: Comms) -> None:
    for op in ("table_more", "table_profile", "table_download"):
        assert "run its cell again" in page.ask({"op": op, "table": "gone", "offset": 0, "rows": 1})["refused"]
