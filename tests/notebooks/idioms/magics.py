# Databricks notebook source
# MAGIC %md
# MAGIC # Magics
# MAGIC Each language on the first line of its cell.

# COMMAND ----------

# MAGIC %python
# MAGIC limit = 3
# MAGIC spark.range(10).selectExpr("id", "id % 2 = 0 AS is_even").createOrReplaceTempView("numbers")

# COMMAND ----------

# DBTITLE 1,A query
# MAGIC %sql
# MAGIC -- comments; with a semicolon
# MAGIC CREATE OR REPLACE TEMPORARY VIEW even AS
# MAGIC SELECT id, ';' AS mark FROM numbers WHERE is_even;
# MAGIC
# MAGIC SELECT id FROM even WHERE id >= :limit ORDER BY id;

# COMMAND ----------

assert [row.id for row in _sqldf.collect()] == [4, 6, 8]

# COMMAND ----------

# MAGIC %sql SELECT count(*) AS n FROM numbers

# COMMAND ----------

assert _sqldf.first().n == 10
assert sql("SELECT 1 AS one").first().one == 1
assert table("numbers").count() == 10
assert spark.sql("SELECT * FROM {n} WHERE id < 2", n=table("numbers")).count() == 2

# COMMAND ----------

# MAGIC %sh
# MAGIC echo "from the shell" > /Workspace/magics-shell.txt
# MAGIC cat /Workspace/magics-shell.txt

# COMMAND ----------

with open("/Workspace/magics-shell.txt") as file:
    assert file.read() == "from the shell\n"

# COMMAND ----------

# MAGIC %fs ls dbfs:/

# COMMAND ----------

# MAGIC %skip
# MAGIC raise RuntimeError("nobody runs this")

# COMMAND ----------

# MAGIC %run ./tools/setup $greeting="Hei"

# COMMAND ----------

assert (greet("Ada"), spark.table("greetings").first().words) == ("Hei Ada", "Hei")

# COMMAND ----------

# MAGIC %lsmagic

# COMMAND ----------


@udf("long")
def twice(n):
    return 2 * n


assert spark.range(3).select(twice("id").alias("n")).agg({"n": "sum"}).first()[0] == 6
assert sqlContext.sql("SELECT 1").count() == 1
