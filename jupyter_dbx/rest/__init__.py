"""HTTP: the wire format of the Databricks REST API, and jupyter_dbx's own API under `/api/dbx/`.

`framework` defines what an endpoint is: how it is declared, called and described in OpenAPI. `databricks` and `dbx` contain the
endpoints of the two APIs, and `table.py` lists all routes. Two modules are not endpoints: `dbx/feed.py` notifies pages of changes
through Jupyter's event bus, and `dbx/spark_ui.py` is the proxy for Spark's web UIs. `door` is what a user's own server has
instead of all this if it uses a shared control plane.
"""
