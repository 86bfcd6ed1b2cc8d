# Databricks notebook source
import json

spark.range(7).createOrReplaceTempView("mine")
result = json.loads(dbutils.notebook.run("./tools/child", 120, {"times": "3"}))
assert result["times"] == 3
assert result["sees_mine"] is False
assert result["cluster"] == spark.conf.get("spark.databricks.clusterUsageTags.clusterId")

# COMMAND ----------

try:
    dbutils.notebook.run("./tools/child", 120, {"times": "no number"})
except Exception as error:
    assert "child.py failed in cell 1" in str(error) and "ValueError" in str(error)
else:
    raise AssertionError("it did not fail")

# COMMAND ----------

try:
    dbutils.notebook.run("./tools/child", 0.5, {"times": "4"})
except Exception as error:
    assert "did not finish within 0.5 s" in str(error), error
else:
    raise AssertionError("it was fast")

# COMMAND ----------

context = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
assert context.notebookPath().get().endswith("/running")
folder = context.notebookPath().get().rsplit("/", 1)[0]
assert json.loads(dbutils.notebook.run(f"/Workspace{folder}/tools/child", 120))["times"] == 1
assert context.clusterId().get() == result["cluster"]
assert context.apiUrl().get().startswith("http")
assert context.tags().get("user").get() == context.userName().get()
assert json.loads(context.toJson())["extraContext"]["notebook_path"] == context.notebookPath().get()

# COMMAND ----------

dbutils.jobs.taskValues.set("rows", 7)
assert dbutils.jobs.taskValues.get(taskKey="before", key="rows", debugValue=5) == 5
