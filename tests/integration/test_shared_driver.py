"""Two notebooks on one cluster: neither changes what the other one has."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from live import Notebook, wait_until

Opener = Callable[[str], Notebook]


@pytest.fixture
def pair(open_notebook: Opener, cluster_id: str, request: pytest.FixtureRequest) -> tuple[Notebook, Notebook]:
    """Two notebooks of equal names in different folders, on one cluster."""
    name = request.node.name[:40].replace("[", "-").replace("]", "")
    one, other = (open_notebook(f"{name}/{folder}/n.ipynb").attach(cluster_id) for folder in "ab")
    return one, other


SAVE = """
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import Bucketizer, VectorAssembler
stages = Bucketizer(inputCol='id', outputCol='b', splits=[0.0, {split}, 9.0]), VectorAssembler(inputCols=['b'], outputCol='f')
Pipeline(stages=list(stages)).fit(spark.range(9)).write().overwrite().save('model')
"""
LOAD = "PipelineModel.load('model').stages[0].getSplits()"


def test_relative_paths_of_models_are_each_notebooks_own(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    one.run(SAVE.format(split="2.0")).ok()
    other.run(SAVE.format(split="5.0")).ok()

    assert (one.value(LOAD), other.value(LOAD)) == ([0.0, 2.0, 9.0], [0.0, 5.0, 9.0])
    assert one.value("import os; sorted(os.listdir('model'))") == ["metadata", "stages"]


@pytest.mark.parametrize(
    "read",
    [
        "spark.read.csv('in.csv').count()",
        "sc.textFile('in.csv').count()",
        "spark.sql('SELECT * FROM csv.`in.csv`').count()",
        "spark.catalog.createTable('{table}', path='in.csv', source='csv').count()",
        "spark.sql(\"CREATE TABLE {table} USING csv OPTIONS (header false, path 'in.csv')\"); spark.table('{table}').count()",
        "spark.sql(\"CREATE TABLE {table} (c STRING) USING csv LOCATION './in.csv'\"); spark.table('{table}').count()",
        "spark.sql('CREATE TABLE {table} (c STRING) USING hive'); "
        "spark.sql(\"LOAD DATA LOCAL INPATH 'in.csv' INTO TABLE {table}\"); spark.table('{table}').count()",
        "get_ipython().run_cell_magic('scala', '', 'val n = spark.read.csv(\"in.csv\").count()'); "
        "get_ipython().run_cell_magic('scala', '', 'Seq(n).toDF.createOrReplaceTempView(\"n\")'); spark.table('n').first()[0]",
        "from pyspark.mllib.util import MLUtils; MLUtils.loadLibSVMFile(sc, 'in.csv').count()",
        "spark.readStream.schema('c STRING').csv('files').writeStream.option('checkpointLocation', 'checkpoint')"
        ".trigger(availableNow=True).start('out', 'parquet').awaitTermination(); spark.read.parquet('out').count()",
    ],
)
def test_relative_paths_start_in_each_notebooks_folder(
    pair: tuple[Notebook, Notebook], read: str, request: pytest.FixtureRequest
) -> None:
    number = request.node.callspec.indices["read"]
    for notebook, rows in zip(pair, (1, 3), strict=True):
        notebook.run(
            f"import os; os.makedirs('files', exist_ok=True)\n"
            f"for p in ('in.csv', 'files/in.csv'): _ = open(p, 'w').write('1 1:2\\n' * {rows})"
        ).ok()

    counts = [n.value(read.replace("{table}", f"own_{number}_{i}")) for i, n in enumerate(pair)]
    pair[0].run(f"for i in (0, 1): spark.sql(f'DROP TABLE IF EXISTS own_{number}_{{i}}')").ok()

    assert counts == [1, 3]


def test_paths_follow_a_change_of_the_folder(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    for notebook, value in ((one, 1), (other, 2)):
        notebook.run(f"import os; os.makedirs('sub')\n_ = open('sub/beside.py', 'w').write('V = {value}')").ok()
        notebook.run("spark.range(1).count()\nos.chdir('sub')\nimport beside").ok()
        notebook.run(
            "spark.range(2).write.csv('out')\nspark.sql(\"INSERT OVERWRITE DIRECTORY 'dir' USING csv SELECT 1\")"
        ).ok()

    look = "(sorted(set(os.listdir('.')) - {'__pycache__'}), spark.range(1).rdd.map(lambda _: beside.V).collect())"
    assert [notebook.value(look)[1] for notebook in pair] == [[1], [2]]
    assert one.value(look)[0] == ["beside.py", "dir", "out"]


ADD = """
from pyspark import SparkFiles
from pyspark.sql.functions import udf
def write(value):
    open("utils.py", "w").write(f"V = {value}")
    open("settings.json", "w").write(f"{value}")
