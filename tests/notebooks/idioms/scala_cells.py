# Databricks notebook source
spark.range(100).selectExpr("id", "id % 3 AS k").createOrReplaceTempView("from_python")

# COMMAND ----------

# MAGIC %scala
# MAGIC case class Count(k: Long, n: Long)
# MAGIC
# MAGIC val counts = spark.table("from_python").groupByKey(_.getLong(1)).mapGroups((k, rows) => Count(k, rows.size))
# MAGIC counts.toDF().createOrReplaceTempView("from_scala")
# MAGIC println(s"groups: ${counts.count()}")

# COMMAND ----------

assert {row.k: row.n for row in spark.table("from_scala").collect()} == {0: 34, 1: 33, 2: 33}

# COMMAND ----------

# MAGIC %scala
# MAGIC val most = counts.map(c => c.copy(n = c.n * 2)).collect().map(_.n).max
# MAGIC display(spark.range(3))
# MAGIC Seq(most).toDF("most").createOrReplaceTempView("most")

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT most + 1 AS more FROM most

# COMMAND ----------

assert _sqldf.first().more == 69
