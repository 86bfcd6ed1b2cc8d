"""Paths on their way to Spark: workspace folders are translated, options are made absolute, other values are unchanged."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.pyspark import paths
from jupyter_dbx.kernel.workspace.folders import Folders


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The notebook's folder."""
    monkeypatch.chdir(tmp_path)
    return os.getcwd()


class PathObject:
    """A path that is not a string."""

    def __fspath__(self) -> str:
        return "object.csv"


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
        (PathObject(), "HERE/object.csv"),
        (["a", "/b", "s3://c/d", Path("e")], ["HERE/a", "/b", "s3://c/d", "HERE/e"]),
        (("a", "b"), ("HERE/a", "HERE/b")),
        ([], []),
    ],
)
def test_relative_path_is_made_absolute(here: str, path: object, made: object) -> None:
    assert paths.absolute(path) == _expand(made, here)


def _expand(value: Any, here: str) -> Any:
    if isinstance(value, str):
        return value.replace("HERE", here)
    return type(value)(_expand(each, here) for each in value)


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
def test_other_values_are_unchanged(path: object) -> None:
    assert paths.absolute(path) == path


def test_absolute_path_object_becomes_a_string() -> None:
    assert paths.absolute(Path("/a/b")) == "/a/b"


@pytest.mark.parametrize(
    ("several", "made"),
    [
        ("a.txt", "HERE/a.txt"),
        ("a,1:c", "HERE/a,HERE/1:c"),
        ("a,/Volumes/b,s3://c", "HERE/a,DATA/Volumes/b,s3://c"),
        ("{a,{b,c}}.txt,/dbfs/{e,f}", "HERE/{a,{b,c}}.txt,dbfs:/{e,f}"),
        (Path("a"), "HERE/a"),
    ],
)
def test_each_path_of_a_comma_separated_list_is_translated(
    here: str, tmp_path: Path, several: object, made: str
) -> None:
    folders = Folders(tmp_path, tmp_path)

    assert paths.each_pattern(several, folders) == made.replace("HERE", here).replace("DATA", str(tmp_path))


def test_folder_that_would_be_a_pattern_is_left_to_the_drivers_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "data[2024], {x}"
    odd.mkdir()
    monkeypatch.chdir(odd)

    assert paths.for_spark(["in.csv", "*.csv", "/a", "1:2"]) == ["in.csv", "*.csv", "/a", f"{odd}/1:2"]


#: Name of a folder → the name in a pattern, and in a comma-separated list of patterns.
NAMES = {
    "Course 1, Week 2": ("Course 1, Week 2", r"Course 1{\,} Week 2"),
    "data[2024] {x}": (r"data\[2024\] \{x\}", r"data\[2024\] \{x\}"),
    "{a,b}": (r"\{a,b\}", r"\{a,b\}"),
    r"*?\ ": (r"\*\?\\ ", r"\*\?\\ "),
    "50% off a#b ü": ("50% off a#b ü", "50% off a#b ü"),
}


