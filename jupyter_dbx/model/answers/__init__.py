"""Answers of the API: one class per answer, for the server that returns it and the clients that read it.

The OpenAPI description and the front end's TypeScript types are generated from these classes, too, so an answer is defined here
and nowhere else. There are three kinds of fields:

* `name: str = ""`: always on the wire. The default is for clients that read an answer of an older server.
* `name: str | None = None`: always on the wire, possibly as null.
* `name: Omittable[str] = UNSET`: omitted from the wire if unknown, as Databricks' clients expect. UNSET is falsy.

Classes are msgspec structs, see `rest/framework`. May import the other modules of `model`; none of them imports this package.
"""
