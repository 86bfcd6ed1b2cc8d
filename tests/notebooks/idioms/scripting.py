# Databricks notebook source
# MAGIC %sql
# MAGIC DECLARE OR REPLACE VARIABLE steps INT DEFAULT 0

# COMMAND ----------

# MAGIC %sql
# MAGIC BEGIN
# MAGIC   DECLARE n INT DEFAULT 0;
# MAGIC   WHILE n < 3 DO
# MAGIC     SET n = n + 1;
# MAGIC     IF n = 2 THEN
# MAGIC       SET steps = steps + 10;
# MAGIC     ELSE
# MAGIC       SET steps = steps + 1;
# MAGIC     END IF;
# MAGIC   END WHILE;
# MAGIC   SELECT n, steps;
# MAGIC END

# COMMAND ----------

assert tuple(_sqldf.first()) == (3, 12)

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE SCHEMA IF NOT EXISTS idioms;
# MAGIC USE idioms;
# MAGIC CREATE OR REPLACE TEMPORARY VIEW sales AS
# MAGIC   SELECT * FROM VALUES ('north', 10), ('south', 30), ('north', 5) AS t(region, amount);
# MAGIC EXECUTE IMMEDIATE 'SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY total DESC';

# COMMAND ----------

assert [tuple(row) for row in _sqldf.collect()] == [("south", 30), ("north", 15)]

# COMMAND ----------

# MAGIC %sql
# MAGIC FROM sales |> AGGREGATE sum(amount) AS total |> EXTEND total * 2 AS twice

# COMMAND ----------

assert tuple(_sqldf.first()) == (45, 90)

# COMMAND ----------

# MAGIC %sql
# MAGIC USE default;
# MAGIC DROP SCHEMA idioms CASCADE
