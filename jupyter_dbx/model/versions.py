"""Keys of Spark versions, in the form that Databricks' clients read.

Clients take the number in front for the major version of a Databricks runtime (`int(key.split(".")[0]) >= 15`). Spark's own
version there would look like a runtime of years ago, so the key is that of the runtime with the same major version of Spark
and of Scala; the name of the version says what really runs.

Source: Databricks runtime release notes, versions and compatibility; `select_spark_version` of databricks-sdk.
"""

from __future__ import annotations

#: The Databricks runtime with long-term support that Spark 4 and Scala 2.13 are compatible with.
RUNTIME = "17.3"

SCALA = "2.13"

#: The key of the installed version of Spark, whichever this is.
KEY = f"{RUNTIME}.x-scala{SCALA}"

#: The same version for clients that ask for this version of Scala unless told otherwise.
ALIAS = f"{RUNTIME}.x-scala2.12"


def version_names(spark_version: str) -> dict[str, str]:
    """Return the keys of the installed version of Spark with their names, the main one first."""
    content = f"Apache Spark {spark_version}, Scala {SCALA}"
    return {
        KEY: f"{RUNTIME} LTS-compatible ({content})",
        ALIAS: f"{RUNTIME} LTS-compatible ({content}; key for clients that ask for Scala 2.12)",
    }


def is_installed(key: str, spark_version: str) -> bool:
    """Return whether a key that a user has requested means this version of Spark, e.g. "17.3.x-scala2.13" or "4.3.x"."""
    short = ".".join(spark_version.split(".")[:2])
    return key.startswith((f"{RUNTIME}.x", f"{short}."))
