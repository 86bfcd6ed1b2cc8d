"""The table of routes: reading an endpoint's arguments, and the OpenAPI description."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
import schemathesis
from databricks.sdk.service.compute import ClustersAPI

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.databricks.cluster_spec import SPEC
from jupyter_dbx.rest.databricks.clusters import ANSWER_ONLY
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Rest, Route
from jupyter_dbx.rest.framework.needs import Role
from jupyter_dbx.rest.framework.openapi import describe
from jupyter_dbx.rest.table import ROUTES


async def endpoint(
    call: Any,
    cluster_id: Annotated[str, Arg("Which.")],
    rest: Annotated[Json, Rest("Rest", {"type": "object", "properties": {"x": {"type": "string"}}})],
    order: Annotated[str, Arg("How.", one_of=("UP", "DOWN"))] = "UP",
    limit: Annotated[int, Arg("How many.", minimum=1, maximum=5)] = 3,
    offset: Annotated[int, Arg("From where.", minimum=0)] | None = None,
    pinned: Annotated[bool, Arg("Whether.", name="filter_by.pinned")] | None = None,
    kinds: Annotated[Sequence[str], Arg("Of which.")] = (),
    items: Annotated[Sequence[Json], Arg("These.")] = (),
    autoscale: Annotated[Autoscale, Arg("Bounds.")] | None = None,
) -> Json:
    """Return the arguments that were read.

    More of it.
    """
    return {name: value for name, value in locals().items() if name != "call"}


ROUTE = Route("POST", "2.1/a.b/{cluster_id}", endpoint, Role.ANYBODY)

DEFAULTS: dict[str, Any] = {
    "cluster_id": "c",
    "rest": {},
    "order": "UP",
    "limit": 3,
    "offset": None,
    "pinned": None,
    "kinds": [],
    "items": [],
    "autoscale": None,
}


def read(**args: Any) -> Any:
    """Return the arguments that the endpoint receives."""
    return asyncio.run(ROUTE.answer(Call(None, "ada", "http://here/"), {"cluster_id": "c"} | args))  # type: ignore[arg-type]  # not used


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ({}, {}),
        ({"order": "down"}, {"order": "DOWN"}),
        ({"order": "", "limit": "", "offset": None, "kinds": None}, {}),
        ({"limit": "5"}, {"limit": 5}),
        ({"offset": 0}, {"offset": 0}),
        ({"filter_by.pinned": "False"}, {"pinned": False}),
        ({"kinds": "A"}, {"kinds": ["A"]}),
        ({"kinds": ["A", "", "B"]}, {"kinds": ["A", "B"]}),
        ({"items": [{"a": 1}]}, {"items": [{"a": 1}]}),
        ({"autoscale": {"min_workers": "1", "max_workers": 2}}, {"autoscale": Autoscale(1, 2)}),
        ({"x": "1", "pinned": True, "limit": 1}, {"rest": {"x": "1", "pinned": True}, "limit": 1}),
    ],
)
def test_arguments_are_read_by_type(sent: dict[str, Any], got: dict[str, Any]) -> None:
    assert read(**sent) == DEFAULTS | got


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"cluster_id": ""}, "cluster_id is missing"),
        ({"cluster_id": None}, "cluster_id is missing"),
        ({"cluster_id": "a\0"}, "cluster_id must not contain a NUL character"),
        ({"order": "LEFT"}, "order must be UP or DOWN, not 'LEFT'"),
        ({"limit": 0}, "limit must be between 1 and 5, not 0"),
        ({"limit": 6}, "limit must be between 1 and 5, not 6"),
        ({"limit": "x"}, "limit must be a whole number"),
        ({"offset": -1}, "offset must be 0 or more, not -1"),
        ({"filter_by.pinned": "maybe"}, "filter_by.pinned must be true or false"),
        ({"kinds": [{}]}, "kinds must be a string"),
        ({"items": ["a"]}, "items must be an object"),
    ],
)
def test_invalid_argument_fails_with_its_name(sent: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParameterValue, match=message):
        read(**sent)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "2.1/a.b/c-1", {"cluster_id": "c-1"}),
        ("POST", "2.1/a.b/c/d", None),
        ("POST", "2.1/a.b/", None),
        ("POST", "2.1/aXb/c", None),
        ("POST", "201/a.b/c", None),
        ("GET", "2.1/a.b/c", None),
    ],
)
def test_path_is_matched_exactly(method: str, path: str, found: object) -> None:
    assert ROUTE.match(method, path) == found


def test_route_is_described_by_its_endpoints_arguments() -> None:
    operation = describe([ROUTE])["paths"]["/2.1/a.b/{cluster_id}"]["post"]

    assert (operation["summary"], operation["operationId"]) == (
        "Return the arguments that were read.",
        "POST_2_1_a_b_cluster_id",
    )
    (in_path,) = operation["parameters"]
    assert (in_path["name"], in_path["in"], in_path["required"]) == ("cluster_id", "path", True)
    body = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert list(body) == ["x", "order", "limit", "offset", "filter_by.pinned", "kinds", "items", "autoscale"]
    assert body["order"] == {"type": "string", "enum": ["UP", "DOWN"], "default": "UP", "description": "How."}
    assert body["limit"] == {"type": "integer", "minimum": 1, "maximum": 5, "default": 3, "description": "How many."}


def operations() -> list[tuple[str, str, Any]]:
    paths = describe(ROUTES)["paths"]
    return [(method.upper(), path.removeprefix("/"), paths[path][method]) for path in paths for method in paths[path]]


def test_description_is_valid() -> None:
    schemathesis.openapi.from_dict(describe(ROUTES)).validate()


def test_every_route_is_described_once() -> None:
    described = [(method, path) for method, path, _ in operations()]

    assert sorted(described) == sorted((route.method, route.path) for route in ROUTES)
    assert len({operation["operationId"] for _, _, operation in operations()}) == len(ROUTES)


def test_endpoint_reads_only_described_arguments() -> None:
    # A Call contains only the caller, the way, and the URL of a request, so everything else must be an argument of the endpoint.
    assert {f.name for f in dataclasses.fields(Call)} == {"services", "principal", "root", "door"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_and_argument_is_documented(route: Route) -> None:
    names = {parameter.name for parameter in route.parameters}

    assert (inspect.getdoc(route.endpoint) or "").partition("\n")[0].endswith(".")
    assert set(route.in_path) <= names
    assert all(p.about.doc.endswith(".") for p in route.parameters if isinstance(p.about, Arg))
    # A Rest argument would conflict with another argument of the same name.
    assert len(names) == len(route.parameters)


def test_every_field_of_a_spec_is_described() -> None:
    fields = {f.name for f in dataclasses.fields(ClusterSpec)} - {"extra"}

    assert fields <= set(SPEC["properties"])
    assert ANSWER_ONLY.isdisjoint(SPEC["properties"])


def sdk_methods() -> list[str]:
    named = [name for name, _ in inspect.getmembers(ClustersAPI, inspect.isfunction) if not name.startswith("_")]
    derived = ("wait_get_", "select_", "ensure_")
    return [name for name in named if not name.startswith(derived) and not name.endswith("_and_wait")]


def path_of(method: str) -> str:
    """Return the path that a method of the SDK requests."""
    if "permission" in method:
        return "2.0/permissions/clusters/{cluster_id}" + ("/permissionLevels" if method.endswith("levels") else "")
    return f"2.1/clusters/{method.replace('_', '-')}"


@pytest.mark.parametrize("method", sdk_methods())
def test_every_argument_of_the_sdk_is_declared(method: str) -> None:
    sent = list(inspect.signature(getattr(ClustersAPI, method)).parameters)[1:]
    routes = [route for route in ROUTES if route.path == path_of(method)]
    assert routes, f"there is no route for {method}"

    declared = {p.name for route in routes for p in route.parameters}
    open_ended = any(isinstance(p.about, Rest) for route in routes for p in route.parameters)

    assert open_ended or all(any(d == name or d.startswith(f"{name}.") for d in declared) for name in sent)


def test_every_answer_is_described_but_the_description_itself() -> None:
    description = describe(ROUTES)

    undescribed = [
        path
        for path, operations in description["paths"].items()
        for operation in operations.values()
        if "$ref" not in str(operation["responses"]["200"]["content"])
    ]

    assert undescribed == ["/dbx/clusters/{cluster_id}/log/download", "/dbx/openapi.json"]


def test_fields_that_may_be_left_out_are_told_from_those_that_may_be_null() -> None:
    cluster = describe(ROUTES)["components"]["schemas"]["ClusterView"]

    assert {"live", "state", "pinned"} <= set(cluster["required"])
    assert {"terminated_time", "autoscale", "spec"}.isdisjoint(cluster["required"])
    assert {"type": "null"} in cluster["properties"]["live"]["anyOf"]
