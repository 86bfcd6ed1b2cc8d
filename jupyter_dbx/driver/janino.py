"""Compiles this package's Java classes in the driver's JVM, with the compiler that Spark uses for its generated code."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def new_instance(jvm: Any, name: str, *arguments: str) -> Any:
    """Return a new instance of the class in `NAME.java` of this package, made with its only constructor."""
    compiler = jvm.org.codehaus.janino.SimpleCompiler()
    compiler.cook(Path(__file__).with_name(f"{name}.java").read_text())
    make = jvm.java.lang.Class.forName(name, True, compiler.getClassLoader()).getConstructors()[0]
    values = jvm.java.util.ArrayList()
    for argument in arguments:
        values.add(argument)
    return make.newInstance(values.toArray())
