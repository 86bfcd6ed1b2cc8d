"""When a notebook's seat is released, and what a cell learns that has no cluster."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import FakeClient

from jupyter_dbx.kernel.errors import NoCluster
from jupyter_dbx.kernel.session.notebook import Notebook
from jupyter_dbx.kernel.session.seat import Seat
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.model.kernel_contact import KernelContact
from jupyter_dbx.model.protocol import DriverContact, RunningCell

CONTACT = DriverContact("c", "demo", "RUNNING", "", "http://driver", "ticket")


@pytest.fixture
def released() -> list[str]:
    return []


@pytest.fixture
def session(released: list[str], monkeypatch: pytest.MonkeyPatch) -> NotebookSession:
    """A session that records when its seat is released."""
    session = NotebookSession(Notebook(KernelContact("k1")), {}, lambda _: None)
    leave = session.leave
    monkeypatch.setattr(session, "leave", lambda: (released.append("released"), leave()))
    return session


def test_seat_is_released_at_once_when_no_cell_is_running(session: NotebookSession, released: list[str]) -> None:
    session.release_soon()

    assert released == ["released"]


def test_seat_is_released_when_the_running_cell_ends(session: NotebookSession, released: list[str]) -> None:
    with session.handling() as cell:
        session.cells.begin(cell)
        session.release_soon()
        with session.handling():
            pass
        assert released == []
    assert released == ["released"]

    with session.handling() as cell:
        session.cells.begin(cell)
    assert released == ["released"]


def test_seat_is_released_after_a_detach_elsewhere_unless_it_was_replaced(
    session: NotebookSession, released: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Seat(CONTACT, "k1", ""), Seat(CONTACT, "k1", "")
    monkeypatch.setattr(session, "_seat", new)

    session._on_dismissed(old)
    assert released == []
    session._on_dismissed(new)

    assert released == ["released"]


def test_driver_is_notified_which_cells_run(session: NotebookSession, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(session, "_seat", "a seat")
    monkeypatch.setattr(session, "send", sent.append)

    with session.handling("main") as main:
        session.cells.begin(main)
        with session.handling("sub") as sub:
            session.cells.begin(sub)

    assert sent == [RunningCell(1, "main"), RunningCell(2, "sub", (1,)), RunningCell(1, "main"), RunningCell(0, "")]


def test_interrupt_stops_what_runs_beside_jobs(session: NotebookSession) -> None:
    stopped: list[str] = []
    with session.stopped_by_interrupts(lambda: stopped.append("a child")):
        session.interrupt()

    session.interrupt()

    assert stopped == ["a child"]


@pytest.mark.parametrize(("keeps", "left"), [(False, []), (True, ["kept"])])
def test_packages_are_removed_on_detach_but_not_with_the_session(
    session: NotebookSession, monkeypatch: pytest.MonkeyPatch, keeps: bool, left: list[str]
) -> None:
    packages = ["kept"]
    monkeypatch.setattr(session.notebook.environment, "discard", packages.clear)

    session.release(keeps_packages=keeps)

    assert packages == left


@pytest.fixture
def client(session: NotebookSession) -> FakeClient:
    """The server of the notebook's kernel."""
    client = FakeClient("http://fake/", "t")
    session.notebook._client = client
    return client


def test_hint_names_the_commands_if_no_cluster_is_attached(session: NotebookSession, client: FakeClient) -> None:
    assert session.hint_for("spark") == NoCluster.HINT


def test_hint_is_about_first_use_if_a_cluster_is_attached(session: NotebookSession, client: FakeClient) -> None:
    client.attached.append("1")

    assert session.hint_for("sc").startswith("`sc` exists from the first cell with its name")


def test_hint_after_a_detach_does_not_count_on_the_default_cluster(client: FakeClient) -> None:
    session = NotebookSession(Notebook(KernelContact("k1")), {}, lambda _: None, "default")
    session.notebook._client = client
    assert session.hint_for("spark") != NoCluster.HINT

    client.detach("k1", "")

    assert session.hint_for("spark") == NoCluster.HINT


def test_hint_has_the_reason_only_in_the_cell_that_found_no_cluster(
    session: NotebookSession, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise NoCluster("There is no cluster 'old'.")

    monkeypatch.setattr(session, "bind", refuse)
    with session.handling("spark") as cell:
        session.cells.begin(cell)
        session.bind_names("spark")
        assert session.hint_for("spark") == "There is no cluster 'old'."

    client.attached.append("1")
    with session.handling("module.function()") as cell:
        session.cells.begin(cell)
        assert "Modules get the session by" in session.hint_for("spark")
