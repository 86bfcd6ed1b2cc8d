"""`python -m jupyter_dbx.rest`: prints the schemas of all answers as an OpenAPI description, for type generators."""

from __future__ import annotations

import json

from jupyter_dbx.rest.framework.openapi import describe
from jupyter_dbx.rest.table import ROUTES

if __name__ == "__main__":
    print(json.dumps(describe(ROUTES) | {"paths": {}}, indent=2))
