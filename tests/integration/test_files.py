"""Files under every name: of folders with special characters, of the workspace, and of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Notebook, Server, Workspace

pytestmark = pytest.mark.spark

#: A name with characters that mean something in patterns, lists, URLs, properties or shells.
ODD = "Kurs 1, Woche 2 [x] {y} 50% off a#b ü 'z'"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, archives: Path) -> Iterator[Server]:
    """A server whose workspace is in a folder with such a name."""
    server = Server(Workspace(tmp_path_factory.mktemp("odd") / ODD, archives))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def odd_cluster(odd: Server) -> Iterator[str]:
    cluster_id = odd.create("odd", num_workers=1, spark_conf={"spark.sql.shuffle.partitions": "2"})
    assert odd.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING", odd.cluster(cluster_id)
    yield cluster_id
    odd.delete(cluster_id)


@pytest.fixture(scope="module")
def open_odd(odd: Server, odd_cluster: str) -> Iterator[Callable[[str], Notebook]]:
    """Opens an attached notebook in a folder of the server."""
    opened: list[Notebook] = []

    def open_in(folder: str) -> Notebook:
        opened.append(Notebook(odd, f"{folder}/n.ipynb").attach(odd_cluster))
        return opened[-1]

    yield open_in
    for notebook in opened:
        notebook.close()


@pytest.fixture(scope="module")
def here(open_odd: Callable[[str], Notebook]) -> Notebook:
    """A notebook in a folder with such a name."""
    notebook = open_odd(ODD)
    notebook.run("from pathlib import Path\nfrom pyspark.sql.functions import udf\n%cd .").ok()
    return notebook


def test_relative_files_of_a_folder_with_special_characters(here: Notebook) -> None:
    here.run("Path('in.csv').write_text('a\\n1\\n2\\n'); Path('beside.py').write_text('V = 7\\n')").ok()
    here.run("Path('other.py').write_text('# Databricks notebook source\\nother = 3\\n')").ok()

    assert here.value(
        "spark.read.csv('in.csv', header=True).count(), spark.read.csv('*.csv', header=True).count()"
    ) == (2, 2)
    assert here.value("spark.read.option('header', True).load(format='csv', path='in.csv').count()") == 2
    assert here.value("spark.read.csv(str(Path.cwd() / 'in.csv')).count(), sc.textFile('in.csv,*.csv').count()") == (
        3,
        6,
    )
    assert here.value("len(sc.wholeTextFiles('in.csv').collect())") == 1
    assert here.value("spark.range(3).write.mode('overwrite').parquet('out'); spark.read.parquet('out').count()") == 3
    assert here.value("import os; os.path.isdir('out')") is True
    assert "Spark cannot stream from" in here.run("spark.readStream.schema('id long').parquet('out')").error
    assert here.value("import beside\nspark.range(1).select(udf(lambda _: beside.V, 'int')('id')).first()[0]") == 7
    assert here.run("%run ./other").ok() and here.value("other") == 3
    assert "in.csv" in here.run("%sh ls").ok().text.splitlines()
    here.run("sc.parallelize([1, 2], 1).saveAsPickleFile('pickled')").ok()
    assert here.value("sorted(sc.pickleFile('pickled').collect())") == [1, 2]


def test_workspace_in_a_folder_with_special_characters(here: Notebook) -> None:
    here.run("spark.range(5).write.mode('overwrite').saveAsTable('five')").ok()
    assert here.value("spark.table('five').count()") == 5
    assert here.value("spark.range(4).write.mode('overwrite').csv('/Volumes/main/s/v/four'); "
                      "spark.read.csv('/Volumes/main/s/v/four/*.csv').count()") == 4  # fmt: skip
    assert here.value("spark.range(3).repartition(2).groupBy('id').count().count()") == 3
    here.run("dbutils.fs.put('dbfs:/tmp/x', '1', True)").ok()
    assert here.value("spark.read.text('dbfs:/tmp/x').count(), open('/dbfs/tmp/x').read()") == (1, "1")
    here.run("Path('mounted.csv').write_text('a\\n1\\n'); dbutils.fs.mount('file:' + os.getcwd(), '/mnt/here')").ok()
    assert here.value("spark.read.csv('/mnt/here/mounted.csv', header=True).count()") == 1
    assert here.value("open('/dbfs/mnt/here/mounted.csv').read()") == "a\n1\n"
    assert here.run("%sh cat /dbfs/mnt/here/mounted.csv").ok().text == "a\n1\n"


def test_shells_and_programs_find_a_file_of_dbfs(here: Notebook) -> None:
    here.run("dbutils.fs.put('dbfs:/tmp/x', 'found', True)").ok()

    for cell in ("%sh cat /dbfs/tmp/x", "!cat /dbfs/tmp/x", "%%bash\ncat /dbfs/tmp/x", "p = '/dbfs/tmp/x'\n!cat {p}"):
        assert here.run(cell).ok().text.strip() == "found", cell
    assert (
        here.value("import subprocess; subprocess.run(['cat', '/dbfs/tmp/x'], capture_output=True).stdout") == b"found"
    )
    assert here.value("out = !cat /dbfs/tmp/x\nlist(out)") == ["found"]
    script = "%sh ROOT=$(mktemp -d); mkdir -p $ROOT/dbfs/in; ls ${ROOT}/dbfs"
    assert here.run(script).ok().text == "in\n"


def test_folder_that_the_machine_lacks_is_one_place_in_all_spellings(here: Notebook) -> None:
    assert here.value("dbutils.fs.mkdirs('/demos/retail'), dbutils.fs.put('/demos/retail/a.csv', 'a\\n1\\n', True)")
    assert here.value("open('/dbfs/demos/retail/a.csv').read()") == "a\n1\n"
    here.run("import pandas as pd; pd.DataFrame({'a': [1]}).to_csv('/dbfs/demos/b.csv', index=False)").ok()
    assert here.value("spark.read.csv('/demos/b.csv', header=True).count()") == 1
    assert here.value("[f.path for f in dbutils.fs.ls('/demos')]") == ["dbfs:/demos/b.csv", "dbfs:/demos/retail/"]


def test_error_names_the_other_spelling_of_a_file_in_tmp(here: Notebook, tmp_path: Path) -> None:
    here.run(f"dbutils.fs.put('{tmp_path}/a.csv', 'a', True)").ok()
    here.run(f"os.makedirs('/dbfs{tmp_path}'); open('/dbfs{tmp_path}/b.csv', 'w').close()").ok()

    read = here.run(f"open('/dbfs{tmp_path}/a.csv')")
    assert f"`file:{tmp_path}/a.csv` for Spark" in read.traceback
    assert (
        f"Hint: This file is in the workspace: `dbfs:{tmp_path}/b.csv`"
        in here.run(f"spark.read.csv('{tmp_path}/b.csv')").traceback
    )
    assert f"`dbfs:{tmp_path}/b.csv`" in here.run(f"dbutils.fs.ls('{tmp_path}/b.csv')").error
    assert f"`file:{tmp_path}/a.csv`" in here.run(f"spark.read.csv('dbfs:{tmp_path}/a.csv')").traceback


def test_error_of_a_library_that_opens_files_itself_names_the_path(here: Notebook) -> None:
    here.run("os.makedirs('/Volumes/main/s/v', exist_ok=True)").ok()

    failed = here.run("import sqlite3\nsqlite3.connect('/Volumes/main/s/v/a.db')")

    assert "does not know /Volumes" in failed.traceback and "/data/Volumes/main/s/v/a.db" in failed.traceback


@pytest.mark.parametrize("path", ["dbfs:/listed/a b.csv", "/listed/a b.csv", "/dbfs/listed/a b.csv"])
def test_listing_one_file_gives_its_path(here: Notebook, path: str) -> None:
    here.run("dbutils.fs.put('dbfs:/listed/a b.csv', '1', True)").ok()

    assert here.value(f"[(f.path, f.name, f.size, f.isFile()) for f in dbutils.fs.ls({path!r})]") == [
        ("dbfs:/listed/a b.csv", "a b.csv", 1, True)
    ]


def test_listing_a_relative_file_gives_its_path(here: Notebook) -> None:
    here.run("Path('in.csv').write_text('a\\n1\\n2\\n')").ok()

    assert here.value("[(f.path == f'file:{os.getcwd()}/in.csv', f.name) for f in dbutils.fs.ls('in.csv')]") == [
        (True, "in.csv")
    ]
    assert here.value("dbutils.fs.head(dbutils.fs.ls('in.csv')[0].path)") == "a\n1\n2\n"


@pytest.mark.parametrize(
    "path", ["/Workspace/.", "/Workspace/none/..", "file:/tmp/.", "/Volumes/", "dbfs:/x/..", "/dbfs/.", "..", "../."]
)
def test_folders_that_others_need_are_not_removed_by_any_name(here: Notebook, path: str) -> None:
    here.run(
        "import os\nfolder = os.getcwd()\nos.makedirs('/Workspace/one/two', exist_ok=True)\nos.chdir('/Workspace/one')"
    ).ok()

    outcomes = [
        here.run(f"dbutils.fs.{call}") for call in (f"rm({path!r}, True)", f"mv({path!r}, 'dbfs:/moved', True)")
    ]
    kept = here.value("os.path.isdir('/Workspace/one/two')")
    here.run("os.chdir(folder)").ok()

    assert all("is protected and cannot be removed" in outcome.error for outcome in outcomes)
    assert kept is True


@pytest.mark.parametrize("verb", ["cp", "mv"])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("k.txt", "k.txt"),
        ("k.txt", "."),
        ("link.txt", "k.txt"),
        ("/dbfs/tmp/k.txt", "dbfs:/tmp/k.txt"),
        ("dbfs:/tmp/k.txt", "/dbfs/tmp"),
    ],
)
def test_file_is_not_copied_or_moved_onto_itself(here: Notebook, verb: str, source: str, target: str) -> None:
    here.run(
        "import os\nos.makedirs('/dbfs/tmp', exist_ok=True)\nif not os.path.lexists('link.txt'): os.symlink('k.txt', 'link.txt')"
    ).ok()
    here.run("for name in ('k.txt', '/dbfs/tmp/k.txt'): _ = open(name, 'w').write('kept')").ok()

    outcome = here.run(f"dbutils.fs.{verb}({source!r}, {target!r})")

    assert "are the same file" in outcome.error
    assert here.value("[open(name).read() for name in ('k.txt', '/dbfs/tmp/k.txt')]") == ["kept", "kept"]


def test_python_copies_files_of_workspace_folders_with_their_attributes(here: Notebook) -> None:
    here.run("import os, shutil\nos.makedirs('/dbfs/tmp', exist_ok=True)\n_ = open('/dbfs/tmp/a', 'w').write('1')").ok()

    assert here.value("shutil.copy2('/dbfs/tmp/a', '/dbfs/tmp/b')") == "/dbfs/tmp/b"


def test_function_on_a_worker_opens_files_in_the_notebooks_folder(here: Notebook) -> None:
    here.run("_ = open('in.txt', 'w').write('7')").ok()

    read = "spark.range(1).rdd.map(lambda _: (open('out.txt', 'w').write('x'), open('in.txt').read())).first()"
    assert here.value(read) == (1, "7")
    assert here.value("open('out.txt').read()") == "x"


def test_a_spark_conf_without_settings_prints_nothing(here: Notebook) -> None:
    outcome = here.run("from pyspark import SparkConf, SparkContext\n_ = SparkContext.getOrCreate(SparkConf())").ok()

    assert outcome.text == ""
