"""When a notebook's seat is given back."""

from __future__ import annotations

import pytest

from jupyter_dbx.kernel.contact import Contact
from jupyter_dbx.kernel.session import NotebookSession


@pytest.fixture
def released() -> list[str]:
    return []


@pytest.fixture
def session(released: list[str], monkeypatch: pytest.MonkeyPatch) -> NotebookSession:
    """A session that notes when its seat is given back."""
    session = NotebookSession(Contact("k1"), {}, lambda _: None)
    leave = session.leave
    monkeypatch.setattr(session, "leave", lambda: (released.append("released"), leave()))
    return session


def test_seat_is_given_back_at_once_when_no_cell_runs(session: NotebookSession, released: list[str]) -> None:
    session.release_soon()

    assert released == ["released"]


def test_seat_is_given_back_when_the_running_cell_has_ended(session: NotebookSession, released: list[str]) -> None:
    session.begin_cell("1")
    session.release_soon()
    assert released == []

    session.end_cell()
    assert released == ["released"]

    session.begin_cell("1")
    session.end_cell()
    assert released == ["released"]


@pytest.mark.parametrize(("keeps", "left"), [(False, []), (True, ["kept"])])
def test_packages_go_when_the_notebook_detaches_but_not_with_its_session(
    session: NotebookSession, monkeypatch: pytest.MonkeyPatch, keeps: bool, left: list[str]
) -> None:
    packages = ["kept"]
    monkeypatch.setattr(session.environment, "discard", packages.clear)

    session.release(keeps_packages=keeps)

    assert packages == left
