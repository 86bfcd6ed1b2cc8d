# Databricks notebook source
# MAGIC %pip install -q cowsay==6.0

# COMMAND ----------

import cowsay

assert "moo" in cowsay.get_output_string("cow", "moo")
left = "over"

# COMMAND ----------


def says(words):
    import cowsay

    return cowsay.get_output_string("cow", words).strip().splitlines()[-1].strip()


assert spark.range(2).rdd.map(lambda _: says("hei")).collect() == [says("hei")] * 2

# COMMAND ----------

# MAGIC %pip install -q cowsay==6.1

# COMMAND ----------

spark.range(1).createOrReplaceTempView("stays")
dbutils.library.restartPython()

# COMMAND ----------

from importlib.metadata import version

assert "left" not in globals()
assert version("cowsay") == "6.1"
assert spark.table("stays").count() == 1
