"""Scala cells, as far as the driver's JVM has to be made ready for them before there is a SparkContext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: A class loader in Java, which is compiled by what compiles Spark's own generated code.
SOURCE = Path(__file__).with_name("CellClasses.java")

#: What keeps the code that Spark generates for queries.
CODE_GENERATOR = "org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator$"


def load_cell_classes(jvm: Any, folder: Path) -> Any:
    """Return the class loader that Spark's threads shall have, so that they find the classes of Scala cells.

    Parameters
    ----------
    folder : where interpreters write classes, and executors fetch them from
    """
    compiler = jvm.org.codehaus.janino.SimpleCompiler()
    compiler.cook(SOURCE.read_text())
    make = jvm.java.lang.Class.forName("CellClasses", True, compiler.getClassLoader()).getConstructors()[0]
    arguments = jvm.java.util.ArrayList()
    arguments.add(str(folder))
    return make.newInstance(arguments.toArray())


def forget_cell_classes(jvm: Any, cell_classes: Any, kernel_id: str) -> None:
    """Free what a kernel's Scala cells defined, and interrupt those that still run."""
    if not cell_classes.close(kernel_id):
        return
    # Generated code is kept with the loader of the cell that needed it, and so with all values of the notebook's cells.
    # What others need of it is made again in a few milliseconds.
    cache = jvm.java.lang.Class.forName(CODE_GENERATOR).getDeclaredField("cache")
    cache.setAccessible(True)
    cache.get(None).invalidateAll()
