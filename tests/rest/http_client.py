"""Raw HTTP requests to a server under test. Every response is checked for what all responses have in common."""

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

from jupyter_dbx.model.answers.answer import decode
from jupyter_dbx.model.answers.errors import Error
from jupyter_dbx.model.errors import Reason


@dataclass(frozen=True)
class Response:
    """The response of a server."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def error(self) -> tuple[int, str]:
        """Return status and error code."""
        return self.status, str(self.body.get("error_code", ""))

    @property
    def reason(self) -> str:
        """Return the reason of the error, or ""."""
        return decode(Error, self.body).reason

    @property
    def field(self) -> str:
        """Return the invalid field, or ""."""
        return decode(Error, self.body).field


def fetch(
    server: Server,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str = TOKEN,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a request and return the response; bytes are sent unchanged, other bodies as JSON."""
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
    answer = Response(response.status, response.headers, json.loads(text, parse_constant=_refuse_constant))
    _check(answer, text)
    return answer


def _refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is not valid JSON")


def _check(answer: Response, text: str) -> None:
    """Assert that this is a JSON object with the workspace's id, and the error envelope if it is an error."""
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["x-databricks-org-id"]) > 0
    assert isinstance(answer.body, dict)
    assert "Traceback" not in text
    if answer.status == 200:
        assert "error_code" not in answer.body
        return
    assert 400 <= answer.status < 600
    assert set(answer.body) == {"error_code", "message", "details"}
    assert answer.body["error_code"] and answer.body["message"]
    assert answer.reason in [reason.value for reason in Reason]


def create(server: Server, **spec: Any) -> str:
    """Create a cluster, with one worker unless the spec has a size, and return its id."""
    sizes = {} if spec.keys() & {"num_workers", "autoscale", "is_single_node"} else {"num_workers": 1}
    answer = fetch(server, "POST", "api/2.0/clusters/create", {"cluster_name": "demo"} | sizes | spec)
    assert answer.status == 200, answer.body
    return str(answer.body["cluster_id"])


def clusters_of(server: Server) -> list[dict[str, Any]]:
    """Return all clusters, sorted by id."""
    found = fetch(server, "GET", "api/2.0/clusters/list").body["clusters"]
    return sorted(found, key=lambda cluster: str(cluster["cluster_id"]))


def wait_for(server: Server, cluster_id: str, *states: str) -> dict[str, Any]:
    """Return the cluster once it is in one of these states."""
    deadline = time.monotonic() + 20
    while (cluster := server.cluster(cluster_id))["state"] not in states:
        assert time.monotonic() < deadline, cluster
        time.sleep(0.02)
    return cluster


def delete_all(server: Server) -> None:
    """Delete all clusters permanently."""
    for cluster in clusters_of(server):
        fetch(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster["cluster_id"]})


@contextmanager
def unchanged(server: Server) -> Iterator[None]:
    """Assert that the clusters are the same before and after."""
    before = clusters_of(server)
    yield
    assert clusters_of(server) == before
