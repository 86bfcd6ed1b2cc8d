"""HTTP: the wire format of the Databricks REST API, and our own words under `/api/dbx/`.

An endpoint is an async function from a `Call` to a JSON object, named in its file's `ROUTES`; `base.py` does everything that
is the same for all of them (who calls, reading leniently, the error envelope). May import `model`, `managers`, jupyter_server
and tornado.
"""
