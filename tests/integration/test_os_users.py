"""A cluster of one OS user, a notebook of another one on it, and a third one who looks around."""

from __future__ import annotations

import ast
import json
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from carl import Carl
from foreign_kernel import ForeignKernel
from live import Server, Workspace, wait_until
from other_user import Namespace, other_users, processes_of
from wheels import make_wheel

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def namespace(archives: Path) -> Iterator[Namespace]:
    """Ann has the control plane and its clusters, Bob a notebook, Carl nothing."""
    with other_users("ann", "bob", "carl", visible=[archives]) as namespace:
        yield namespace


@pytest.fixture(scope="module")
def server(namespace: Namespace, archives: Path) -> Iterator[Server]:
    ann = namespace.users[0]
    workspace = Workspace(ann.home / "workspace", archives)
    workspace.root.mkdir(parents=True)
    workspace.data.mkdir()
    for folder in (workspace.folder, workspace.root, workspace.data):
        ann.own(folder)
    # What must be private is so by itself, not because of the folders above.
    for folder in (ann.home, workspace.folder, workspace.data):
        folder.chmod(0o755)
    # The search for language servers, an extension of JupyterLab, leaves logs of npm.
    options = ("--LanguageServerManager.autodetect=False",)
    server = Server(workspace, prefix=(*namespace.prefix, *ann.prefix), options=options)
    yield server
    for cluster in server.call("GET", "api/2.0/clusters/list").get("clusters", []):
        server.delete(cluster["cluster_id"])
    server.stop()


@pytest.fixture(scope="module")
def cluster_id(server: Server) -> str:
    cluster_id = server.create("anns", num_workers=1, spark_conf={"spark.sql.shuffle.partitions": "4"})
    assert server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    return cluster_id


@pytest.fixture(scope="module")
def bobs(server: Server, namespace: Namespace, cluster_id: str) -> Iterator[ForeignKernel]:
    kernel = ForeignKernel(server, namespace, namespace.users[1]).attach(cluster_id)
    yield kernel
    kernel.close()


