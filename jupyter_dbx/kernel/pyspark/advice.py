"""Advice on Spark's most common errors, in one table."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """Advice on one kind of error."""

    #: Spark's error conditions, separated by spaces; a condition includes its subconditions. "" = any
    conditions: str
    #: the advice
    text: str
    #: regular expression that the message must also match
    pattern: str = ""

    def matches(self, conditions: Collection[str], message: str) -> bool:
        """Return whether this applies to an error; the arguments are those of `advice_for`."""
        names = {name for condition in conditions for name in (condition, condition.partition(".")[0])}
        has_condition = not self.conditions or not names.isdisjoint(self.conditions.split())
        return has_condition and re.search(self.pattern, message) is not None


#: The first match wins, so specific entries come before general ones.
#: Source: Apache Spark, "Error Conditions"; Spark's own messages for errors of Java and the standalone master.
ADVICE = (
    # -- memory, and lost executors
    Advice(
        "",
        "An executor ran out of memory. Give each task less data (more partitions: `df.repartition(n)`; fewer columns; no "
        "`collect_list`), or each worker more memory: `%cluster edit --node-type TYPE`.",
        r"ExecutorLostFailure.*(code 52|code 137|OutOfMemory)|[Ll]ost task.*OutOfMemoryError",
    ),
    Advice(
        "",
        "An executor was lost while it ran this. `%cluster events` and `%cluster logs --list` show the cause; if it ran out of "
        "memory, `%cluster edit --node-type TYPE` gives workers more. Run the cell again: lost workers are replaced.",
        r"ExecutorLostFailure|executor \S+ (exited|lost)|Executor heartbeat timed out",
    ),
    Advice(
        "",
        "Python crashed on a worker, usually because it ran out of memory, sometimes in a compiled library. Give each task less "
        "data (more partitions: `df.repartition(n)`), or each worker more memory: `%cluster edit --node-type TYPE`.",
        "Python worker exited unexpectedly",
    ),
    Advice(
        "",
        "The driver ran out of memory. Return less data to it (`limit`, `display`, a write instead of `collect` or `toPandas`; "
        "no broadcast of a large table), or give it more memory: `%cluster edit --driver-node-type TYPE`.",
        r"OutOfMemoryError|Not enough memory to build and broadcast",
    ),
    Advice(
        "",
        "The result is too large for the driver. Return less data to it (`limit`, an aggregate, a write instead of `collect` or "
        "`toPandas`), or raise the limit if the driver has the memory: `%cluster edit --conf spark.driver.maxResultSize=4g`.",
        r"spark\.driver\.maxResultSize",
    ),
    Advice(
        "",
        "The SparkContext belongs to all notebooks of the cluster. `spark.stop()` ends this notebook's session.",
        "Cannot stop (SparkContext|StreamingContext) within listener bus thread",
    ),
    # -- features that are not part of Spark
    Advice(
        "PARSE_SYNTAX_ERROR",
        "Catalogs and volumes require Unity Catalog. Leave the catalog out of names; a volume is a folder here: "
        "`dbutils.fs.mkdirs('/Volumes/CATALOG/SCHEMA/VOLUME')`.",
        r"(?i)\bCREATE\s+(EXTERNAL\s+)?(CATALOG|VOLUME)\b",
    ),
    Advice(
        "PARSE_SYNTAX_ERROR TABLE_OR_VIEW_NOT_FOUND",
        "This is a Delta Lake statement; Delta Lake is not part of Apache Spark. Write tables as Parquet: `USING parquet` or "
        "`.format('parquet')`.",
        r"(?i)\b(OPTIMIZE|VACUUM|COPY\s+INTO|RESTORE\s+TABLE|DESC(RIBE)?\s+(HISTORY|DETAIL))\b",
    ),
    Advice(
        "PARSE_SYNTAX_ERROR",
        "The result of a `%sql` cell is in `_sqldf`; `df = %sql SELECT …` stores it under another name.",
        r"(?ms)near '-'.*^-o\s+\w+|near '\w+'.*^\w+ <<",
    ),
    Advice(
        "UNSUPPORTED_FEATURE",
        "Only tables of Delta Lake, Iceberg and the like can be changed in place; neither is part of Apache Spark. Write the "
        "new rows to another table: `df.write.saveAsTable('new')`; replace all rows with `INSERT OVERWRITE`.",
        r"does not support (MERGE INTO TABLE|UPDATE TABLE|DELETE)",
    ),
    Advice(
        "UNSUPPORTED_FEATURE",
        "Drop the table first (`DROP TABLE IF EXISTS`), or use `df.write.mode('overwrite').saveAsTable('name')`.",
        "does not support (CREATE OR )?REPLACE TABLE",
    ),
    # -- names
    Advice(
        "TABLE_OR_VIEW_NOT_FOUND REQUIRES_SINGLE_PART_NAMESPACE CATALOG_NOT_FOUND SCHEMA_NOT_FOUND PARSE_SYNTAX_ERROR",
        "Without Unity Catalog, names have two parts: SCHEMA.TABLE. Leave the catalog out; the only one is `spark_catalog`, also "
        "called `hive_metastore`: `USE hive_metastore.SCHEMA`.",
        r"(?i)(?<!`\.)`(?!spark_catalog`)[^`]+`\.`[^`]+`\.`[^`]+`|The catalog|\bUSE CATALOG\b",
    ),
    Advice(
        "TABLE_OR_VIEW_NOT_FOUND",
        "`SHOW TABLES` lists the tables and views of the current schema. A temporary view belongs to the notebook that created "
        "it, a table to its cluster: run the cell that creates it, or attach to the cluster that has it.",
    ),
    Advice("SCHEMA_NOT_FOUND", "`SHOW SCHEMAS` lists the schemas of this cluster; `CREATE SCHEMA` creates one."),
    Advice(
        "UNRESOLVED_COLUMN UNRESOLVED_FIELD FIELD_NOT_FOUND UNRESOLVED_USING_COLUMN_FOR_JOIN",
        "`df.printSchema()` lists the columns. A name with a dot or a space needs backticks; text needs single quotes.",
    ),
    Advice(
        "AMBIGUOUS_REFERENCE AMBIGUOUS_COLUMN_REFERENCE",
        "Qualify the column: `df.alias('a')` and `col('a.name')`, or join with `on='name'`, which keeps only one of them.",
    ),
    Advice(
        "UNRESOLVED_ROUTINE",
        "`SHOW FUNCTIONS` lists the functions. `spark.udf.register('name', function)` makes a Python function available in SQL.",
    ),
    Advice(
        "COLUMN_ALREADY_EXISTS",
        "Rename one of them: `df.withColumnRenamed('old', 'new')`. Names are case-insensitive.",
    ),
    # -- statements
    Advice(
        "UNBOUND_SQL_PARAMETER",
        "Define a Python variable of this name, or a widget: `dbutils.widgets.text('NAME', 'VALUE')`.",
    ),
    Advice(
        "PARSE_SYNTAX_ERROR PARSE_EMPTY_STATEMENT",
        "Check the marked word and the one before it. `%sql` separates statements by `;`, `spark.sql` takes one statement; "
        "names that are keywords need backticks.",
    ),
    Advice(
        "MISSING_AGGREGATION MISSING_GROUP_BY",
        "Each selected column must be grouped by or aggregated: add it to GROUP BY, or use e.g. `first(column)`.",
    ),
    Advice(
        "DATATYPE_MISMATCH",
        "`df.printSchema()` shows the types; `cast` converts one, e.g. `col('n').cast('int')`.",
    ),
    Advice(
        "NUM_COLUMNS_MISMATCH INCOMPATIBLE_COLUMN_TYPE",
        "Both sides need the same columns in the same order; `unionByName(…, allowMissingColumns=True)` matches them by name.",
    ),
    Advice(
        "SQL_CONF_NOT_FOUND",
        "Databricks sets this property, jupyter_dbx does not: `spark.conf.get(NAME, None)` returns None instead. These are set: "
        "`spark.sql('SET').filter(\"key LIKE 'spark.databricks%'\")`.",
        r"spark\.databricks\.",
    ),
    # -- values
    Advice(
        "CAST_INVALID_INPUT CANNOT_PARSE_TIMESTAMP CAST_OVERFLOW",
        "`try_cast` returns NULL for values it cannot convert; `df.filter('try_cast(c AS INT) IS NULL')` finds them.",
    ),
    Advice("DIVIDE_BY_ZERO REMAINDER_BY_ZERO", "`try_divide(a, b)` or `a / nullif(b, 0)` returns NULL instead."),
    Advice(
        "ARITHMETIC_OVERFLOW",
        "Cast to a larger type first, e.g. BIGINT or DECIMAL; `try_add`, `try_multiply` and similar functions return NULL.",
    ),
    Advice(
        "INVALID_ARRAY_INDEX INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
        "`get(array, i)` or `try_element_at` returns NULL instead.",
    ),
    # -- files and tables
    Advice(
        "PATH_NOT_FOUND",
        "In SQL, write files in a volume as `dbfs:/Volumes/…`; `%fs ls /Volumes` lists the volumes.",
        r"/Volumes/",
    ),
    Advice(
        "PATH_NOT_FOUND",
        "Relative paths start in the notebook's folder: `%pwd` prints it, `%ls` lists its files.",
    ),
    Advice(
        "UNABLE_TO_INFER_SCHEMA",
        "There are no data files of this format, or all are empty: check the path, or set `.schema(…)`.",
    ),
    Advice(
        "FAILED_READ_FILE",
        "The file has changed, is damaged, or has a different format. `%jvm_stack` shows the details.",
    ),
    Advice(
        "TABLE_OR_VIEW_ALREADY_EXISTS TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
        "Use `CREATE OR REPLACE …` or `.write.mode('overwrite')`, or `DROP` it first.",
    ),
    Advice(
        "LOCATION_ALREADY_EXISTS",
        "The folder contains files of an earlier table that is no longer in the catalog. If they are not needed, delete it: "
        "`%sh rm -r FOLDER`.",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Delta Lake is not part of Spark, and its JARs are not on this cluster. `.format('parquet')` needs none.",
        "(?i)delta",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Auto Loader is available only in Databricks. Spark's file stream does the same for a folder: "
        "`spark.readStream.schema(…).format('json').load(folder)`.",
        "(?i)cloudfiles",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Spark includes csv, json, orc, parquet, text, xml, avro and jdbc. Other formats need a JAR: `ADD JAR /path` in SQL.",
    ),
    # -- Python
    Advice(
        "",
        "An argument has a type that the function does not accept, such as a number for a column. Convert it: `lit(5)`.",
        r"Method \w+\(.*\) does not exist|Constructor .* does not exist",
    ),
    Advice(
        "CANNOT_CONVERT_COLUMN_INTO_BOOL",
        "A column is an expression without a value. Use `&`, `|`, `~` with each side in parentheses, and `when(…).otherwise(…)`.",
    ),
    Advice(
        "NOT_EXPECTED_TYPE",
        "`col('name')` refers to a column by name, `lit(value)` turns a value into a column.",
        "[Cc]olumn",
    ),
    Advice(
        "CONTEXT_ONLY_VALID_ON_DRIVER RDD_TRANSFORM_ONLY_VALID_ON_DRIVER",
        "Code that runs on workers cannot use `spark` or a DataFrame. Join the DataFrames, or `collect` the small one first.",
    ),
    Advice(
        "CANNOT_INFER_EMPTY_SCHEMA CANNOT_DETERMINE_TYPE",
        "Specify the types: `createDataFrame(rows, 'a int, b string')`.",
    ),
    Advice(
        "",
        "Workers cannot import this module. Put it in the notebook's folder, or install it with `%pip install`.",
        r"ModuleNotFoundError: ",
    ),
    # -- streams
    Advice(
        "",
        "Start the stream with `.writeStream.….start()`, or show it with `display(df)`.",
        "streaming sources must be executed with writeStream",
    ),
)


def advice_for(conditions: Collection[str], message: str) -> str:
    """Return advice on an error, or "".

    Parameters
    ----------
    conditions : Spark's error conditions of it and of its causes, such as "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    message : its message, and the statement if there is one
    """
    return next((advice.text for advice in ADVICE if advice.matches(conditions, message)), "")
