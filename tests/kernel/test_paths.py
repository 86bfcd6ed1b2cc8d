"""Relative paths are the notebook's; everything else is left as it is."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.kernel import paths


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The notebook's folder."""
    monkeypatch.chdir(tmp_path)
    return os.getcwd()


class Place:
    """Something that is a path without being a string."""

    def __fspath__(self) -> str:
        return "place.csv"


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("a.csv", "HERE/a.csv"),
        ("a/b.csv", "HERE/a/b.csv"),
        ("a/", "HERE/a/"),
        (".", "HERE/."),
        ("./a", "HERE/./a"),
        ("../a", "HERE/../a"),
        ("*.csv", "HERE/*.csv"),
        ("a/{b,c}/[0-9]?.csv", "HERE/a/{b,c}/[0-9]?.csv"),
        ("a b ü.csv", "HERE/a b ü.csv"),
        ("~/a", "HERE/~/a"),
        ("1:2", "HERE/1:2"),
        (Path("a.csv"), "HERE/a.csv"),
        (Place(), "HERE/place.csv"),
        (["a", "/b", "s3://c/d", Path("e")], ["HERE/a", "/b", "s3://c/d", "HERE/e"]),
        (("a", "b"), ("HERE/a", "HERE/b")),
        ([], []),
    ],
)
def test_relative_path_is_made_absolute(here: str, path: object, made: object) -> None:
    assert paths.absolute(path) == _place(made, here)


def _place(value: Any, here: str) -> Any:
    if isinstance(value, str):
        return value.replace("HERE", here)
    return type(value)(_place(each, here) for each in value)


@pytest.mark.parametrize(
    "path",
    [
        "",
        None,
        7,
        "/a.csv",
        "/",
        "file:/a",
        "file:///a",
        "s3a://bucket/key",
        "hdfs://host:1/a",
        "dbfs:/mnt/a",
        "abfss://c@a.dfs.core.windows.net/a",
        "git+ssh:a",
        "C:/a",
        b"a",
    ],
)
def test_anything_else_is_left_as_it_is(path: object) -> None:
    assert paths.absolute(path) == path


def test_absolute_path_object_becomes_its_text() -> None:
    assert paths.absolute(Path("/a/b")) == "/a/b"


@pytest.mark.parametrize(
    ("several", "made"),
    [
        ("a.txt", "HERE/a.txt"),
        ("a,b", "HERE/a,HERE/b"),
        ("a,/b,s3://c", "HERE/a,/b,s3://c"),
        ("{a,b}/*.txt", "HERE/{a,b}/*.txt"),
        ("{a,{b,c}}.txt,d{e,f}", "HERE/{a,{b,c}}.txt,HERE/d{e,f}"),
        (Path("a"), "HERE/a"),
    ],
)
def test_each_path_of_a_list_in_one_string_is_made_absolute(here: str, several: object, made: str) -> None:
    assert paths.each_absolute(several) == made.replace("HERE", here)


class Heard:
    """Remembers what a patched class's own method got in the end."""

    def __init__(self) -> None:
        self.args: tuple[Any, ...] = ()

    def hear(self, *args: Any) -> Heard:
        self.args = args
        return self


class DataFrameReader(Heard):
    def option(self, key: str, value: Any) -> Heard:
        return self.hear(key, value)

    def options(self, **options: Any) -> Heard:
        return self.hear(options)

    def load(self, path: Any = None, format: str | None = None, schema: Any = None, **options: Any) -> Heard:
        return self.hear(path, format, schema, options)

    def csv(self, path: Any, schema: Any = None, sep: str | None = None) -> Heard:
        return self.hear(path, schema, sep)

    def parquet(self, *paths: Any, **options: Any) -> Heard:
        return self.hear(paths, options)

    def text(self, paths: Any, wholetext: bool = False) -> Heard:
        return self.hear(paths, wholetext)

    def table(self, tableName: str) -> Heard:
        return self.hear(tableName)


class DataFrameWriter(Heard):
    def save(self, path: Any = None, format: str | None = None, **options: Any) -> Heard:
        return self.hear(path, format, options)

    def saveAsTable(self, name: str, format: str | None = None, **options: Any) -> Heard:
        return self.hear(name, format, options)


class DataStreamWriter(Heard):
    def start(self, path: Any = None, format: str | None = None, **options: Any) -> Heard:
        return self.hear(path, format, options)

    def toTable(self, tableName: str, format: str | None = None, **options: Any) -> Heard:
        return self.hear(tableName, format, options)


