"""HTTP: the wire format of the Databricks REST API, and our own words under `/api/dbx/`.

An endpoint is an async function from a `Call` and annotated arguments to a JSON object or a file, named in its file's `ROUTES`.
Its arguments are all that it can know of a request: `routes.py` reads them leniently by their types, and `openapi.py` describes
them, so that the description cannot but be true. `base.py` does what is the same for all requests (who calls, the body, the
error envelope). May import `model`, `managers`, jupyter_server and tornado.
"""
