"""Which statements of a cell get a binding call, tested with realistic cells."""

from __future__ import annotations

import ast
import asyncio
import inspect
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_dbx.kernel.session.names import BIND_CALL, BindingTransformer

#: The flags with which IPython compiles cells.
FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def transform(cell: str) -> ast.Module:
    """Return a cell's syntax tree as IPython passes it to its compiler."""
    tree = compile(TransformerManager().transform_cell(cell), "<cell>", "exec", FLAGS)
    return BindingTransformer().visit(tree)


def calls_in(cell: str) -> dict[int, str]:
    """Return the names that are bound, by the index of the statement before which they are bound."""
    found, number = {}, 0
    for statement in transform(cell).body:
        match statement:
            case ast.Expr(ast.Call(ast.Name(id=name), arguments)) if name == BIND_CALL:
                found[number] = " ".join(a.value for a in arguments if isinstance(a, ast.Constant))
            case _:
                number += 1
    return found


@pytest.mark.parametrize(
    ("cell", "calls"),
    [
        ("spark", {0: "spark"}),
        ("spark.range(3).count()", {0: "spark"}),
        ("x = 3\ny = 4\nspark.range(x)", {2: "spark"}),
        ("sc.parallelize([1])\nsqlContext.sql('a')", {0: "sc", 1: "sqlContext"}),
        ("f(sc, spark, sqlContext)", {0: "sc spark sqlContext"}),
        ("spark = spark.newSession()", {0: "spark"}),
        ("spark: SparkSession = spark.newSession()", {0: "spark"}),
        ("f'{spark.version}'", {0: "spark"}),
        ("globals()['spark'].range(2)", {0: "spark"}),
        ("get_ipython().user_ns['sc']", {0: "sc"}),
        ("eval('spark.range(2)')", {0: "spark"}),
        ("exec('x = spark.range(2)', {})", {0: "spark"}),
        ("%prun spark.range(2).count()", {0: "spark"}),
        ("f'{f\"{spark}\"}'", {0: "spark"}),
        ("g = lambda n: spark.range(n)", {0: "spark"}),
        ("g = lambda spark=spark: spark", {0: "spark"}),
        ("[spark.range(i) for i in range(3)]", {0: "spark"}),
        ("{i: sc for i in spark.range(3).collect()}", {0: "sc spark"}),
        ("[sc for sc in sc.parallelize([1]).collect()]", {0: "sc"}),
        ("def f():\n    return spark.range(3)", {0: "spark"}),
        ("def f():\n    def g():\n        return spark\n    return g", {0: "spark"}),
        ("def f():\n    global spark\n    spark = spark.newSession()", {0: "spark"}),
        ("def f(a=spark): ...", {0: "spark"}),
        ("def f(a: spark.Type): ...", {0: "spark"}),
        ("@spark.udf.register\ndef f(): ...", {0: "spark"}),
        ("async def f():\n    return spark", {0: "spark"}),
        ("class A:\n    session = spark", {0: "spark"}),
        ("class A:\n    spark = spark", {0: "spark"}),
        ("class A:\n    def f(self):\n        return spark", {0: "spark"}),
        ("class A:\n    spark = None\n    def f(self):\n        return spark", {0: "spark"}),
        ("class A(spark.Base): ...", {0: "spark"}),
        ("await f(spark)", {0: "spark"}),
        ("async with f(spark) as x: ...", {0: "spark"}),
        ("async for x in f(spark): ...", {0: "spark"}),
        ("[x async for x in f(spark)]", {0: "spark"}),
        ("if ready:\n    spark.range(3)", {0: "spark"}),
        ("if mine:\n    spark = make()\nelse:\n    spark.range(3)", {0: "spark"}),
        ("while spark.range(3).count(): ...", {0: "spark"}),
        ("for i in range(3):\n    spark = spark.newSession()", {0: "spark"}),
        ("for sc in sc.parallelize([1]).collect(): ...", {0: "sc"}),
        ("with open('a') as f:\n    spark = spark.newSession()", {0: "spark"}),
        ("with spark.newSession() as spark:\n    spark.range(3)", {0: "spark"}),
        ("try:\n    spark\nexcept NameError:\n    spark = make()", {0: "spark"}),
        ("try:\n    f()\nfinally:\n    spark.stop()", {0: "spark"}),
        ("try:\n    f()\nexcept E as sc:\n    spark.stop(sc)", {0: "spark"}),
        ("match x:\n    case 1:\n        spark.range(3)", {0: "spark"}),
        ("match spark:\n    case _: ...", {0: "spark"}),
        ("match x:\n    case y if spark: ...", {0: "spark"}),
        ("print(spark := spark.newSession())", {0: "spark"}),
        ("spark.conf['a'] = 1", {0: "spark"}),
        ("spark.a = 1", {0: "spark"}),
        ("del spark.a", {0: "spark"}),
        ("assert spark", {0: "spark"}),
        # The call checks at run time for names that an earlier statement assigns only conditionally.
        ("if mine:\n    spark = make()\nspark.range(3)", {1: "spark"}),
        ("for sc in scores: ...\nsc", {1: "sc"}),
        ("def f():\n    global spark\n    spark = 1\nspark.range(3)", {1: "spark"}),
        ("spark: SparkSession\nspark.range(3)", {1: "spark"}),
        ("if TYPE_CHECKING:\n    spark: SparkSession\nspark.range(3)", {1: "spark"}),
        ("from pyspark.sql import *\nspark.range(3)", {1: "spark"}),
    ],
)
def test_statement_that_needs_spark_gets_a_call(cell: str, calls: dict[int, str]) -> None:
    assert calls_in(cell) == calls


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "# spark",
        "'spark'",
        "x.spark",
        "f(spark=1)",
        "x['spark']",
        "sc = StandardScaler()\nsc.fit(X)",
        "sc = StandardScaler(); sc.fit(X)",
        "a = sc = make()\nsc.fit(a)",
        "(sc, x) = make()\nsc.fit(x)",
        "spark: Any = make()\nspark.range(3)",
        "spark = None\ndef f():\n    return spark",
        "import pyspark.sql as spark\nspark.functions",
        "import spark.lib\nspark.lib",
        "from lib import spark\nspark.range(3)",
        "from lib import session as sc\nsc.range(3)",
        "def spark(): ...\nspark()",
        "class spark: ...\nspark()",
        "def f(spark):\n    return spark.range(3)",
        "def f(*sc, **spark):\n    return sc, spark",
        "def f():\n    spark = make()\n    return spark.range(3)",
        "def f():\n    spark = 1\n    def g():\n        return spark\n    return g",
        "def f():\n    spark = 1\n    def g():\n        nonlocal spark\n        spark = 2\n    return g",
        "def f():\n    import pyspark as spark\n    return spark",
        "g = lambda spark: spark.range(3)",
        "[sc for sc in scores]",
        "{sc: len(sc) for sc in scores}",
        "{sc for sc in scores if sc}",
        "sum(sc for sc in scores)",
        "[x for sc in scores for x in sc]",
        "[[sc for sc in row] for row in rows]",
        "def f():\n    return [sc for sc in scores]",
        "for sc in scores:\n    print(sc)",
        "for i, (sc, x) in scores:\n    print(sc)\nelse: ...",
        "with make() as spark:\n    spark.range(3)",
        "with make() as (a, spark), spark.open() as b:\n    spark.range(3)",
        "async with make() as spark:\n    await spark.f()",
        "async for sc in scores():\n    print(sc)",
        "[sc async for sc in scores()]",
        "spark = await make()\nspark.range(3)",
        "try:\n    f()\nexcept E as sc:\n    print(sc)",
        "class A:\n    sc = StandardScaler()\n    steps = [1, sc]",
        "class A:\n    def f(self, spark):\n        return spark",
        "if (spark := make()):\n    spark.range(3)",
        "try:\n    spark = make()\nexcept E: ...\nelse:\n    spark.range(3)",
        "match x:\n    case {'a': sc, **spark}:\n        f(sc, spark)",
        "match x:\n    case [1, *sc]:\n        print(sc)",
        "del spark",
        "global spark\nspark = 1",
        "%cluster attach spark",
        "%%sql\nSELECT spark FROM sc",
        "df = %sql SELECT * FROM spark",
        "!echo spark",
        "files = !ls spark",
        "spark?",
        "?spark.range",
    ],
)
def test_statement_that_does_not_need_spark_gets_no_call(cell: str) -> None:
    assert calls_in(cell) == {}