class SparkContext(Heard):
    def textFile(self, name: Any, minPartitions: int | None = None) -> Heard:
        return self.hear(name, minPartitions)

    @property
    def applicationId(self) -> str:
        return "app"

    def addFile(self, path: Any, recursive: bool = False) -> Heard:
        return self.hear(path, recursive)


for each in (DataFrameReader, DataFrameWriter, DataStreamWriter, SparkContext):
    paths.patch(each)

Call = Callable[[], Heard]

CALLS: list[tuple[Call, tuple[Any, ...]]] = [
    (lambda: DataFrameReader().csv("a"), ("HERE/a", None, None)),
    (lambda: DataFrameReader().csv(path="a", sep=";"), ("HERE/a", None, ";")),
    (lambda: DataFrameReader().csv(["a", "/b"], "c INT"), (["HERE/a", "/b"], "c INT", None)),
    (lambda: DataFrameReader().load("a", "csv"), ("HERE/a", "csv", None, {})),
    (lambda: DataFrameReader().load(), (None, None, None, {})),
    (
        lambda: DataFrameReader().load(format="csv", Path="a", header=True),
        (None, "csv", None, {"Path": "HERE/a", "header": True}),
    ),
    (lambda: DataFrameReader().parquet("a", "b", mergeSchema=True), (("HERE/a", "HERE/b"), {"mergeSchema": True})),
    (lambda: DataFrameReader().text("a", wholetext=True), ("HERE/a", True)),
    (lambda: DataFrameReader().table("a"), ("a",)),
    (lambda: DataFrameReader().option("path", "a"), ("path", "HERE/a")),
    (lambda: DataFrameReader().option("PATH", value="a"), ("PATH", "HERE/a")),
    (lambda: DataFrameReader().option(key="path", value="a"), ("path", "HERE/a")),
    (lambda: DataFrameReader().option("header", "a"), ("header", "a")),
    (lambda: DataFrameReader().options(path="a", sep="b"), ({"path": "HERE/a", "sep": "b"},)),
    (lambda: DataFrameWriter().save("a"), ("HERE/a", None, {})),
    (lambda: DataFrameWriter().saveAsTable("a", path="b"), ("a", None, {"path": "HERE/b"})),
    (lambda: DataStreamWriter().start("a", checkpointLocation="b"), ("HERE/a", None, {"checkpointLocation": "HERE/b"})),
    (lambda: DataStreamWriter().toTable("a", checkpointLocation="b"), ("a", None, {"checkpointLocation": "HERE/b"})),
    (lambda: SparkContext().textFile("a,b", 4), ("HERE/a,HERE/b", 4)),
    (lambda: SparkContext().addFile("a,b"), ("HERE/a,b", False)),
]


@pytest.mark.parametrize(("call", "heard"), CALLS)
def test_patched_method_gets_absolute_paths_and_the_rest_as_it_was(
    here: str, call: Call, heard: tuple[Any, ...]
) -> None:
    assert repr(call().args) == repr(heard).replace("HERE", here)


def test_wrong_call_is_refused_in_the_methods_own_words() -> None:
    reader: Any = DataFrameReader()

    with pytest.raises(TypeError, match=r"DataFrameReader\.csv\(\) got an unexpected keyword argument 'spe'"):
        reader.csv("a", spe=";")


def test_patched_method_keeps_its_name_and_documentation() -> None:
    assert DataFrameReader.csv.__name__ == "csv"
    assert DataFrameReader.option.__qualname__ == "DataFrameReader.option"


def test_class_that_has_no_paths_is_left_alone() -> None:
    class Other:
        def csv(self, path: str) -> str:
            return path

        def option(self, key: str, value: str) -> str:
            return value

    before = dict(vars(Other))

    paths.patch(Other)

    assert dict(vars(Other)) == before


@pytest.mark.parametrize("name", [(c, m) for c, methods in paths.METHODS.items() for m in methods])
def test_pyspark_has_every_method_with_these_parameters(name: tuple[str, str]) -> None:
    from pyspark import RDD, SparkContext
    from pyspark.sql.readwriter import DataFrameReader, DataFrameWriter
    from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

    classes = {c.__name__: c for c in (RDD, SparkContext, DataFrameReader, DataFrameWriter)}
    classes |= {c.__name__: c for c in (DataStreamReader, DataStreamWriter)}

    parameters = inspect.signature(getattr(classes[name[0]], name[1])).parameters

    assert set(paths.METHODS[name[0]][name[1]]) <= set(parameters)
