# Databricks notebook source
dbutils.widgets.text("times", "1")
times = int(dbutils.widgets.get("times"))

# COMMAND ----------

import json

dbutils.notebook.exit(
    json.dumps(
        {
            "times": times,
            "sees_mine": spark.catalog.tableExists("mine"),
            "cluster": spark.conf.get("spark.databricks.clusterUsageTags.clusterId"),
        }
    )
)

# COMMAND ----------

raise RuntimeError("nobody comes here")