@pytest.mark.parametrize("name", NAMES)
def test_name_of_the_notebooks_folder_is_no_pattern(here: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    Path(name).mkdir()
    Path(name, "in.csv").touch()
    monkeypatch.chdir(name)

    one, each = NAMES[name]
    assert paths.pattern("*.csv") == f"{here}/{one}/*.csv"
    assert paths.pattern(f"{here}/{name}/in.csv") == f"{here}/{one}/in.csv"
    assert paths.each_pattern("[a-i]n.csv,{a,b}") == f"{here}/{each}/[a-i]n.csv,{here}/{each}/{{a,b}}"
    assert paths.each_pattern(f"{here}/{name}/in.csv") == f"{here}/{each}/in.csv"
    assert paths.absolute("out") == f"{here}/{name}/out"


def test_stream_from_a_folder_with_special_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data[1]").mkdir()

    assert paths.pattern_of_stream("*.csv") == f"{os.getcwd()}/*.csv"
    monkeypatch.chdir("data[1]")
    with pytest.raises(NotebookError, match=r"Spark cannot stream from .*data\[1\]/in, because .* Rename the folder"):
        paths.pattern_of_stream("in")


def test_file_with_special_characters_is_found_by_its_name(here: str) -> None:
    Path("a[1].csv").touch()

    assert paths.pattern("a[1].csv") == rf"{here}/a\[1\].csv"
    assert paths.pattern(["a[1].csv", "a[2].csv"]) == [rf"{here}/a\[1\].csv", f"{here}/a[2].csv"]


def test_workspace_folder_is_no_pattern(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data [1]", tmp_path)
    (tmp_path / "data [1]" / "Volumes").mkdir(parents=True)

    assert paths.pattern("/Volumes/a/[0-9].csv", folders) == rf"{tmp_path}/data \[1\]/Volumes/a/[0-9].csv"


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        ("c\no1\nsave\ns/dbfs/m\ne\n", "c\no1\nsave\nsdbfs:/m\ne\n"),
        ("c\nz:org.KMeansModel\nload\nro2\ns/dbfs/m\ne\n", "c\nz:org.KMeansModel\nload\nro2\nsdbfs:/m\ne\n"),
        ("c\no1\nsave\nsrelative\ne\n", "c\no1\nsave\nsrelative\ne\n"),
        ("c\no1\nlit\ns/dbfs/m\ne\n", "c\no1\nlit\ns/dbfs/m\ne\n"),
        ("m\nd\no1\ne\n", "m\nd\no1\ne\n"),
    ],
)
def test_paths_of_models_are_translated_on_their_way_to_java(tmp_path: Path, command: str, sent: str) -> None:
    assert paths.in_command(command, Folders(tmp_path, tmp_path)) == sent


class Recorder:
    """Records the arguments that the original method of a patched class receives."""

    def __init__(self) -> None:
        self.args: tuple[Any, ...] = ()

    def record(self, *args: Any) -> Recorder:
        self.args = args
        return self


class DataFrameReader(Recorder):
    def option(self, key: str, value: Any) -> Recorder:
        return self.record(key, value)

    def options(self, **options: Any) -> Recorder:
        return self.record(options)

    def load(self, path: Any = None, format: str | None = None, schema: Any = None, **options: Any) -> Recorder:
        return self.record(path, format, schema, options)

    def csv(self, path: Any, schema: Any = None, sep: str | None = None) -> Recorder:
        return self.record(path, schema, sep)

    def parquet(self, *paths: Any, **options: Any) -> Recorder:
        return self.record(paths, options)

    def text(self, paths: Any, wholetext: bool = False) -> Recorder:
        return self.record(paths, wholetext)

    def table(self, tableName: str) -> Recorder:
        return self.record(tableName)


class DataFrameWriter(Recorder):
    def save(self, path: Any = None, format: str | None = None, **options: Any) -> Recorder:
        return self.record(path, format, options)

    def saveAsTable(self, name: str, format: str | None = None, **options: Any) -> Recorder:
        return self.record(name, format, options)


class DataStreamWriter(Recorder):
    def start(self, path: Any = None, format: str | None = None, **options: Any) -> Recorder:
        return self.record(path, format, options)

    def toTable(self, tableName: str, format: str | None = None, **options: Any) -> Recorder:
        return self.record(tableName, format, options)


class SparkContext(Recorder):
    def textFile(self, name: Any, minPartitions: int | None = None) -> Recorder:
        return self.record(name, minPartitions)

    @property
    def applicationId(self) -> str:
        return "app"

    def addFile(self, path: Any, recursive: bool = False) -> Recorder:
        return self.record(path, recursive)


for each in (DataFrameReader, DataFrameWriter, DataStreamWriter, SparkContext):
    paths.patch(each, Folders(Path("/data"), Path("/root")))

Call = Callable[[], Recorder]

