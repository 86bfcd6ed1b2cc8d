# Databricks notebook source
root = "/Volumes/main/default/idioms"
dbutils.fs.rm(root, True)
dbutils.fs.mkdirs(f"{root}/in")
dbutils.fs.put(f"{root}/in/a.csv", "name,age\nAda,36\nAlan,41\n", True)
assert dbutils.fs.head(f"{root}/in/a.csv", 8) == "name,age"

# COMMAND ----------

found = dbutils.fs.ls(f"{root}/in")
assert [(f.name, f.size, f.path, f.isFile()) for f in found] == [("a.csv", 24, f"dbfs:{root}/in/a.csv", True)]
assert dbutils.fs.ls(root)[0].name == "in/"
display(found)

# COMMAND ----------

people = spark.read.csv(f"{root}/in", header=True, inferSchema=True)
assert people.agg({"age": "sum"}).first()[0] == 77
people.write.mode("overwrite").parquet(f"{root}/out")
assert spark.read.parquet(found[0].path.replace("in/a.csv", "out")).count() == 2

# COMMAND ----------

import os

import pandas as pd

assert list(pd.read_csv(f"{root}/in/a.csv").name) == ["Ada", "Alan"]
assert os.path.exists(f"{root}/out/_SUCCESS")

# COMMAND ----------

# MAGIC %sh
# MAGIC wc -l < /Volumes/main/default/idioms/in/a.csv

# COMMAND ----------

dbutils.fs.cp(f"{root}/in", "dbfs:/tmp/idioms", recurse=True)
dbutils.fs.mv("dbfs:/tmp/idioms/a.csv", "dbfs:/tmp/idioms/b.csv")
assert [f.path for f in dbutils.fs.ls("dbfs:/tmp/idioms")] == ["dbfs:/tmp/idioms/b.csv"]
assert spark.read.text("dbfs:/tmp/idioms/b.csv").count() == 3
assert spark.sql("SELECT * FROM csv.`dbfs:/tmp/idioms/b.csv`").count() == 3
assert spark.sql(f"SELECT * FROM parquet.`dbfs:{root}/out`").count() == 2
with open("/dbfs/tmp/idioms/b.csv") as file:
    assert file.readline() == "name,age\n"

# COMMAND ----------

if any(m.mountPoint == "/mnt/idioms" for m in dbutils.fs.mounts()):
    dbutils.fs.unmount("/mnt/idioms")
dbutils.fs.mount(f"{root}/in", "/mnt/idioms")
assert [f.path for f in dbutils.fs.ls("/mnt/idioms")] == ["dbfs:/mnt/idioms/a.csv"]
assert spark.read.option("header", True).csv("/mnt/idioms").count() == 2
with open("/dbfs/mnt/idioms/a.csv") as file:
    assert file.readline() == "name,age\n"
assert spark.read.option("header", True).csv("dbfs:/mnt/idioms/a.csv").count() == 2

# COMMAND ----------

dbutils.fs.updateMount(f"{root}/out", "/mnt/idioms")
assert spark.read.parquet("dbfs:/mnt/idioms").count() == 2
dbutils.fs.unmount("/mnt/idioms")
dbutils.fs.refreshMounts()

# COMMAND ----------

try:
    dbutils.fs.ls("dbfs:/mnt/idioms")
except Exception as error:
    assert "java.io.FileNotFoundException" in str(error)
else:
    raise AssertionError("it is still mounted")

# COMMAND ----------


# Functions that open files run on workers
def lines_of(_):
    with open("/etc/hostname") as file:
        return len(file.readlines())


assert spark.range(1).rdd.map(lines_of).first() == lines_of(0)

# COMMAND ----------

dbutils.fs.put("/FileStore/idioms.txt", "x", True)
assert dbutils.fs.head(next(f.path for f in dbutils.fs.ls("/FileStore") if f.name == "idioms.txt")) == "x"
dbutils.fs.rm("/FileStore/idioms.txt")
dbutils.fs.rm("dbfs:/tmp/idioms", True)
assert dbutils.fs.rm("dbfs:/tmp/idioms") is False
dbutils.fs.help("cp")