#: What a notebook does → a cell that fails unless it works.
CELLS = {
    "run a job": "assert spark.range(1000).count() == 1000",
    "run as two users": """
import os
driver = spark._jvm.java.lang.System.getProperty("user.name")
assert (driver, os.environ["USER"]) == ("ann", "bob"), driver
""",
    "create a DataFrame from rows": """
rows = [(i, "x" * 100) for i in range(30_000)]
assert spark.createDataFrame(rows, "i int, s string").count() == 30_000
""",
    "create a DataFrame from pandas": """
import numpy, pandas
frame = pandas.DataFrame({"n": numpy.arange(300_000), "x": numpy.random.rand(300_000)})
for use_arrow in ("true", "false"):
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", use_arrow)
    some = frame if use_arrow == "true" else frame[:20_000]
    made = spark.createDataFrame(some)
    assert made.count() == len(some)
    assert made.limit(1000).toPandas().n.sum() == 499_500
""",
    "create a DataFrame from Arrow": """
import pyarrow
table = pyarrow.table({"n": list(range(200_000))})
assert spark.createDataFrame(table).toArrow().num_rows == 200_000
""",
    "parallelize": "assert sc.parallelize(list(range(500_000)), 4).sum() == 124_999_750_000",
    "broadcast": """
small, large = sc.broadcast([1, 2]), sc.broadcast(bytes(20_000_000))
assert sc.parallelize([0]).map(lambda _: (len(small.value), len(large.value))).collect() == [(2, 20_000_000)]
assert (small.value, len(large.value)) == ([1, 2], 20_000_000)
small.unpersist()
large.destroy()
""",
    "send a large function": """
payload = os.urandom(3_000_000)
assert sc.parallelize([0]).map(lambda _: len(payload)).collect() == [3_000_000]
""",
    "run Python functions in SQL": """
from pyspark.sql import functions as F
import pandas
plus = F.udf(lambda n: n + 1, "long")
@F.pandas_udf("long")
def twice(n: pandas.Series) -> pandas.Series:
    return n * 2
assert spark.range(10).select(F.sum(plus("id")), F.sum(twice("id"))).first() == (55, 90)
spark.udf.register("thrice", lambda n: n * 3, "long")
assert spark.sql("SELECT thrice(2)").first()[0] == 6
""",
    "collect": """
data = spark.range(100_000)
assert len(data.collect()) == len(data.toPandas()) == sum(1 for _ in data.toLocalIterator()) == 100_000
assert data.rdd.map(lambda row: row.id).take(3) == [0, 1, 2]
""",
    "accumulate": """
total = sc.accumulator(0)
spark.range(100).foreach(lambda row: total.add(row.id))
assert total.value == 4950
""",
    "add files": """
from pathlib import Path
from pyspark import SparkFiles
Path("module_of_bob.py").write_text("def answer():\\n    return 42\\n")
Path("data.txt").write_text("of Bob")
os.chmod("data.txt", 0o600)
os.chmod("module_of_bob.py", 0o600)
sc.addFile("data.txt")
sc.addPyFile("module_of_bob.py")
def read(_):
    import module_of_bob
    from pyspark import SparkFiles
    with open(SparkFiles.get("data.txt")) as file:
        return file.read(), module_of_bob.answer()
assert sc.parallelize([0]).map(read).collect() == [("of Bob", 42)]
assert Path(SparkFiles.get("data.txt")).read_text() == "of Bob"
""",
    "query with SQL": "%sql SELECT count(*) AS n FROM range(10)",
    "display": "display(spark.range(5).toDF('n'))",
    "use temporary views": """
spark.range(3).createOrReplaceTempView("three")
assert spark.sql("SELECT count(*) FROM three").first()[0] == 3
""",
    "save a table": """
spark.range(3).write.mode("overwrite").saveAsTable("kept")
assert spark.table("kept").count() == 3
""",
    "use the workspace's files through Spark": """
dbutils.fs.put("dbfs:/hello.txt", "Hello", True)
assert dbutils.fs.head("/hello.txt") == "Hello"
assert [row.value for row in spark.read.text("dbfs:/hello.txt").collect()] == ["Hello"]
spark.range(3).write.mode("overwrite").parquet("/Volumes/main/default/v/numbers")
assert spark.read.parquet("/Volumes/main/default/v/numbers").count() == 3
assert [info.name for info in dbutils.fs.ls("/Volumes/main/default/v")] == ["numbers/"]
""",
    "run a shell": '%sh test "$(id -un)" = bob',
    "run Scala": """%scala
println("from Scala")
val n = spark.range(7).map(n => n * 2).count()
""",
    "stream": """
import time
seen = []
query = spark.readStream.format("rate").option("rowsPerSecond", 50).load().writeStream.foreachBatch(
    lambda batch, number: seen.append(batch.count())).start()
deadline = time.time() + 60
while sum(seen) == 0 and time.time() < deadline:
    time.sleep(0.2)
query.stop()
assert sum(seen) > 0
""",
    "map partitions in pandas": """
def same(frames):
    yield from frames
assert spark.range(10).mapInPandas(same, "id long").count() == 10
""",
    "train a model": """
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.clustering import KMeans
data = VectorAssembler(inputCols=["id"], outputCol="features").transform(spark.range(20))
model = KMeans(k=2, seed=1).fit(data)
model.write().overwrite().save("dbfs:/models/km")
assert KMeans.load and len(model.clusterCenters()) == 2
""",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_notebook_of_another_os_user_can(name: str, bobs: ForeignKernel) -> None:
    outcome = bobs.run(CELLS[name], 120)

    outcome.ok()


def test_an_error_names_the_right_that_spark_lacks(bobs: ForeignKernel) -> None:
    write = "import os\nos.chmod(os.path.expanduser('~'), 0o700)\nopen('mine.csv', 'w').write('a\\n1\\n')"
    bobs.run(write).ok()

    read = bobs.run("spark.read.csv('mine.csv', header=True).count()")
    written = bobs.run("spark.range(3).write.parquet('out')")
    opened = bobs.run("open('/Volumes/main/default/v/numbers')")
    mounted = bobs.run("dbutils.fs.mount('file:/tmp', '/mnt/tmp')")
    imported = bobs.run(
        "open('beside.py', 'w').write('n = 1')\nimport beside\nsc.parallelize([0]).map(lambda _: beside.n).collect()"
    )

    assert "Spark runs as the OS user 'ann', who may not use" in read.traceback
    assert f"dbutils.fs.cp('file:{bobs.user.home}/mine.csv', 'dbfs:/…')" in read.traceback
    assert f"'ann', who may not write to {bobs.user.home}." in written.traceback
    assert "The workspace's files belong to the cluster's OS user" in opened.traceback
    assert "The mounts belong to the cluster's OS user" in mounted.traceback
    assert "`sc.addPyFile('module.py')`" in imported.traceback


def test_files_pass_between_both_users(bobs: ForeignKernel) -> None:
    outcome = bobs.run("""
import os
from pathlib import Path
folder = Path("data")
(folder / "below").mkdir(parents=True)
content = os.urandom(3_000_000)
(folder / "a.bin").write_bytes(content)
(folder / "below" / "b.txt").write_text("b")

dbutils.fs.cp("data", "dbfs:/from-bob", recurse=True)
assert sorted(info.name for info in dbutils.fs.ls("dbfs:/from-bob")) == ["a.bin", "below/"]
assert spark.read.text("dbfs:/from-bob/below").count() == 1
dbutils.fs.cp("dbfs:/from-bob", "back", recurse=True)
assert Path("back/a.bin").read_bytes() == content and Path("back/below/b.txt").read_text() == "b"
dbutils.fs.mv("dbfs:/from-bob/a.bin", "file:" + os.path.abspath("moved.bin"))
assert Path("moved.bin").read_bytes() == content
assert [info.name for info in dbutils.fs.ls("dbfs:/from-bob")] == ["below/"]
dbutils.fs.cp("data/below/b.txt", "copy.txt")
assert Path("copy.txt").read_text() == "b"
dbutils.fs.mv("copy.txt", "/Volumes/main/default/copy.txt")
assert not Path("copy.txt").exists() and dbutils.fs.head("/Volumes/main/default/copy.txt") == "b"
""")

    outcome.ok()


def test_packages_of_the_notebook_reach_workers_of_another_user(bobs: ForeignKernel, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "bobpkg", "1.0", "ANSWER = 42")
    inbox = bobs.user.home / wheel.name
    inbox.write_bytes(wheel.read_bytes())
    bobs.user.own(inbox)

    bobs.run(f"%pip install --quiet --no-index {wheel.name}").ok()
    outcome = bobs.run("import bobpkg\nsc.parallelize([0]).map(lambda _: __import__('bobpkg').ANSWER).collect()")

    assert outcome.ok().value == "[42]"


def test_workers_use_the_clusters_python_if_they_cannot_run_the_kernels(
    server: Server, namespace: Namespace, cluster_id: str
) -> None:
    bob = namespace.users[1]
    make = "import sys, venv; venv.EnvBuilder(symlinks=True).create('own')"
    link = "import site; site.addsitedir({!r})".format(sysconfig.get_path("purelib"))
    namespace.run(bob, f"{make}; open(f'own/lib/python{{sys.version[:4]}}/site-packages/all.pth', 'w').write({link!r})")
    kernel = ForeignKernel(server, namespace, bob, python=f"{bob.home}/own/bin/python").attach(cluster_id)

    outcome = kernel.run("import sys\n[sys.executable, *sc.parallelize([0]).map(lambda _: sys.executable).collect()]")

    kernel.close()
    assert ast.literal_eval(outcome.ok().value) == [f"{bob.home}/own/bin/python", sys.executable]


def test_a_closed_kernel_leaves_nothing(server: Server, namespace: Namespace, cluster_id: str) -> None:
    ann, bob, _ = namespace.users
    kernel = ForeignKernel(server, namespace, bob).attach(cluster_id)
    seat = kernel.run(
        "sc.broadcast([1])\nsc.parallelize([0], 1).count()\n(sc._temp_dir, sc.getLocalProperty('x'))"
    ).ok()
    temp_dir = Path(str(seat.value).split("'")[1])
    assert list(temp_dir.iterdir())

    kernel.close()

    wait_until(lambda: not temp_dir.exists(), 20)
    assert not any(kernel.kernel_id in line for line in processes_of(ann))


@pytest.fixture
def carl(namespace: Namespace, bobs: ForeignKernel) -> Carl:
    """Carl, while Bob's notebook has Python workers and files on Ann's cluster."""
    bobs.run("open('of_bob.txt', 'w').write('of Bob')\nsc.addFile('of_bob.txt')").ok()
    bobs.run("sc.parallelize(range(4), 4).map(lambda n: n + 1).sum()").ok()
    return Carl(namespace)


def test_others_see_no_secret_in_a_command_line(carl: Carl, server: Server, bobs: ForeignKernel) -> None:
    data = server.workspace.data
    secrets = [
        value
        for config in data.glob("nodes/*/driver/driver.json")
        for name, value in json.loads(config.read_text()).items()
        if name in ("token", "spark_secret", "ui_key")
    ]
    secrets += bobs.value("[sc._gateway.gateway_parameters.auth_token, str(spark._jsparkSession.sessionUUID())]")
    secrets.append(json.loads(Path(bobs.connection_file).read_text())["key"])

    seen = carl.commands()

    programs = ("jupyter_server", "jupyter_dbx.driver", "SparkSubmit", "worker.Worker", "Backend", "jupyter_dbx.worker")
    assert [name for name in programs if not any(name in process["command"] for process in seen)] == []
    assert len(secrets) == 6 and all(len(secret) > 20 for secret in secrets)
    assert [p["command"] for p in seen if any(secret in p["command"] for secret in secrets)] == []
    assert [p for p in seen if p["open"]] == []


def test_others_can_use_no_file(carl: Carl) -> None:
    found = carl.files()

    assert found == [], "\n".join(found)


def test_others_can_connect_to_no_unix_socket(carl: Carl) -> None:
    assert carl.sockets() == []


def test_open_ports_refuse_others(carl: Carl, bobs: ForeignKernel) -> None:
    bobs.run('%scala\nval password = "of Bob"').ok()
    (uri,) = {uri for uri in bobs.value("sc.listFiles") if uri.endswith("/of_bob.txt")}
    names = ("$line1", "$line100000", "$line100001", "$line100002")
    guesses = ["/files/of_bob.txt", "/artifacts/files/of_bob.txt", *(f"/classes/{name}/$read.class" for name in names)]

    ports = carl.ports(guesses)

    protocols = {port["port"]: port["speaks"] for port in ports}
    assert protocols[urlsplit(uri).port] == ["Spark"]
    assert sum("HTTP" in spoken for spoken in protocols.values()) >= 4  # Jupyter, daemon, master, Spark UI, worker
    assert sum("Py4J" in spoken for spoken in protocols.values()) >= 2
    told = [text for port in ports for text in port["told"]]
    assert told == [], "\n".join(told)


def test_names_of_files_that_spark_serves_are_secrets(bobs: ForeignKernel) -> None:
    """Spark 4.3 serves files to anyone who knows their names. Source: apache/spark#58612, which changes that."""
    bobs.run("open('of_bob.txt', 'w').write('of Bob')\nsc.addFile('of_bob.txt')").ok()
    bobs.run("%scala\nclass Secret(val n: Int)").ok()

    uris = bobs.value("sc.listFiles")
    lines = bobs.value("[str(sc._jvm.System.getProperty('scala.repl.name.line'))]")

    assert uris and all(re.fullmatch(r"/artifacts/[0-9a-f-]{36}/files/\d+/[^/]+", urlsplit(uri).path) for uri in uris)
    assert re.fullmatch(r"\$line\d{25,}", lines[0])
