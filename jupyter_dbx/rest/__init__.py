"""HTTP: the wire format of the Databricks REST API, and our own words under `/api/dbx/`.

An endpoint is an async function from a `Call` and annotated arguments to a JSON object or a file, named in its file's `ROUTES`.
Its arguments are all that it can know of a request: `routes.py` reads them leniently by their types, and `openapi.py` describes
them, so that the description cannot but be true. `base.py` does what is the same for all requests (who calls, the body, the
error envelope). Two things are no endpoints: `feed.py` tells pages through Jupyter's event bus that something changed, and
`proxy.py` reads Spark's own web pages, which are closed to all others. May import `model`, `managers`, jupyter_server,
jupyter_events and tornado.
"""
