"""`/api/dbx/openapi.json`: the description of every route, made from the table that requests are answered by.

Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Sequence
from functools import cache

from jupyter_dbx import __version__
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Arg, Call, Download, Parameter, Route

_ERROR: Json = {
    "type": "object",
    "properties": {
        "error_code": {"type": "string", "description": "A word for programs."},
        "message": {"type": "string", "description": "A sentence for people, with what to do next."},
    },
    "required": ["error_code", "message"],
}

_REFUSED: Json = {
    "description": "It was refused, and nothing was changed.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def describing(routes: Sequence[Route]) -> Route:
    """Return the route that describes these routes, and itself."""

    async def openapi(call: Call) -> Json:
        """Return this description."""
        return description()

    @cache
    def description() -> Json:
        return describe([*routes, route])

    route = Route("GET", "dbx/openapi.json", openapi)
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
            "description": "Clusters in the wire format of the Databricks REST API (2.x), and in our own words (dbx).",
        },
        # Relative to this description, which is at …/api/dbx/openapi.json behind whatever base URL.
        "servers": [{"url": "../"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "The Jupyter server's token."}
            },
        },
    }


def _operation(route: Route) -> Json:
    in_body = route.method in ("POST", "PUT", "PATCH")
    outside = [p for p in route.parameters if not in_body or p.name in route.in_path]
    words = inspect.getdoc(route.endpoint) or ""
    operation: Json = {
        "operationId": re.sub(r"\W+", "_", f"{route.method} {route.path}").strip("_"),
        "summary": words.partition("\n")[0],
        "description": words,
        "tags": ["dbx" if route.path.startswith("dbx/") else "databricks"],
        "parameters": [_parameter(p, "path" if p.name in route.in_path else "query") for p in outside],
        "responses": {"200": _answer(route), "4XX": _REFUSED, "5XX": _REFUSED},
    }
    inside = [p for p in route.parameters if p not in outside]
    if inside:
        schema = _body(inside)
        required = bool(schema.get("required"))
        operation["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: Route) -> Json:
    if typing.get_type_hints(route.endpoint)["return"] is Download:
        return {"description": "A file.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"description": "It was done.", "content": {"application/json": {"schema": {"type": "object"}}}}


def _parameter(parameter: Parameter, where: str) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": where,
        "required": where == "path" or parameter.required,
        "schema": parameter.schema(),
        "description": parameter.about.doc if isinstance(parameter.about, Arg) else "",
    }
    # A list is the same parameter several times.
    return described | ({"style": "form", "explode": True} if described["schema"]["type"] == "array" else {})


def _body(parameters: Sequence[Parameter]) -> Json:
    """Return the schema of a body: an object of these parameters, and of all fields of one that takes the rest."""
    body: Json = {"type": "object", "properties": {}}
    for parameter in parameters:
        if isinstance(parameter.about, Arg):
            body["properties"][parameter.name] = parameter.schema() | {"description": parameter.about.doc}
        else:
            rest = parameter.schema()
            body = rest | {"properties": rest["properties"] | body["properties"]}
    required = [p.name for p in parameters if p.required and isinstance(p.about, Arg)]
    return body | ({"required": required} if required else {})
