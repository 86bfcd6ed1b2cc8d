# Databricks notebook source
root = "/Volumes/main/default/idioms-stream"
dbutils.fs.rm(root, True)
for n in range(3):
    spark.range(n * 10, n * 10 + 10).write.mode("append").json(f"{root}/in")

# COMMAND ----------

stream = spark.readStream.schema("id long").option("maxFilesPerTrigger", 1).json(f"{root}/in")
query = (
    stream.writeStream.option("checkpointLocation", f"{root}/checkpoint")
    .trigger(availableNow=True)
    .toTable("idioms_stream")
)
query.awaitTermination()
assert spark.table("idioms_stream").count() == 30

# COMMAND ----------

display(stream.selectExpr("id % 2 AS odd").groupBy("odd").count(), trigger={"availableNow": True})

# COMMAND ----------

seen = []
query = stream.writeStream.foreachBatch(lambda batch, n: seen.append(batch.count())).trigger(availableNow=True).start()
query.awaitTermination()
assert sum(seen) == 30

# COMMAND ----------

memory = stream.writeStream.format("memory").queryName("in_memory").outputMode("append").start()
memory.processAllAvailable()
assert spark.sql("SELECT sum(id) AS s FROM in_memory").first().s == sum(range(30))
for query in spark.streams.active:
    query.stop()

# COMMAND ----------

spark.sql("DROP TABLE idioms_stream")
dbutils.fs.rm(root, True)
