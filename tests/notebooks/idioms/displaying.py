# Databricks notebook source
import datetime
import decimal

df = spark.createDataFrame(
    [
        (
            1,
            "a",
            decimal.Decimal("1.50"),
            datetime.date(1850, 1, 2),
            [1, None],
            {"x": 1.5},
            bytearray(b"\x00\xff"),
            None,
        ),
        (2**60, None, None, None, None, None, None, float("nan")),
    ],
    "n long, s string, d decimal(10,2), day date, l array<int>, m map<string,double>, b binary, f double",
)
display(df)
df.display()

# COMMAND ----------

# Names that are the same, or odd
display(df.selectExpr("n AS x", "s AS x", "1", "n AS `a.b`", "n AS ``"))

# COMMAND ----------

display(spark.range(1_000_000).selectExpr("id", "id % 7 AS k", "rand() AS r"))

# COMMAND ----------

display(spark.range(0))
display([("a", 1), ("b", 2)])
display([{"a": 1, "b": None}, {"a": 2, "b": "x"}])

# COMMAND ----------

import pandas as pd
import pyarrow as pa

frame = pd.DataFrame({"a": [1, 2], "t": pd.to_datetime(["2026-01-01", None])})
display(frame)
display(frame["a"])
display(pa.table({"a": [1, None]}))

# COMMAND ----------

displayHTML("<h3>A <i>title</i></h3>")

# COMMAND ----------

import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 2, 3])
display(figure)
plt.close(figure)

# COMMAND ----------

display(df.schema)

# COMMAND ----------

dbutils.data.summarize(spark.range(1000).selectExpr("id", "id % 10 AS k", "cast(id AS string) AS s"))