def test_magics_of_a_cell_do_not_hide_the_statements_around_them() -> None:
    cell = "%matplotlib inline\n!ls\nspark.range(3)\nx = %sql SELECT 1\nsc.range(x)"

    assert calls_in(cell) == {2: "spark", 4: "sc"}


@pytest.mark.parametrize(
    "cell",
    [
        "x = " + " + ".join(["1"] * 2000) + "\nspark.range(3)",
        "x = " + "(" * 80 + "1" + ")" * 80 + "\nspark.range(3)",
        "x = f" + "().f" * 400 + "()\nspark.range(3)",
        "if a: ..." + "\nelif b: ..." * 600 + "\nspark.range(3)",
    ],
    ids=["long sum", "deep parentheses", "long chain", "many branches"],
)
def test_statement_too_deep_to_scan_does_not_affect_the_others(cell: str) -> None:
    assert calls_in(cell) == {1: "spark"}


def test_statement_too_deep_to_scan_gets_a_call_if_it_contains_the_name() -> None:
    assert calls_in("x = spark" + " + 1" * 2000) == {0: "spark"}


def test_call_has_the_position_of_its_statement() -> None:
    _, call, statement = transform("x = 1\n\nspark.range(3)").body

    assert (call.lineno, call.col_offset) == (statement.lineno, statement.col_offset) == (3, 0)


