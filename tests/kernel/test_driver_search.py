"""A cell that needs Spark while the server, or what it depends on, restarts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_dbx.client.transport import RequestFailed, Unavailable
from jupyter_dbx.kernel.errors import NoCluster
from jupyter_dbx.kernel.session import driver_search
from jupyter_dbx.kernel.session.driver_search import DriverSearch
from jupyter_dbx.model.protocol import DriverContact

DOWN = Unavailable("The control plane is not responding.", "TEMPORARILY_UNAVAILABLE", 503)
OFF = DriverContact("c1", "etl", "TERMINATED", "")
UP = DriverContact("c1", "etl", "RUNNING", "", url="http://driver", ticket="t")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_search, "POLL_S", 0.01)


def search(*answers: DriverContact | Exception) -> tuple[DriverSearch, list[str]]:
    """Return the search of an attached notebook whose server gives these answers, and the status lines it shows."""
    given, lines = iter(answers), list[str]()

    def request_seat(*_: Any) -> DriverContact:
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    notebook = SimpleNamespace(
        runs_on="", kernel_id="k", path="/n.ipynb", client=SimpleNamespace(request_seat=request_seat)
    )
    return DriverSearch(notebook, lines.append), lines  # type: ignore[arg-type]  # all that it uses


def test_a_cell_waits_while_the_control_plane_restarts() -> None:
    found, lines = search(DOWN, DOWN, UP)

    assert found.find() == UP
    assert lines == ["Waiting for the server. The control plane is not responding."] * 2 + [""]


def test_a_cell_does_not_wait_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_search, "PATIENCE_S", 0.05)

    with pytest.raises(NoCluster, match="The control plane is not responding"):
        search(*[DOWN] * 1000)[0].find()


def test_a_refusal_is_no_outage() -> None:
    with pytest.raises(NoCluster, match="You may not"):
        search(RequestFailed("You may not.", "PERMISSION_DENIED", 403), UP)[0].find()


def test_a_cluster_that_ends_between_two_searches_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = search(OFF, UP, OFF, UP)
    started: list[str] = []
    monkeypatch.setattr(found._notebook.client, "start_cluster", started.append, raising=False)

    assert (found.find(), found.find()) == (UP, UP)
    assert started == ["c1", "c1"]
