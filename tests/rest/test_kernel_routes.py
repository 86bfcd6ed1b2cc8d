"""`/api/dbx/kernels/…`: attachments of notebooks, and the contact with which a kernel takes its seat."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from http_client import Response, create, fetch, wait_for
from live import Notebook, Server

UNKNOWN = "1234-567890-abcdefgh"


def attachment(
    server: Server, method: str, kernel_id: str, body: Any = None, *, query: str = "", **more: Any
) -> Response:
    return fetch(server, method, f"api/dbx/kernels/{kernel_id}/cluster?{query}", body, **more)


def seat(server: Server, kernel_id: str, **args: Any) -> Response:
    return fetch(server, "POST", f"api/dbx/kernels/{kernel_id}/seat", args)


@pytest.fixture
def kernel_id(request: pytest.FixtureRequest) -> str:
    """An id of a kernel that this server does not know: attachments work for kernels of other servers, too."""
    return re.sub(r"\W", "-", request.node.name)


@pytest.fixture(scope="module")
def notebook_kernel(whole_server: Server) -> Iterator[str]:
    """The id of a plain kernel that belongs to the notebook `work/a b.ipynb`."""
    (whole_server.workspace.root / "work").mkdir()
    model = {"path": "work/a b.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    session = whole_server.call("POST", "api/sessions", model)
    yield session["kernel"]["id"]
    whole_server.call("DELETE", f"api/sessions/{session['id']}")


@pytest.mark.parametrize("field", ["cluster", "cluster_id"])
@pytest.mark.parametrize("by", ["id", "name"])
def test_notebook_is_attached_by_id_or_name(server: Server, kernel_id: str, by: str, field: str) -> None:
    cluster_id = create(server, cluster_name="etl")

    put = attachment(server, "PUT", kernel_id, {field: cluster_id if by == "id" else "etl"})
    got = attachment(server, "GET", kernel_id)

    facts = {"cluster_id": cluster_id, "cluster_name": "etl", "path": kernel_id}
    assert put.status == got.status == 200
    assert {name: put.body[name] for name in facts} == facts
    assert {name: got.body[name] for name in facts} == facts
    assert got.body["attached_time"] == put.body["attached_time"] > 0


def test_attachment_contains_the_state_of_its_cluster(server: Server, kernel_id: str) -> None:
    cluster_id = create(server)
    attachment(server, "PUT", kernel_id, {"cluster": cluster_id})
    wait_for(server, cluster_id, "RUNNING")

    up = attachment(server, "GET", kernel_id)
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")
    ended = attachment(server, "GET", kernel_id)

    assert (up.body["state"], ended.body["state"]) == ("RUNNING", "TERMINATED")


def test_clusters_are_listed_with_the_attached_one(server: Server, kernel_id: str) -> None:
    path = f"api/dbx/kernels/{kernel_id}/clusters"
    cluster_id = create(server)

    before = fetch(server, "GET", path)
    attachment(server, "PUT", kernel_id, {"cluster": cluster_id})
    after = fetch(server, "GET", path)

    assert (before.body["attached"], after.body["attached"]) == ("", cluster_id)
    assert [c["cluster_id"] for c in after.body["clusters"]] == [cluster_id]
    assert "live" in after.body["clusters"][0]


def test_detaching_is_idempotent(server: Server, kernel_id: str) -> None:
    attachment(server, "PUT", kernel_id, {"cluster": create(server)})

    answers = [attachment(server, "DELETE", kernel_id) for _ in range(2)]

    assert [(a.status, a.body) for a in answers] == [(200, {})] * 2
    assert attachment(server, "GET", kernel_id).error == (404, "RESOURCE_DOES_NOT_EXIST")


CHOICES = {"one": {"cluster": "one"}, "two": {"cluster": "two"}, "none": None}


@pytest.mark.parametrize("order", list(itertools.product(CHOICES, repeat=2)), ids="-".join)
def test_last_choice_counts_whoever_made_it(server: Server, kernel_id: str, order: tuple[str, str]) -> None:
    """A notebook in two tabs, or a tab and a program: each has its own kernel, and the file names a third cluster."""
    ids = {name: create(server, cluster_name=name) for name in ("one", "two", "file")} | {"none": ""}
    kernels, query = (f"{kernel_id}-a", f"{kernel_id}-b"), urlencode({"path": f"{kernel_id}.ipynb"})

    for kernel, choice in zip(kernels, order, strict=True):
        attachment(server, "PUT" if CHOICES[choice] else "DELETE", kernel, CHOICES[choice], query=query)

    last = order[-1]
    for kernel in kernels:
        shown = fetch(server, "GET", f"api/dbx/kernels/{kernel}?candidate=file&{query}")
        taken = seat(server, kernel, path=f"{kernel_id}.ipynb", candidates=["file"])
        assert (shown.body["cluster_id"], shown.body["is_chosen"]) == (ids[last], True)
        assert taken.body.get("cluster_id") == (ids[last] or None)


@pytest.mark.parametrize("name", ["etl", "gone"])
def test_cluster_in_the_file_is_shown_until_there_is_a_choice(server: Server, kernel_id: str, name: str) -> None:
    cluster_id = create(server, cluster_name="etl")

    shown = fetch(server, "GET", f"api/dbx/kernels/{kernel_id}?candidate={name}").body

    assert (shown["cluster_id"], shown["is_chosen"]) == (cluster_id if name == "etl" else "gone", False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"cluster": "two"}, "Several clusters are named 'two'. Use an ID: "),
        ({"cluster": "none"}, "Cluster none does not exist"),
        ({"cluster": UNKNOWN}, f"Cluster {UNKNOWN} does not exist"),
        ({"cluster": ["two"]}, "cluster must be a string"),
        ({"cluster": ""}, "cluster is missing"),
        ({}, "cluster is missing"),
        (None, "cluster is missing"),
    ],
)
def test_failed_attach_keeps_the_old_attachment(server: Server, kernel_id: str, body: Any, message: str) -> None:
    ids = [create(server, cluster_name="two") for _ in range(2)]
    old = attachment(server, "PUT", kernel_id, {"cluster": create(server, cluster_name="one")}).body

    response = attachment(server, "PUT", kernel_id, body)

    assert response.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in response.body["message"]
    assert "Several" not in message or all(cluster_id in response.body["message"] for cluster_id in ids)
    assert attachment(server, "GET", kernel_id).body["cluster_id"] == old["cluster_id"]


def test_attachment_ends_with_its_cluster(server: Server, kernel_id: str) -> None:
    cluster_id = create(server)
    attachment(server, "PUT", kernel_id, {"cluster": cluster_id})

    fetch(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})

    response = attachment(server, "GET", kernel_id)
    assert response.error == (404, "RESOURCE_DOES_NOT_EXIST")
    assert response.body["message"] == "This notebook is not attached to a cluster."


def test_notebook_of_a_session_is_identified_by_its_path(server: Server, notebook_kernel: str) -> None:
    cluster_id = create(server)

    put = attachment(server, "PUT", notebook_kernel, {"cluster": cluster_id, "path": "elsewhere.ipynb"})
    path = str(server.workspace.root / "work" / "a b.ipynb")
    by_path = attachment(server, "GET", "another-kernel", query=urlencode({"path": path}))
    attachment(server, "DELETE", notebook_kernel)
    detached = attachment(server, "GET", "another-kernel", query=urlencode({"path": path}))

    assert put.body["path"] == path
    assert by_path.body["cluster_id"] == cluster_id
    assert detached.status == 404


def test_kernel_without_a_session_is_identified_by_its_path_or_id(server: Server, kernel_id: str) -> None:
    cluster_id = create(server)

    by_path = attachment(server, "PUT", kernel_id, {"cluster": cluster_id, "path": "given.ipynb"})
    by_id = attachment(server, "PUT", kernel_id, {"cluster": cluster_id})

    assert (by_path.body["path"], by_id.body["path"]) == ("given.ipynb", kernel_id)


@pytest.mark.parametrize("path", ["Ünï 🎉.ipynb", "a'b\"c.ipynb", "../up.ipynb", "x" * 400, "a%20b.ipynb"])
def test_any_path_is_stored_unchanged(server: Server, kernel_id: str, path: str) -> None:
    attachment(server, "PUT", kernel_id, {"cluster": create(server), "path": path})

    found = attachment(server, "GET", "another-kernel", query=urlencode({"path": path}))

    assert (found.status, found.body.get("path")) == (200, path)


def test_seat_on_a_running_cluster_has_the_drivers_address_and_a_ticket(server: Server, kernel_id: str) -> None:
    cluster_id = create(server, cluster_name="etl")
    attachment(server, "PUT", kernel_id, {"cluster": cluster_id})
    wait_for(server, cluster_id, "RUNNING")

    mine, again, others = seat(server, kernel_id), seat(server, kernel_id), seat(server, "other", candidates=["etl"])

    driver = server.cluster(cluster_id)["driver"]["node_id"]
    assert mine.body | {"ticket": ""} == {
        "cluster_id": cluster_id,
        "cluster_name": "etl",
        "state": "RUNNING",
        "state_message": "",
        "url": f"memory://{driver}",
        "ticket": "",
    }
    assert re.fullmatch("[0-9a-f]{64}", mine.body["ticket"])
    assert again.body == mine.body
    assert others.body["ticket"] != mine.body["ticket"]


def test_seat_has_no_ticket_while_the_driver_is_not_running(server: Server, kernel_id: str, hold: Any) -> None:
    hold()
    attachment(server, "PUT", kernel_id, {"cluster": create(server)})

    answer = seat(server, kernel_id)

    assert (answer.status, answer.body["state"]) == (200, "PENDING")
    assert (answer.body["url"], answer.body["ticket"]) == ("", "")


def test_seat_on_a_terminated_cluster_has_the_reason(server: Server, kernel_id: str) -> None:
    cluster_id = create(server)
    attachment(server, "PUT", kernel_id, {"cluster": cluster_id})
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")

    answer = seat(server, kernel_id)

    assert (answer.body["state"], answer.body["url"]) == ("TERMINATED", "")


@pytest.mark.parametrize(
    ("candidates", "name"),
    [
        (["one", "two"], "one"),
        (["", "two"], "two"),
        (["", None, "two"], "two"),
        ("two", "two"),
    ],
)
def test_seat_without_attachment_is_on_the_first_candidate(
    server: Server, kernel_id: str, candidates: object, name: str
) -> None:
    for each in ("one", "two"):
        create(server, cluster_name=each)

    assert seat(server, kernel_id, candidates=candidates).body["cluster_name"] == name


def test_attachment_takes_precedence_over_candidates(server: Server, kernel_id: str) -> None:
    for each in ("one", "two"):
        create(server, cluster_name=each)
    attachment(server, "PUT", kernel_id, {"cluster": "two"})

    assert seat(server, kernel_id, candidates=["one"]).body["cluster_name"] == "two"


@pytest.mark.parametrize("candidates", [None, [], ["", None], ""])
def test_seat_without_attachment_or_candidates_fails(server: Server, kernel_id: str, candidates: object) -> None:
    response = seat(server, kernel_id, candidates=candidates)

    assert response.error == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "not attached to a cluster" in response.body["message"]


def test_seat_on_a_deleted_cluster_fails_with_its_name(server: Server, kernel_id: str) -> None:
    response = seat(server, kernel_id, candidates=["gone", "other"])

    assert response.error == (404, "RESOURCE_DOES_NOT_EXIST")
    assert response.body["message"] == ("The cluster 'gone' of this notebook no longer exists. Attach another one.")


@pytest.mark.parametrize("candidates", [5, {"a": 1}, [{}], True])
def test_invalid_candidates_fail(server: Server, kernel_id: str, candidates: object) -> None:
    response = seat(server, kernel_id, candidates=candidates)

    assert response.status in (400, 404)


def test_kernel_token_is_valid_while_the_kernel_runs(server: Server, notebook_kernel: str) -> None:
    cluster_id = create(server)
    (server.workspace.root / "own.ipynb").touch()
    notebook = Notebook(server, "own.ipynb", kernel="jupyter-dbx")
    try:
        contact = "get_ipython().kernel.spark_session.notebook._contact"
        given = notebook.value(
            f"{{name: getattr({contact}, name) for name in ('kernel_id', 'notebook', 'server_url', 'kernel_token')}}"
        )
        inherited = notebook.value("[name for name in __import__('os').environ if name.startswith('DBX_')]")
        token = given["kernel_token"]

        own = attachment(server, "PUT", notebook.kernel_id, {"cluster": cluster_id}, token=token)
        others = attachment(server, "PUT", notebook_kernel, {"cluster": cluster_id}, token=token)
        child = attachment(server, "PUT", "started-from-a-cell", {"cluster": cluster_id}, token=token)
        clusters = fetch(server, "GET", "api/2.0/clusters/list", token=token)
        files, _ = server.refusal("GET", "api/contents", token=token)
    finally:
        notebook.close()
    after = fetch(server, "GET", "api/2.0/clusters/list", token=token)

    assert (given["server_url"], given["kernel_id"]) == (server.url, notebook.kernel_id)
    assert given["notebook"].endswith("own.ipynb") and token != "test-token"
    assert inherited == []
    assert (own.status, own.body["path"]) == (200, str(server.workspace.root / "own.ipynb"))
    assert others.error == (403, "PERMISSION_DENIED")
    assert (child.status, child.body["path"]) == (200, "started-from-a-cell")
    assert (clusters.status, files, after.status) == (200, 403, 403)
