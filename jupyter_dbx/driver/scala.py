"""Scala cells, as far as the driver's JVM has to be made ready for them before there is a SparkContext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: A class loader in Java, which is compiled by what compiles Spark's own generated code.
SOURCE = Path(__file__).with_name("CellClasses.java")


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
