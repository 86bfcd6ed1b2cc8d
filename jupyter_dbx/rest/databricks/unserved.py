"""Databricks' APIs that this server knows but does not have: requests to them get a sentence that says so.

Their status is 501: databricks-sdk raises `NotImplemented` at once, without retries. With 404 it would raise `NotFound`, which
programs take for a missing job or file.

Source: the paths of databricks-sdk.
"""

from __future__ import annotations

#: Advice by family. Most families have none, because nothing here is like them.
_RUN = "Run code in a notebook that is attached to a cluster."
_FILES = "Use dbutils.fs in a notebook, or the files of this JupyterLab."
_SQL = "Use %sql or spark.sql in a notebook."
_PERMISSIONS = "Permissions exist for clusters only."

#: Path below `/api/2.x/` of each family → what to do instead, or "".
FAMILIES = {
    **dict.fromkeys(("commands", "contexts", "libraries"), _RUN),
    **dict.fromkeys(("jobs", "pipelines"), _RUN),
    **dict.fromkeys(("dbfs", "fs", "workspace", "repos", "git-credentials"), _FILES),
    **dict.fromkeys(("sql", "preview/sql", "unity-catalog"), _SQL),
    **dict.fromkeys(
        (
            f"permissions/{kind}"
            for kind in (
                "apps authorization cluster-policies dashboards dbsql-dashboards directories experiments files instance-pools "
                "jobs notebooks pipelines queries registered-models repos serving-endpoints sql warehouses"
            ).split()
        ),
        _PERMISSIONS,
    ),
    **dict.fromkeys(
        (
            "access-control accounts agents ai-search alerts apps automl budget-policies bundle clean-rooms "
            "credentials-manager data-sharing database entity-tag-assignments feature-engineering feature-store genie "
            "global-init-scripts identity instance-pools instance-profiles ip-access-lists lakeview lineage-tracking "
            "marketplace-consumer marketplace-exchange marketplace-provider mlflow notification-destinations online-tables "
            "permissionmigration policies policy-families postgres preview/accounts quality-monitoring quality-monitors "
            "redash-v2 serving-endpoints settings tag-policies vector-search workspace-conf"
        ).split(),
        "",
    ),
}

#: Beginnings of paths of Databricks' APIs outside of `/api/2.x/`.
OUTSIDE = (
    "api/3.0",
    *(
        f"api/{family}/v1"
        for family in (
            "compute-migrations data-classification data-quality disaster-recovery environments networking warehouses"
        ).split()
    ),
    "oidc",
    "serving-endpoints",
    "sql/1.0",
    "sql/protocolv1",
)

_SERVED = "It serves clusters, permissions on clusters, secrets and SCIM's users and groups."


def unserved(path: str) -> str:
    """Return the sentence about the API of a path, or "" if the path belongs to no API that is known.

    Parameters
    ----------
    path : of a request, relative to `/api/`, e.g. "2.1/jobs/list"; or relative to `/` if it begins like one of OUTSIDE
    """
    found = next((begin for begin in OUTSIDE if _begins(path, begin)), "")
    version, _, rest = path.partition("/")
    if not found and version != "dbx":
        found = next((family for family in FAMILIES if _begins(rest, family)), "")
    if not found:
        return ""
    return " ".join(
        filter(None, [f"This server does not have Databricks' API {found!r}. {_SERVED}", FAMILIES.get(found)])
    )


def _begins(path: str, begin: str) -> bool:
    return path == begin or path.startswith(f"{begin}/")
