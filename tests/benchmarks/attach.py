"""How fast a notebook gets Spark, as ratios to plain PySpark: `python tests/benchmarks/attach.py [ready] [attach] [create]`.

Both sides run on the same Java, with the same cores, in alternating pairs of one run; a ratio compares the medians,
and for `ready` the means: a Jupyter server repeats an unanswered request to a new kernel after half a second, so a plain kernel's
times have two modes, and its median says little about what a user waits.

ready    kernel start to the first response: Spark kernel / plain ipykernel
attach   kernel start to the first count: attaching to a running cluster of 2 x 1 cores / `local[2]` in a plain kernel
create   nothing to the first count on 2 workers: a cluster of ours / `spark-class` Master, Worker, Worker, then `pyspark`
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from live import Notebook, Server, Workspace, free_port

from jupyter_dbx.spark.java import executor_java, find_java, spark_home

#: Benchmark → maximum ratio.
BOUNDS = {"ready": 1.15, "attach": 1 / 6, "create": 0.7}

#: The kernel's start takes a third of a second, and varies by a tenth of that.
PAIRS_OF_READY = 40

#: Attaches before the first one that counts: a driver in use has compiled its code; plain PySpark is a new JVM each time.
WARM_UPS = 5

COUNT = "spark.range(1000).count()"
PLAIN = f"from pyspark.sql import SparkSession\nspark = SparkSession.builder.master('local[2]').getOrCreate()\n{COUNT}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", default=list(BOUNDS), choices=list(BOUNDS))
    parser.add_argument("--pairs", type=int, default=5, help="alternating pairs (default: 5)")
    parser.add_argument("--cache", type=Path, help="folder with class archives; made there if missing")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-benchmark-") as folder:
        workspace = Workspace(Path(folder), args.cache or Path(folder) / "cache")
        train = [sys.executable, "-m", "jupyter_dbx.driver.training", str(workspace.archives / "archives")]
        subprocess.run(train, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return run(workspace, args.which, args.pairs)


def run(workspace: Workspace, which: list[str], pairs: int) -> int:
    """Run the benchmarks, print a row each, and return 1 if a ratio is above its bound."""
    os.environ["JAVA_HOME"] = str(java_for_everybody(workspace.folder))
    server = Server(workspace)
    failed = 0
    try:
        for name in which:
            dbx, plain = SIDES[name](server)
            times = [(timed(dbx), timed(plain)) for _ in range(PAIRS_OF_READY if name == "ready" else pairs)]
            middle = statistics.mean if name == "ready" else statistics.median
            a, b = (middle(side) for side in zip(*times, strict=True))
            verdict = "ok" if a / b <= BOUNDS[name] else "TOO SLOW"
            print(
                f"{name:8} dbx {a:6.2f} s   plain {b:6.2f} s   ratio {a / b:.3f}   at most {BOUNDS[name]:.3f}   {verdict}"
            )
            print(f"         {'  '.join(f'{x:.2f}/{y:.2f}' for x, y in times)}", flush=True)
            failed |= a / b > BOUNDS[name]
    finally:
        for cluster in server.call("GET", "api/2.0/clusters/list")["clusters"]:
            server.delete(cluster["cluster_id"])
        server.stop()
    return failed


def timed(side: Callable[[], Callable[[], None]]) -> float:
    """Return how long one side takes, s, without the cleanup that it returns."""
    began = time.perf_counter()
    clean_up = side()
    took = time.perf_counter() - began
    clean_up()
    return took


Side = Callable[[], Callable[[], None]]


def ready(server: Server) -> tuple[Side, Side]:
    def side(kernel: str) -> Callable[[], None]:
        notebook = Notebook(server, "ready.ipynb", kernel=kernel)
        notebook.run("pass").ok()
        return notebook.close

    return lambda: side("jupyter-dbx"), lambda: side("python3")


def attach(server: Server) -> tuple[Side, Side]:
    cluster_id = server.create("benchmark", num_workers=2)
    server.wait(cluster_id, "RUNNING")

    def dbx() -> Callable[[], None]:
        notebook = Notebook(server, "dbx.ipynb").attach(cluster_id)
        assert notebook.value(COUNT) == 1000
        return notebook.close

    def plain() -> Callable[[], None]:
        notebook = Notebook(server, "plain.ipynb", kernel="python3")
        assert notebook.value(PLAIN) == 1000
        return notebook.close

    for _ in range(WARM_UPS):
        dbx()()
    return dbx, plain


def create(server: Server) -> tuple[Side, Side]:
    def dbx() -> Callable[[], None]:
        cluster_id = server.create("create", num_workers=2)
        notebook = Notebook(server, "create.ipynb").attach(cluster_id)
        assert notebook.value(COUNT, 120) == 1000

        def clean_up() -> None:
            notebook.close()
            server.delete(cluster_id)

        return clean_up

    return dbx, one_after_another


def one_after_another() -> Callable[[], None]:
    """Start plain Spark: master, two workers, then a driver, each once the previous one is up."""
    port, web = free_port(), free_port()
    env = dict(os.environ) | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1", "SPARK_SCALA_VERSION": "2.13"}
    launcher = [str(spark_home() / "bin" / "spark-class")]
    master = [*launcher, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port)]
    worker = [*launcher, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0"]
    worker += ["-c", "1", "-m", "2g", "-d", tempfile.mkdtemp(), f"spark://127.0.0.1:{port}"]
    started = [start([*master, "--webui-port", str(web)], env)]
    for expected in range(3):
        while f'"aliveworkers" : {expected}' not in status(web):
            time.sleep(0.1)
        if expected < 2:
            started.append(start(worker, env))
    code = PLAIN.replace("local[2]", f"spark://127.0.0.1:{port}").replace(COUNT, f"assert {COUNT} == 1000")
    subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, timeout=300)

    def clean_up() -> None:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    return clean_up


def start(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def status(web: int) -> str:
    try:
        return str(urllib.request.urlopen(f"http://127.0.0.1:{web}/json/", timeout=5).read().decode())
    except OSError:
        return ""


def java_for_everybody(folder: Path) -> Path:
    """Return a JAVA_HOME with the same Java that plain Spark can use (see `executor_java`)."""
    java = find_java()
    home = folder / "java-home"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text(executor_java(java, []))
    (home / "bin" / "java").chmod(0o755)
    return home


SIDES: dict[str, Callable[[Server], tuple[Side, Side]]] = {"ready": ready, "attach": attach, "create": create}

if __name__ == "__main__":
    sys.exit(main())