class Namespace(dict[str, Any]):
    """A notebook's variables; binding sets the missing ones, and records the requested names."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        super().__init__({BIND_CALL: self.bind})

    def bind(self, *names: str) -> None:
        self.requested += [name for name in names if name not in self]
        self.update({name: "bound" for name in names if name not in self})

    async def run(self, cell: str) -> None:
        """Run a cell as IPython does, even one with a top-level await."""
        code = compile(transform(cell), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, self)
        if inspect.isawaitable(result):
            await result


@pytest.mark.parametrize(
    ("cell", "requested", "value"),
    [
        ("x = spark", ["spark"], "bound"),
        ("spark = spark + '!'\nx = spark", ["spark"], "bound!"),
        ("try:\n    x = spark\nexcept NameError:\n    x = 'none'", ["spark"], "bound"),
        ("if False:\n    spark = 1\nx = spark", ["spark"], "bound"),
        ("if True:\n    spark = 1\nx = spark", [], 1),
        ("for sc in []: ...\nx = sc", ["sc"], "bound"),
        ("for sc in [1]: ...\nx = sc", [], 1),
        ("exec('spark = 1')\nx = spark", [], 1),
        ("def f():\n    global sc\n    sc = 1\nf()\nx = sc", [], 1),
        ("class A:\n    spark = spark\nx = A.spark", ["spark"], "bound"),
        ("class A:\n    sc = 1\n    y = sc\nx = A.y", [], 1),
        ("for i in [1]:\n    spark = spark * 2\nx = spark", ["spark"], "boundbound"),
        ("import asyncio\nawait asyncio.sleep(0)\nx = spark", ["spark"], "bound"),
        ("x = [spark for spark in [1]]", [], [1]),
        ("x = (lambda spark: spark)(1)", [], 1),
        ("spark: int\nx = spark", ["spark"], "bound"),
        ("x = spark\ndel spark\nspark = 2", ["spark"], "bound"),
    ],
)
def test_cell_runs_and_binds_only_what_is_missing(cell: str, requested: list[str], value: object) -> None:
    namespace = Namespace()

    asyncio.run(namespace.run(cell))

    assert namespace["x"] == value
    assert namespace.requested == requested
