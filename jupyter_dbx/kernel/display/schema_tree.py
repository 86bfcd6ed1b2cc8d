"""SchemaTree: a schema as a collapsible tree, and as PySpark prints it."""

from __future__ import annotations

from html import escape
from typing import Any

# PySpark is not followed by mypy here, hence Any.


class SchemaTree:
    """A Spark schema: fields with types and comments, nested fields indented below their parent.

    Parameters
    ----------
    schema : a StructType
    """

    def __init__(self, schema: Any) -> None:
        self._schema = schema

    def _repr_html_(self) -> str:
        return _tree(self._schema)

    def __repr__(self) -> str:
        return str(self._schema.treeString())


def is_schema(value: Any) -> bool:
    """Return whether a value is a PySpark StructType."""
    return type(value).__module__ == "pyspark.sql.types" and type(value).__name__ == "StructType"


def _tree(schema: Any) -> str:
    items = "".join(f"<li>{_field(field)}</li>" for field in schema.fields)
    return f'<ul style="list-style: none; padding-left: 1.2em; margin: 0">{items}</ul>'


def _field(field: Any) -> str:
    comment = field.metadata.get("comment")
    nullability = "" if field.nullable else " not null"
    about = f"<b>{escape(field.name)}</b> <code>{escape(field.dataType.simpleString())}</code>{nullability}"
    about += f" – {escape(str(comment))}" if comment else ""
    inner = _struct_in(field.dataType)
    return f"<details open><summary>{about}</summary>{_tree(inner)}</details>" if inner is not None else about


def _struct_in(data_type: Any) -> Any:
    """Return the StructType that a type is, or that its elements or values have, or None."""
    match data_type.typeName():
        case "struct":
            return data_type
        case "array":
            return _struct_in(data_type.elementType)
        case "map":
            return _struct_in(data_type.valueType)
    return None
