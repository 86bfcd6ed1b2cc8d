"""What to do about Spark's most common errors: one table."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """What to do about one kind of error."""

    #: Spark's names for it, between spaces; a name stands for what is below it, too. "" = whatever Spark calls it
    conditions: str
    #: what to do
    text: str
    #: what its message says as well, a regular expression
    said: str = ""

    def fits(self, conditions: Collection[str], told: str) -> bool:
        """Return whether this is about an error; the arguments are those of `advice_for`."""
        names = {name for condition in conditions for name in (condition, condition.partition(".")[0])}
        is_meant = not self.conditions or not names.isdisjoint(self.conditions.split())
        return is_meant and re.search(self.said, told) is not None


#: The first that fits is given, so the particular come before the general.
#: Source: Apache Spark, "Error Conditions"; for what Java and the standalone master say, Spark's own messages.
ADVICE = (
    # -- memory, and executors that end
    Advice(
        "",
        "An executor ran out of memory. Give each task less (more partitions: `df.repartition(n)`; select fewer columns; do not "
        "collect lists in an aggregate), or each worker more: `%cluster edit --node-type TYPE`.",
        r"ExecutorLostFailure.*(code 52|code 137|OutOfMemory)|[Ll]ost task.*OutOfMemoryError",
    ),
    Advice(
        "",
        "An executor ended while it worked on this. `%cluster events` and `%cluster logs --list` tell why; if it was memory, "
        "`%cluster edit --node-type TYPE` gives workers more. Run the cell again: lost workers are replaced.",
        r"ExecutorLostFailure|executor \S+ (exited|lost)|Executor heartbeat timed out",
    ),
    Advice(
        "",
        "Python died on a worker: mostly for want of memory, else by a fault in a compiled library. Give each task less (more "
        "partitions: `df.repartition(n)`), or each worker more: `%cluster edit --node-type TYPE`.",
        "Python worker exited unexpectedly",
    ),
    Advice(
        "",
        "The driver ran out of memory. Bring less to it (`limit`, `display`, a write instead of `collect` or `toPandas`; no "
        "broadcast of a large table), or give it more: `%cluster edit --driver-node-type TYPE`.",
        r"OutOfMemoryError|Not enough memory to build and broadcast",
    ),
    Advice(
        "",
        "The result is too large for the driver. Bring less to it (`limit`, an aggregate, a write instead of `collect` or "
        "`toPandas`), or allow more: `%cluster edit --conf spark.driver.maxResultSize=4g`, with a driver that has the memory.",
        r"spark\.driver\.maxResultSize",
    ),
    # -- what is no part of Spark
    Advice(
        "PARSE_SYNTAX_ERROR",
        "Catalogs and volumes are Unity Catalog's. Leave the catalog out of names; a volume is a folder here: "
        "`dbutils.fs.mkdirs('/Volumes/CATALOG/SCHEMA/VOLUME')`.",
        r"(?i)\bCREATE\s+(EXTERNAL\s+)?(CATALOG|VOLUME)\b",
    ),
    Advice(
        "PARSE_SYNTAX_ERROR TABLE_OR_VIEW_NOT_FOUND",
        "This is a statement of Delta Lake's, which is no part of Apache Spark. Write tables as Parquet: `USING parquet`, "
        "`.format('parquet')`.",
        r"(?i)\b(OPTIMIZE|VACUUM|COPY\s+INTO|RESTORE\s+TABLE|DESC(RIBE)?\s+(HISTORY|DETAIL))\b",
    ),
    # -- names
    Advice(
        "TABLE_OR_VIEW_NOT_FOUND REQUIRES_SINGLE_PART_NAMESPACE CATALOG_NOT_FOUND SCHEMA_NOT_FOUND PARSE_SYNTAX_ERROR",
        "Names have two parts here, SCHEMA.TABLE: there is no Unity Catalog. Leave the catalog out, or write `spark_catalog`.",
        r"(?i)(?<!`\.)`(?!spark_catalog`)[^`]+`\.`[^`]+`\.`[^`]+`|The catalog|\bUSE CATALOG\b",
    ),
    Advice(
        "TABLE_OR_VIEW_NOT_FOUND",
        "`SHOW TABLES` lists those of the current schema. Temporary views belong to the notebook that made them, tables to their "
        "cluster: run the cell that makes it here, or attach the cluster that has it.",
    ),
    Advice("SCHEMA_NOT_FOUND", "`SHOW SCHEMAS` lists those of this cluster; `CREATE SCHEMA` makes one."),
    Advice(
        "UNRESOLVED_COLUMN UNRESOLVED_FIELD FIELD_NOT_FOUND UNRESOLVED_USING_COLUMN_FOR_JOIN",
        "`df.printSchema()` lists the columns. A name with a dot or a space needs backticks; text needs single quotes.",
    ),
    Advice(
        "AMBIGUOUS_REFERENCE AMBIGUOUS_COLUMN_REFERENCE",
        "Say whose column it is: `df.alias('a')` and `col('a.name')`, or join with `on='name'`, which keeps one of them.",
    ),
    Advice(
        "UNRESOLVED_ROUTINE",
        "`SHOW FUNCTIONS` lists what there is. A Python function is known to SQL after `spark.udf.register('name', function)`.",
    ),
    Advice(
        "COLUMN_ALREADY_EXISTS",
        "Rename one: `df.withColumnRenamed('old', 'new')`; names differ by more than their case.",
    ),
    # -- statements
    Advice(
        "UNBOUND_SQL_PARAMETER",
        "Give it a value: a Python variable of this name, or a widget: `dbutils.widgets.text('NAME', 'VALUE')`.",
    ),
    Advice(
        "PARSE_SYNTAX_ERROR PARSE_EMPTY_STATEMENT",
        "Look at the marked word and at the one before it. In `%sql`, statements are parted by `;`, in `spark.sql` there is one; "
        "names that are keywords need backticks.",
    ),
    Advice(
        "MISSING_AGGREGATION MISSING_GROUP_BY",
        "Each selected column is either grouped by or aggregated: add it to GROUP BY, or write e.g. `first(column)`.",
    ),
    Advice(
        "DATATYPE_MISMATCH",
        "`df.printSchema()` tells the types; `cast` changes one, e.g. `col('n').cast('int')`.",
    ),
    Advice(
        "NUM_COLUMNS_MISMATCH INCOMPATIBLE_COLUMN_TYPE",
        "Both sides need the same columns in the same order; `unionByName(…, allowMissingColumns=True)` goes by name.",
    ),
    # -- values
    Advice(
        "CAST_INVALID_INPUT CANNOT_PARSE_TIMESTAMP CAST_OVERFLOW",
        "`try_cast` gives NULL for values that do not fit; `df.filter('try_cast(c AS INT) IS NULL')` shows which they are.",
    ),
    Advice("DIVIDE_BY_ZERO REMAINDER_BY_ZERO", "`try_divide(a, b)` or `a / nullif(b, 0)` gives NULL there."),
    Advice(
        "ARITHMETIC_OVERFLOW", "Cast to a larger type first, e.g. BIGINT or DECIMAL; `try_add` and its like give NULL."
    ),
    Advice(
        "INVALID_ARRAY_INDEX INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "`get(array, i)` or `try_element_at` gives NULL there."
    ),
    # -- files and tables
    Advice(
        "PATH_NOT_FOUND",
        "In SQL, files of a volume are called `dbfs:/Volumes/…`; `%fs ls /Volumes` shows what there is.",
        r"/Volumes/",
    ),
    Advice(
        "PATH_NOT_FOUND",
        "Relative paths begin at the notebook's folder: `%pwd` tells it, `%ls` shows what is there.",
    ),
    Advice(
        "UNABLE_TO_INFER_SCHEMA",
        "There are no data files of this format there, or only empty ones: check the path, or give `.schema(…)`.",
    ),
    Advice(
        "FAILED_READ_FILE",
        "The file changed, is damaged, or has another format than the one named. `%jvm_stack` tells more.",
    ),
    Advice(
        "TABLE_OR_VIEW_ALREADY_EXISTS TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
        "`CREATE OR REPLACE …`, `.write.mode('overwrite')`, or `DROP` it first.",
    ),
    Advice(
        "LOCATION_ALREADY_EXISTS",
        "Files of an earlier table are left there, which the catalog no longer knows. If nobody needs them, delete the folder "
        "that is named; `%sh rm -r FOLDER` does.",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Delta Lake is no part of Spark, and its jars are not on this cluster. `.format('parquet')` needs none.",
        "(?i)delta",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Auto Loader exists in Databricks' cloud only. Spark's own file stream does the same for a folder: "
        "`spark.readStream.schema(…).format('json').load(folder)`.",
        "(?i)cloudfiles",
    ),
    Advice(
        "DATA_SOURCE_NOT_FOUND",
        "Spark brings csv, json, orc, parquet, text, xml, avro and jdbc. Others come in a jar: `ADD JAR /its/path` in SQL.",
    ),
    # -- Python
    Advice(
        "",
        "An argument has a type that this function does not take, such as a number for a column: `lit(5)` makes it one.",
        r"Method \w+\(.*\) does not exist|Constructor .* does not exist",
    ),
    Advice(
        "CANNOT_CONVERT_COLUMN_INTO_BOOL",
        "A column has no value before a job runs. Write `&`, `|`, `~` with each side in parentheses, and `when(…).otherwise(…)`.",
    ),
    Advice(
        "NOT_EXPECTED_TYPE",
        "`col('name')` makes a column of a name, `lit(value)` one of a value.",
        "[Cc]olumn",
    ),
    Advice(
        "CONTEXT_ONLY_VALID_ON_DRIVER RDD_TRANSFORM_ONLY_VALID_ON_DRIVER",
        "Code that runs on workers cannot use `spark` or a DataFrame. Join the two, or `collect` the small one before.",
    ),
    Advice(
        "CANNOT_INFER_EMPTY_SCHEMA CANNOT_DETERMINE_TYPE", "Give the types: `createDataFrame(rows, 'a int, b string')`."
    ),
    Advice(
        "",
        "Workers do not have this module. Put it beside the notebook, or install it where the kernel runs: `%pip install`.",
        r"ModuleNotFoundError: ",
    ),
    # -- streams
    Advice(
        "",
        "Begin the stream with `.writeStream.….start()`; `display(df)` shows one.",
        "streaming sources must be executed with writeStream",
    ),
)


def advice_for(conditions: Collection[str], told: str) -> str:
    """Return what to do about an error, or "".

    Parameters
    ----------
    conditions : Spark's names for it and for what is behind it, such as "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    told : its message, and the statement if there is one
    """
    return next((advice.text for advice in ADVICE if advice.fits(conditions, told)), "")
