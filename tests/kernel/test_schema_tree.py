"""A schema as a tree."""

from __future__ import annotations

from pyspark.sql import types as T

from jupyter_dbx.kernel.display.dispatch import renderable


def test_nested_fields_are_collapsible_and_names_are_escaped() -> None:
    inner = T.StructType([T.StructField("<i>", T.IntegerType(), False, {"comment": "a & b"})])
    schema = T.StructType(
        [T.StructField("list", T.ArrayType(T.MapType(T.StringType(), inner))), T.StructField("n", T.LongType())]
    )

    tree = renderable(schema)

    page = tree._repr_html_()
    assert page.count("<details open>") == 1
    assert "<b>&lt;i&gt;</b> <code>int</code> not null – a &amp; b" in page
    assert "<b>n</b> <code>bigint</code>" in page
    assert repr(tree) == schema.treeString()