read = lambda _: (__import__("utils").V, int(open(SparkFiles.get("settings.json")).read()))
def seen():
    rows = spark.range(1).select(udf(read, "a long, b long")("id").alias("r"))
    return sc.parallelize([0]).map(read).first(), tuple(rows.first().r)
"""
ADDITIONS = [
    "sc.addPyFile('utils.py'); sc.addFile('settings.json')",
    "spark.sql('ADD FILE utils.py'); spark.sql(\"ADD FILES 'settings.json'\")",
]


@pytest.mark.parametrize("add", ADDITIONS)
def test_added_files_of_one_name_are_each_notebooks_own(pair: tuple[Notebook, Notebook], add: str) -> None:
    one, other = pair
    one.run(f"{ADD}\nwrite(1)\n{add}").ok()
    other.run(f"{ADD}\nwrite(2)\n{add}").ok()
    assert [notebook.value("seen()") for notebook in pair] == [((1, 1), (1, 1)), ((2, 2), (2, 2))]

    one.run(f"write(3)\n{add}").ok()
    one.run("import os; os.remove('utils.py'); os.remove('settings.json')").ok()

    assert [notebook.value("seen()") for notebook in pair] == [((3, 3), (3, 3)), ((2, 2), (2, 2))]
    assert len(one.value("sc.listFiles")) == 2
    assert one.value("open(SparkFiles.get('settings.json')).read()") == "3"


def test_added_archives_are_each_notebooks_own_and_end_with_its_session(pair: tuple[Notebook, Notebook]) -> None:
    for value, notebook in enumerate(pair):
        notebook.run(
            f"import shutil; from pyspark import SparkFiles\nopen('x.txt', 'w').write('{value}')\n"
            "_ = shutil.make_archive('a', 'zip', '.', 'x.txt')\nsc.addArchive('a.zip#data')"
        ).ok()
    read = "sc.parallelize([0]).map(lambda _: open(SparkFiles.get('data/x.txt')).read()).first()"

    assert [notebook.value(read) for notebook in pair] == ["0", "1"]

    pair[0].run("spark.stop()").ok()
    assert pair[0].value("sc.listFiles + sc.listArchives") == []
    assert pair[1].value(read) == "1"


def test_jars_of_one_name_do_not_clash(pair: tuple[Notebook, Notebook]) -> None:
    for notebook in pair:
        notebook.run("import zipfile\nwith zipfile.ZipFile('lib.jar', 'w') as z: z.writestr('x', '')").ok()
        notebook.run("%sql ADD JAR lib.jar").ok()

    assert [notebook.value("sc.parallelize([1]).count()") for notebook in pair] == [1, 1]


@pytest.mark.parametrize(
    "session",
    [
        "SparkSession.getActiveSession()",
        "SparkSession.active()",
        "__import__('finds_session').found()",
        "globals()['spark']",
        "get_ipython().user_ns['spark']",
        "eval('spark')",
    ],
)
def test_first_cell_finds_the_notebooks_session(
    open_notebook: Opener, cluster_id: str, session: str, request: pytest.FixtureRequest
) -> None:
    folder = f"first/{request.node.callspec.indices['session']}"
    notebook = open_notebook(f"{folder}/n.ipynb").attach(cluster_id)
    code = "from pyspark.sql import SparkSession\ndef found(): return SparkSession.getActiveSession()\n"
    (notebook.server.workspace.root / folder / "finds_session.py").write_text(code)

    found = notebook.run(f"from pyspark.sql import SparkSession\nmine = {session}\nmine.range(3).count()").ok()

    assert found.value == "3"
    assert notebook.value("mine._jsparkSession.equals(spark._jsparkSession)") is True


def test_no_name_leads_to_the_session_of_all(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    made = "from pyspark.sql import SparkSession\nmade = SparkSession(sc)\n"
    one.run(f"{made}spark.range(3).createOrReplaceTempView('v')").ok()
    other.run(f"{made}made.conf.set('spark.sql.shuffle.partitions', 3)").ok()

    assert one.value("made.table('v').count()") == 3
    assert other.value("[table.name for table in made.catalog.listTables() if table.isTemporary]") == []
    assert one.value("made.conf.get('spark.sql.shuffle.partitions')") == "4"


def test_profiler_finds_spark_in_a_first_cell(open_notebook: Opener, cluster_id: str) -> None:
    notebook = open_notebook("first/profiled.ipynb").attach(cluster_id)

    notebook.run("%prun -q spark.range(2).count()").ok()

    assert notebook.value("'spark' in globals()") is True


JOB = """import threading, time
def work():
    {mark}
    try: results.append(sc.parallelize([6], 1).map(lambda n: time.sleep(n) or n).first())
    except Exception as error: results.append("cancelled" if "cancel" in str(error) else str(error))
