"""Properties in which notebooks for Databricks read facts about their cluster."""

from __future__ import annotations

import json

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.node import NodeType
from jupyter_dbx.model.versions import KEY

PREFIX = "spark.databricks.clusterUsageTags"


def usage_tags(cluster: Cluster, *, org_id: int, driver: NodeType, worker: NodeType) -> dict[str, str]:
    """Return the properties of a cluster that do not change while it runs.

    Source: their use in public notebooks; Databricks does not document them.
    """
    spec = cluster.spec
    tags = cluster.default_tags | spec.custom_tags
    facts = {
        "clusterId": cluster.cluster_id,
        "clusterName": spec.cluster_name,
        "clusterAllTags": json.dumps([{"key": name, "value": value} for name, value in tags.items()]),
        "clusterOwnerOrgId": str(org_id),
        "orgId": str(org_id),
        "clusterNodeType": worker.node_type_id,
        "driverNodeType": driver.node_type_id,
        "clusterScalingType": "autoscaling" if spec.autoscale else "fixed_size",
        "autoTerminationMinutes": str(spec.autotermination_minutes or 0),
        "sparkVersion": KEY,
    }
    return {
        **{f"{PREFIX}.{name}": value for name, value in facts.items()},
        # Clusters have no credentials of their users for cloud storage.
        "spark.databricks.passthrough.enabled": "false",
    }
