"""Paths in SQL statements mean what they mean to `spark.read`."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from jupyter_dbx.kernel.pyspark import paths, statements
from jupyter_dbx.kernel.workspace.folders import Folders

FOLDERS = Folders(Path("/data"), Path("/root"))


@pytest.mark.parametrize(
    ("statement", "sent"),
    [
        ("CREATE TABLE t LOCATION 'a/b'", "CREATE TABLE t LOCATION 'CWD/a/b'"),
        ('create table t location "./a" as select 1', 'create table t location "CWD/./a" as select 1'),
        ("CREATE TABLE t LOCATION '/Volumes/a'", "CREATE TABLE t LOCATION '/data/Volumes/a'"),
        ("CREATE TABLE t LOCATION 'dbfs:/Volumes/a'", "CREATE TABLE t LOCATION '/data/Volumes/a'"),
        ("CREATE TABLE t LOCATION '/tmp/a'", "CREATE TABLE t LOCATION '/tmp/a'"),
        ("CREATE TABLE t LOCATION '/demos/a'", "CREATE TABLE t LOCATION 'dbfs:/demos/a'"),
        ("CREATE TABLE t LOCATION 's3://b/a'", "CREATE TABLE t LOCATION 's3://b/a'"),
        ("CREATE TABLE t LOCATION ''", "CREATE TABLE t LOCATION ''"),
        ("INSERT OVERWRITE LOCAL DIRECTORY 'a' SELECT 1", "INSERT OVERWRITE LOCAL DIRECTORY 'CWD/a' SELECT 1"),
        ("LOAD DATA LOCAL INPATH 'a.txt' INTO TABLE t", "LOAD DATA LOCAL INPATH 'CWD/a.txt' INTO TABLE t"),
        ("CREATE TABLE t OPTIONS (path 'a')", "CREATE TABLE t OPTIONS (path 'CWD/a')"),
        ("CREATE TABLE t OPTIONS(sep ',', 'path'='a')", "CREATE TABLE t OPTIONS(sep ',', 'path'='CWD/a')"),
        ("SELECT * FROM csv.`in.csv`", "SELECT * FROM csv.`CWD/in.csv`"),
        ("CREATE VIEW v AS SELECT * FROM json.`a/*.json`", "CREATE VIEW v AS SELECT * FROM json.`CWD/a/*.json`"),
        ("SET spark.sql.streaming.checkpointLocation = ck", "SET spark.sql.streaming.checkpointLocation = CWD/ck"),
        ("SET spark.sql.shuffle.partitions = 4", "SET spark.sql.shuffle.partitions = 4"),
        ("SELECT * FROM parquet . `/dbfs/a`", "SELECT * FROM parquet . `dbfs:/a`"),
        ("SELECT 'LOCATION ''a''', path 'b' -- LOCATION 'a'", "SELECT 'LOCATION ''a''', path 'b' -- LOCATION 'a'"),
        ('SELECT "csv.`/dbfs/a`" /* csv.`/dbfs/a` */', 'SELECT "csv.`/dbfs/a`" /* csv.`/dbfs/a` */'),
        ("SELECT location FROM t WHERE a = '/dbfs/b'", "SELECT location FROM t WHERE a = '/dbfs/b'"),
    ],
)
def test_paths_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, sent: str) -> None:
    monkeypatch.chdir(tmp_path)

    absolute, pattern = (functools.partial(how, folders=FOLDERS) for how in (paths.absolute, paths.pattern))

    assert statements.resolve_paths(statement, absolute, pattern) == sent.replace("CWD", str(tmp_path))


class Stager:
    def stage(self, path: str) -> str:
        return f"spark://{path}"

    def stage_jar(self, path: str) -> str:
        return f"copy-of-{path}"


@pytest.mark.parametrize(
    ("statement", "sent"),
    [
        ("ADD FILE a.txt", 'ADD FILE "spark://a.txt"'),
        ("add files 'a b.txt' \"/Volumes/c\";", 'ADD file "spark://a b.txt" "spark:///data/Volumes/c"'),
        (" ADD ARCHIVE a.zip#data ", 'ADD ARCHIVE "spark://a.zip#data"'),
        ("ADD JAR lib.jar", 'ADD JAR "copy-of-lib.jar"'),
        ("SELECT 'ADD JAR x'", "SELECT 'ADD JAR x'"),
        ("ADD COLUMN x", "ADD COLUMN x"),
    ],
)
def test_additions_become_copies_for_the_notebook(statement: str, sent: str) -> None:
    staged = statements.stage_additions(statement, FOLDERS.for_spark, Stager)

    assert staged.lower() == sent.lower()
