# Databricks notebook source
import uuid

from databricks.sdk import WorkspaceClient

w = WorkspaceClient()
scope, value = f"idioms-{uuid.uuid4().hex[:8]}", "correct horse battery"
w.secrets.create_scope(scope)
w.secrets.put_secret(scope, "phrase", string_value=value)

# COMMAND ----------

assert scope in [s.name for s in dbutils.secrets.listScopes()]
assert [s.key for s in dbutils.secrets.list(scope)] == ["phrase"]
found = dbutils.secrets.get(scope=scope, key="phrase")
assert found == value
assert dbutils.secrets.getBytes(scope, "phrase") == value.encode()

# COMMAND ----------

print(found)
found

# COMMAND ----------

from databricks.sdk.runtime import dbutils as same, spark as session

assert same is dbutils
assert session is spark

# COMMAND ----------

try:
    dbutils.secrets.get(scope, "nothing")
except Exception as error:
    assert "nothing" in str(error)
else:
    raise AssertionError("there is no such key")

# COMMAND ----------

w.secrets.delete_scope(scope)
dbutils.secrets.help()