CALLS: list[tuple[Call, tuple[Any, ...]]] = [
    (lambda: DataFrameReader().csv("/Volumes/a"), ("/data/Volumes/a", None, None)),
    (lambda: DataFrameReader().csv(path="/Volumes/a", sep=";"), ("/data/Volumes/a", None, ";")),
    (lambda: DataFrameReader().csv(["a", "/dbfs/b"], "c INT"), (["HERE/a", "dbfs:/b"], "c INT", None)),
    (lambda: DataFrameReader().load("/dbfs/a", "csv"), ("dbfs:/a", "csv", None, {})),
    (lambda: DataFrameReader().load(), (None, None, None, {})),
    (
        lambda: DataFrameReader().load(format="csv", Path="a", header=True),
        (None, "csv", None, {"Path": "HERE/a", "header": True}),
    ),
    (
        lambda: DataFrameReader().parquet("a", "/dbfs/b", mergeSchema=True),
        (("HERE/a", "dbfs:/b"), {"mergeSchema": True}),
    ),
    (lambda: DataFrameReader().text("/dbfs/a", wholetext=True), ("dbfs:/a", True)),
    (lambda: DataFrameReader().table("/dbfs/a"), ("/dbfs/a",)),
    (lambda: DataFrameReader().option("path", "a"), ("path", "HERE/a")),
    (lambda: DataFrameReader().option("PATH", value="a"), ("PATH", "HERE/a")),
    (lambda: DataFrameReader().option(key="path", value="/dbfs/a"), ("path", "dbfs:/a")),
    (lambda: DataFrameReader().option("header", "/dbfs/a"), ("header", "/dbfs/a")),
    (lambda: DataFrameReader().options(path="a", sep="b"), ({"path": "HERE/a", "sep": "b"},)),
    (lambda: DataFrameWriter().save("/dbfs/a"), ("dbfs:/a", None, {})),
    (lambda: DataFrameWriter().saveAsTable("a", path="b"), ("a", None, {"path": "HERE/b"})),
    (
        lambda: DataStreamWriter().start("/dbfs/a", checkpointLocation="b"),
        ("dbfs:/a", None, {"checkpointLocation": "HERE/b"}),
    ),
    (lambda: DataStreamWriter().toTable("a", checkpointLocation="b"), ("a", None, {"checkpointLocation": "HERE/b"})),
    (lambda: SparkContext().textFile("a,/dbfs/b", 4), ("HERE/a,dbfs:/b", 4)),
    (lambda: SparkContext().addFile("/Volumes/a,b"), ("/data/Volumes/a,b", False)),
]


@pytest.mark.parametrize(("call", "received"), CALLS)
def test_patched_method_gets_paths_for_spark_and_other_arguments_unchanged(
    here: str, call: Call, received: tuple[Any, ...]
) -> None:
    assert repr(call().args) == repr(received).replace("HERE", here)


def test_wrong_call_raises_the_methods_own_error() -> None:
    reader: Any = DataFrameReader()

    with pytest.raises(TypeError, match=r"DataFrameReader\.csv\(\) got an unexpected keyword argument 'spe'"):
        reader.csv("a", spe=";")


def test_patched_method_keeps_its_name_and_documentation() -> None:
    assert DataFrameReader.csv.__name__ == "csv"
    assert DataFrameReader.option.__qualname__ == "DataFrameReader.option"


def test_class_without_paths_is_unchanged() -> None:
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
    from pyspark.sql.catalog import Catalog
    from pyspark.sql.readwriter import DataFrameReader, DataFrameWriter
    from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

    classes = {c.__name__: c for c in (RDD, SparkContext, DataFrameReader, DataFrameWriter)}
    classes |= {c.__name__: c for c in (Catalog, DataStreamReader, DataStreamWriter)}

    parameters = inspect.signature(getattr(classes[name[0]], name[1])).parameters

    assert set(paths.METHODS[name[0]][name[1]]) <= set(parameters)
