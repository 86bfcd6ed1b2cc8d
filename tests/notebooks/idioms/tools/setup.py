# Databricks notebook source
# MAGIC %md Makes what others need.

# COMMAND ----------

dbutils.widgets.text("greeting", "Hello")
greeting = dbutils.widgets.get("greeting")


def greet(name):
    return f"{greeting} {name}"


# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REPLACE TEMPORARY VIEW greetings AS SELECT :greeting AS words