results = []
thread = threading.Thread(target=work); thread.start()
while not sc.statusTracker().getActiveJobsIds(): time.sleep(0.1)
"""


@pytest.mark.parametrize(
    ("mark", "cancel"),
    [
        ("pass", "sc.cancelAllJobs()"),
        ("sc.setJobGroup('etl', 'x')", "sc.cancelJobGroup('etl')"),
        ("sc.addJobTag('etl')", "sc.cancelJobsWithTag('etl')"),
    ],
)
def test_cancelling_reaches_only_the_notebooks_own_jobs(
    pair: tuple[Notebook, Notebook], mark: str, cancel: str
) -> None:
    one, other = pair
    for notebook in pair:
        notebook.run(JOB.format(mark=mark)).ok()

    one.run(f"{cancel}\nthread.join()").ok()
    other.run("thread.join()").ok()

    assert (one.value("results"), other.value("results")) == (["cancelled"], [6])


def test_checkpoints_are_in_each_notebooks_folder(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    one.run("import os\nsc.setCheckpointDir('own')").ok()
    unset = other.run("sc.parallelize([1]).checkpoint()")
    other.run("import os\nsc.setCheckpointDir('own')").ok()

    counts = [notebook.value("spark.range(3).checkpoint().count()") for notebook in pair]

    assert "Checkpoint directory has not been set" in unset.error
    assert counts == [3, 3]
    assert [notebook.value("len([f for _, _, fs in os.walk('own') for f in fs]) > 0") for notebook in pair] == [
        True,
        True,
    ]


def test_default_checkpoints_of_streams_are_in_each_notebooks_folder(pair: tuple[Notebook, Notebook]) -> None:
    run = (
        "q = spark.readStream.format('rate').load().writeStream.format('noop').queryName('z')"
        ".trigger(availableNow=False, once=True).start(); q.awaitTermination(); import os; sorted(os.listdir('ck'))"
    ).replace("availableNow=False, ", "")
    pair[0].run("spark.conf.set('spark.sql.streaming.checkpointLocation', 'ck')").ok()
    pair[1].run("%sql SET spark.sql.streaming.checkpointLocation=ck").ok()

    assert [notebook.value(run) for notebook in pair] == [["z"], ["z"]]


def test_view_on_a_relative_file_means_the_same_in_another_notebook(pair: tuple[Notebook, Notebook]) -> None:
    for rows, notebook in enumerate(pair, 1):
        notebook.run(f"_ = open('in.csv', 'w').write('1\\n' * {rows})").ok()
    pair[0].run("%sql CREATE OR REPLACE VIEW on_file AS SELECT * FROM csv.`in.csv`").ok()

    counts = [notebook.value("spark.table('on_file').count()") for notebook in pair]
    pair[0].run("%sql DROP VIEW on_file").ok()

    assert counts == [1, 1]


def test_notebooks_own_folder_is_not_written_over(pair: tuple[Notebook, Notebook]) -> None:
    one, _ = pair
    one.run("import os\n_ = open('mine.txt', 'w').write('')").ok()

    refused = [
        one.run(f"spark.range(1).write.mode('overwrite').csv({path})").error for path in ("'.'", "'..'", "'/Workspace'")
    ]

    assert all("contains this notebook's folder" in error for error in refused)
    assert "mine.txt" in one.value("os.listdir('.')")


def test_interrupt_of_to_pandas_is_an_interrupt(pair: tuple[Notebook, Notebook]) -> None:
    one, _ = pair
    running = one.begin(
        "spark.range(1).count()\n"
        "try: spark.range(10**13).selectExpr('max(id) m').toPandas()\nexcept Exception as error: print('swallowed')"
    )
    wait_until(lambda: one.server.call("GET", f"api/kernels/{one.kernel_id}")["execution_state"] == "busy", 10)
    time.sleep(4)  # the query runs
    one.server.call("POST", f"api/kernels/{one.kernel_id}/interrupt")

    outcome = one.wait(running)

    assert (outcome.text, outcome.error.partition(":")[0]) == ("", "KeyboardInterrupt")


STREAM = """
import time, warnings; warnings.simplefilter("ignore")
from pyspark.streaming import StreamingContext
got = []
ssc = StreamingContext(sc, 1)
ssc.queueStream([sc.parallelize([1, 2, 3])]).foreachRDD(lambda rdd: got.extend(rdd.collect()))
"""


def test_stop_of_a_streaming_context_ends_only_its_own_session(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    other.run("kept = spark.range(3).cache()").ok()
    running = other.begin("import time\nsc.parallelize([5]).map(lambda n: time.sleep(n) or n).collect()")

    one.run(f"{STREAM}\nssc.start()\nwhile not got: time.sleep(0.2)\nssc.stop()").ok()

    assert other.wait(running).ok().value == "[5]"
    assert (one.value("got"), one.value("spark.range(3).count()")) == ([1, 2, 3], 3)
    assert other.value("kept.count()") == 3


def test_second_streaming_context_names_the_notebook_of_the_first_until_it_ends(
    pair: tuple[Notebook, Notebook],
) -> None:
    one, other = pair
    one.run(f"{STREAM}\nssc.start()").ok()

    refused = other.run(f"{STREAM}\nssc.start()")
    one.run("spark.stop()").ok()
    other.run(
        "import time\nwhile sc._jvm.org.apache.spark.streaming.StreamingContext.getActive().isDefined(): time.sleep(0.2)"
    ).ok()
    other.run(f"{STREAM}\nssc.start()\nwhile not got: time.sleep(0.2)\nssc.stop(stopSparkContext=False)").ok()

    assert refused.error.startswith(
        f"NotebookError: {one.server.workspace.root / one.path} has a running StreamingContext"
    )
    assert other.value("got") == [1, 2, 3]


@pytest.mark.parametrize("stop", ["sc._jsc.sc().stop()", "sc._jsc.stop()", "spark._jsparkSession.stop()"])
def test_context_of_all_cannot_be_stopped_by_reflection(pair: tuple[Notebook, Notebook], stop: str) -> None:
    one, other = pair
    other.run("kept = spark.range(3).cache()").ok()

    outcome = one.run(f"spark.range(1).count()\n{stop}")

    assert "`spark.stop()` ends this notebook's session" in outcome.traceback
    assert (other.value("kept.count()"), one.value("spark.range(2).count()")) == (3, 2)


def test_stop_in_scala_ends_the_notebooks_own_session(pair: tuple[Notebook, Notebook]) -> None:
    one, other = pair
    other.run("kept = spark.range(3).cache()").ok()
    one.run("spark.range(3).createOrReplaceTempView('v')").ok()

    one.run("%%scala\nspark.stop()").ok()

    assert one.value("spark.catalog.tableExists('v')") is False
    assert other.value("kept.count()") == 3


def test_detach_by_the_api_frees_the_seat_as_soon_as_no_cell_runs(
    pair: tuple[Notebook, Notebook], cluster_id: str
) -> None:
    idle, busy = pair
    server = idle.server
    for notebook in pair:
        notebook.run("spark.range(1).count()").ok()
    cell = busy.begin("import time; time.sleep(4); spark.range(7).count()")

    def seated() -> set[str]:
        live = server.call("GET", f"api/dbx/clusters/{cluster_id}")["live"]
        return {seat["kernel_id"] for seat in live["notebooks"]} & {idle.kernel_id, busy.kernel_id}

    wait_until(lambda: len(seated()) == 2, 10)
    for notebook in pair:
        server.call("DELETE", f"api/dbx/kernels/{notebook.kernel_id}/cluster")
    wait_until(lambda: seated() == {busy.kernel_id}, 2)

    assert busy.wait(cell).ok().value == "7"
    wait_until(lambda: not seated(), 10)
    assert "No cluster is attached" in idle.run("spark").traceback
