# Databricks notebook source
dbutils.widgets.removeAll()
dbutils.widgets.text("who", "Ada", "Who is it?")
dbutils.widgets.dropdown("year", "2025", ["2024", "2025", "2026"])
dbutils.widgets.combobox("city", "Oslo", ["Oslo", "Rome"])
dbutils.widgets.multiselect("days", "mon", ["mon", "tue", "wed"])

# COMMAND ----------

assert dbutils.widgets.getAll() == {"who": "Ada", "year": "2025", "city": "Oslo", "days": "mon"}
assert getArgument("year") == "2025"
assert dbutils.widgets.getArgument("nothing", "else") == "else"

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE WIDGET DROPDOWN shape DEFAULT 'round' CHOICES SELECT * FROM VALUES ('round'), ('square');
# MAGIC SELECT :who AS who, CAST(:year AS INT) + 1 AS next, '${city}' AS city, :shape AS shape

# COMMAND ----------

row = _sqldf.first()
assert (row.who, row.next, row.city, row.shape) == ("Ada", 2026, "Oslo", "round")

# COMMAND ----------

# MAGIC %sql
# MAGIC REMOVE WIDGET shape

# COMMAND ----------

dbutils.widgets.remove("days")
try:
    dbutils.widgets.get("days")
except Exception as error:
    assert "InputWidgetNotDefined" in str(error)
else:
    raise AssertionError("it is still there")
