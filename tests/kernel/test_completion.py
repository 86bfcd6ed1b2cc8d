"""Tab after `%cluster`: verbs, options, clusters, node types; without a long delay."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fake_server import FakeClient, FakeSession, a_cluster
from IPython.core.completer import CompletionContext

from jupyter_dbx.client.transport import ServerUnreachable
from jupyter_dbx.kernel.magics import completion
from jupyter_dbx.kernel.magics.completion import ClusterCompleter
from jupyter_dbx.kernel.magics.options import VERBS


@pytest.fixture
def client() -> FakeClient:
    return FakeClient("http://fake/", "t", known=[a_cluster("1", "etl"), a_cluster("2", "my own"), a_cluster("3", "")])


def complete(client: FakeClient, line: str, completer: ClusterCompleter | None = None) -> list[str] | None:
    """Return the completions of a line, or None if other matchers complete it."""
    token = line.split(" ")[-1]
    context = CompletionContext(token=token, full_text=line, cursor_position=len(line), cursor_line=0, limit=None)
    found = (completer or ClusterCompleter(FakeSession(client))).match(context)
    return [completion.text for completion in found["completions"]] if found["suppress"] else None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%cluster ", list(VERBS)),
        ("%cluster re", ["restart", "resize"]),
        ("  c = %cluster li", ["list"]),
        ("%cluster attach ", ["etl", "'my own'", "3"]),
        ("%cluster attach e", ["etl"]),
        ("%cluster start etl ", ["--json"]),
        ("%cluster list --", ["--json"]),
        ("%cluster resize etl --m", ["--min-workers", "--max-workers"]),
        ("%cluster create x --node-type ", ["local-1c", "local-2c"]),
        ("%cluster edit etl --driver-node-type local-2", ["local-2c"]),
        ("%cluster create x --conf ", []),
        ("%cluster create ", []),
        ("%cluster explode ", []),
    ],
)
def test_line_is_completed(client: FakeClient, line: str, words: list[str]) -> None:
    assert complete(client, line) == words


@pytest.mark.parametrize("line", ["cluster.", "%clusters ", "x = 1; print(", "%sql SELECT ", "# %cluster "])
def test_other_lines_are_not_completed(client: FakeClient, line: str) -> None:
    assert complete(client, line) is None
    assert client.requests == []


def test_answer_is_cached(client: FakeClient) -> None:
    completer = ClusterCompleter(FakeSession(client))

    assert complete(client, "%cluster attach ", completer) == complete(client, "%cluster attach ", completer)

    assert len(client.requests) == 1


def test_server_that_is_away_is_no_error(client: FakeClient) -> None:
    client.errors["dbx/clusters"] = ServerUnreachable()

    assert complete(client, "%cluster attach ") == []


def test_slow_server_does_not_block(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, answered = threading.Event(), threading.Event()

    def call(*_: object, **__: object) -> dict[str, Any]:
        answer.wait(30)
        answered.set()
        return {"clusters": client.known}

    monkeypatch.setattr(completion, "TIMEOUT_S", 0.05)
    monkeypatch.setattr(FakeClient, "call", call)
    completer = ClusterCompleter(FakeSession(client))

    assert complete(client, "%cluster attach e", completer) == []
    assert not answered.is_set()

    answer.set()
    assert answered.wait(10)
    monkeypatch.setattr(completion, "TIMEOUT_S", 10)
    assert complete(client, "%cluster attach e", completer) == ["etl"]
