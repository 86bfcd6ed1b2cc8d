"""Raw HTTP to a server under test; what must hold of every answer is checked at every answer."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from live import TOKEN, Server


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def refusal(self) -> tuple[int, str]:
        """Return status and error code."""
        return self.status, str(self.body.get("error_code", ""))


def ask(
    server: Server,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str = TOKEN,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return the answer to one request; bytes are sent as they are, other bodies as JSON."""
    url = urlsplit(server.url)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    sent = ({"Authorization": f"Bearer {token}"} if token else {}) | dict(headers or {})
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=30)
    try:
        connection.request(method, url.path + path, data, sent)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    answer = Answer(response.status, response.headers, json.loads(text, parse_constant=_refuse_constant))
    _check(answer, text)
    return answer


def _refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def _check(answer: Answer, text: str) -> None:
    """Assert that this is JSON in an object, from this workspace, and an envelope if it is a refusal."""
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["x-databricks-org-id"]) > 0
    assert isinstance(answer.body, dict)
    assert "Traceback" not in text
    if answer.status == 200:
        assert "error_code" not in answer.body
        return
    assert 400 <= answer.status < 600
    assert set(answer.body) == {"error_code", "message"}
    assert all(isinstance(value, str) and value for value in answer.body.values())


def create(server: Server, **spec: Any) -> str:
    """Return the id of a new cluster; of one worker unless the spec says otherwise."""
    sizes = {} if spec.keys() & {"num_workers", "autoscale", "is_single_node"} else {"num_workers": 1}
    answer = ask(server, "POST", "api/2.0/clusters/create", {"cluster_name": "demo"} | sizes | spec)
    assert answer.status == 200, answer.body
    return str(answer.body["cluster_id"])


def clusters_of(server: Server) -> list[dict[str, Any]]:
    """Return every cluster, sorted by id."""
    found = ask(server, "GET", "api/2.0/clusters/list").body["clusters"]
    return sorted(found, key=lambda cluster: str(cluster["cluster_id"]))


def wait_for(server: Server, cluster_id: str, *states: str) -> dict[str, Any]:
    """Return the cluster once it is in one of these states."""
    deadline = time.monotonic() + 20
    while (cluster := server.cluster(cluster_id))["state"] not in states:
        assert time.monotonic() < deadline, cluster
        time.sleep(0.02)
    return cluster


def delete_all(server: Server) -> None:
    """Delete every cluster for good."""
    for cluster in clusters_of(server):
        ask(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster["cluster_id"]})


@contextmanager
def unchanged(server: Server) -> Iterator[None]:
    """Assert that the clusters are the same before and after."""
    before = clusters_of(server)
    yield
    assert clusters_of(server) == before
