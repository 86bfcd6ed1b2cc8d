"""Prepares the driver's JVM for Scala cells, before its SparkContext starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_dbx.driver.janino import new_instance

#: Caches the code that Spark generates for queries.
CODE_GENERATOR = "org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator$"


def load_cell_classes(jvm: Any, folder: Path) -> Any:
    """Return the class loader through which Spark's threads find the classes of Scala cells.

    Parameters
    ----------
    folder : interpreters write classes here, and executors fetch them from here
    """
    return new_instance(jvm, "CellClasses", str(folder))


def forget_cell_classes(jvm: Any, cell_classes: Any, kernel_id: str) -> None:
    """Free the definitions of a kernel's Scala cells, and interrupt cells that still run."""
    if not cell_classes.close(kernel_id):
        return
    # Cached code references the loader of its cell, and thereby all values of the notebook's cells.
    # Code that other sessions need is generated again in a few milliseconds.
    cache = jvm.java.lang.Class.forName(CODE_GENERATOR).getDeclaredField("cache")
    cache.setAccessible(True)
    cache.get(None).invalidateAll()
