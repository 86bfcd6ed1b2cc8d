"""`/api/dbx/openapi.json`: the OpenAPI description, generated from the table of routes.

Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Sequence
from dataclasses import is_dataclass
from functools import cache

import msgspec

from jupyter_dbx import __version__
from jupyter_dbx.model.answers.answer import EXTRA, Answer
from jupyter_dbx.model.answers.errors import Error
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Download, Parameter, Rest, Route
from jupyter_dbx.rest.framework.needs import Role

_REF = "#/components/schemas/{name}"

_ERROR: Json = {
    "description": "The request failed and nothing was changed.",
    "content": {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}},
}


def describing(routes: Sequence[Route]) -> Route:
    """Return the route whose answer describes these routes and itself."""

    async def openapi(call: Call) -> Json:
        """Return this OpenAPI description."""
        return description()

    @cache
    def description() -> Json:
        return describe([*routes, route])

    route = Route("GET", "dbx/openapi.json", openapi, Role.ANYBODY)
    return route


def describe(routes: Sequence[Route]) -> Json:
    """Return the OpenAPI description of these routes."""
    paths: Json = {}
    for route in routes:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_dbx",
            "version": __version__,
            "description": "Managed Spark clusters: the Databricks REST API (2.x) and jupyter_dbx's own API (dbx).",
        },
        # Relative to this description at …/api/dbx/openapi.json, so that it is correct behind any base URL.
        "servers": [{"url": "../"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _request_schemas(routes) | _schemas([Error, *filter(None, map(_answer_type, routes))]),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "The Jupyter server's token."}
            },
        },
    }


def _operation(route: Route) -> Json:
    in_body = route.method in ("POST", "PUT", "PATCH")
    outside = [p for p in route.parameters if not in_body or p.name in route.in_path]
    doc = inspect.getdoc(route.endpoint) or ""
    operation: Json = {
        "operationId": re.sub(r"\W+", "_", f"{route.method} {route.path}").strip("_"),
        "summary": doc.partition("\n")[0],
        "description": doc,
        "tags": ["dbx" if route.path.startswith("dbx/") else "databricks"],
        "parameters": [_parameter(p, "path" if p.name in route.in_path else "query") for p in outside],
        "responses": {"200": _answer(route), "4XX": _ERROR, "5XX": _ERROR},
    }
    inside = [p for p in route.parameters if p not in outside]
    if inside:
        schema = _body(inside)
        required = bool(schema.get("required"))
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: Route) -> Json:
    if typing.get_type_hints(route.endpoint)["return"] is Download:
        return {"description": "A text file.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    kind = _answer_type(route)
    schema = {"$ref": _REF.format(name=kind.__name__)} if kind else {"type": "object"}
    doc = inspect.getdoc(kind) if kind else "This OpenAPI description."
    return {"description": doc, "content": {"application/json": {"schema": schema}}}


def _answer_type(route: Route) -> type | None:
    """Return the class of a route's answer, or None if that is a file or plain JSON."""
    kind = typing.get_type_hints(route.endpoint)["return"]
    if kind is Download:
        return None
    return kind if isinstance(kind, type) and (issubclass(kind, Answer) or is_dataclass(kind)) else None


def _request_schemas(routes: Sequence[Route]) -> Json:
    """Return the schemas of Rest arguments, by name; answers refer to them, too."""
    found = [p.about for route in routes for p in route.parameters if isinstance(p.about, Rest)]
    return {rest.name: dict(rest.schema) for rest in found}


def _schemas(kinds: Sequence[type]) -> Json:
    """Return the schemas of answers and of everything in them, by name."""
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    return {name: _as_sent(schema) for name, schema in sorted(schemas.items())}


def _as_sent(schema: Json) -> Json:
    """Return a schema as the server sends it: a field with a default for clients is required, an omittable one is not."""
    fields: Json = schema["properties"]
    fields.pop(EXTRA, None)  # an object may have more fields, unless a schema forbids it
    always = [name for name, field in fields.items() if "default" in field or name in schema["required"]]
    for field in fields.values():
        field.pop("default", None)
        # Versions of msgspec differ in this order, and generated types should not.
        field.get("anyOf", []).sort(key=lambda kind: kind == {"type": "null"})
    return schema | {"required": always}


def _parameter(parameter: Parameter, where: str) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": where,
        "required": where == "path" or parameter.required,
        "schema": parameter.schema(),
        "description": parameter.about.doc if isinstance(parameter.about, Arg) else "",
    }
    # A list is a repeated parameter.
    return described | ({"style": "form", "explode": True} if described["schema"]["type"] == "array" else {})


def _body(parameters: Sequence[Parameter]) -> Json:
    """Return the schema of a body: these parameters, plus the fields of a Rest argument."""
    body: Json = {"type": "object", "properties": {}}
    for parameter in parameters:
        if isinstance(parameter.about, Arg):
            body["properties"][parameter.name] = parameter.schema() | {"description": parameter.about.doc}
        else:
            rest = parameter.schema()
            body = rest | {"properties": rest["properties"] | body["properties"]}
    required = [p.name for p in parameters if p.required and isinstance(p.about, Arg)]
    return body | ({"required": required} if required else {})
