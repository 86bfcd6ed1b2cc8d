"""Creates class archives in a training run: `python -m jupyter_dbx.driver.training FOLDER`.

A small cluster of two workers runs a few typical jobs and stops; each JVM writes its loaded classes to an archive as it exits.
Training runs once per folder at a time, and publishes only complete files. Archives are optional: if
training fails, nothing is published and everything else still works.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_dbx.driver.context import DriverContext
from jupyter_dbx.model.derived_secrets import ui_key
from jupyter_dbx.model.protocol import PROTOCOL, DriverConfig
from jupyter_dbx.spark.java import Archives, executor_java, find_java, jvm_command, spark_home

#: How long the workers may take to register, and a JVM to write its archive as it exits, s.
REGISTER_TIMEOUT_S = 300.0
WRITE_TIMEOUT_S = 300.0


def train(folder: Path) -> None:
    """Create the archives that are missing in `folder`; return at once if another process is doing so."""
    archives = Archives(folder, find_java())
    if not archives.missing():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (
        _try_lock(folder / "lock") as locked,
        tempfile.TemporaryDirectory(prefix="jupyter-dbx-training-") as scratch,
    ):
        if locked:
            _train(archives, Path(scratch))


def _train(archives: Archives, scratch: Path) -> None:
    outputs = {role: scratch / f"{role}.jsa" for role in archives.missing()}
    _run_cluster(archives, scratch, outputs)
    for role, output in outputs.items():
        if output.exists():
            draft = archives.path(role).with_suffix(".draft")
            draft.write_bytes(output.read_bytes())  # the scratch folder may be on another file system
            draft.rename(archives.path(role))


def _run_cluster(archives: Archives, scratch: Path, outputs: dict[str, Path]) -> None:
    """Run a cluster of two workers whose JVMs write their archives to `outputs`, role → file."""

    def options(role: str) -> list[str]:
        return archives.train_options(role, outputs[role]) if role in outputs else []

    config = _config(archives, scratch, options("driver"))
    context, workers = DriverContext(config, _ensure_dir(scratch / "driver")), []
    try:
        context.launch()
        context.connect()
        context.start_master()
        # Executors that a worker kills write no archive. So one worker is stopped with SIGTERM to write its own archive, and
        # the other one is killed: its executor then exits by itself and writes the executor's archive.
        for name, own, executors in (("terminated", options("worker"), []), ("killed", [], options("executor"))):
            workers.append(
                _start_worker(archives, config, context.master_url, _ensure_dir(scratch / name), own, executors)
            )
        context.start_spark()
        _wait(lambda: len(context.snapshot().executors) == 2, REGISTER_TIMEOUT_S)
        _typical_jobs(context, scratch)
        workers[1].kill()
        if "executor" in outputs:
            _wait(outputs["executor"].exists, WRITE_TIMEOUT_S)
        workers[0].terminate()
        workers[0].wait(WRITE_TIMEOUT_S)
        context.stop(WRITE_TIMEOUT_S)
    finally:
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        context.stop(0)


def _config(archives: Archives, scratch: Path, options: list[str]) -> DriverConfig:
    """Return the driver configuration of the training run, with these JVM options."""
    return DriverConfig(
        protocol=PROTOCOL,
        cluster_id="training",
        cluster_name="training",
        generation=0,
        token="",
        spark_secret=secrets.token_hex(16),
        ui_key=ui_key(secrets.token_bytes(32), "training", 0),
        jvm=jvm_command(
            archives.java,
            "org.apache.spark.deploy.SparkSubmit",
            "pyspark-shell",
            heap_mib=1024,
            options=tuple(options),
        ),
        conf={
            "spark.app.name": "training",
            "spark.ui.port": "0",
            "spark.executor.memory": "512m",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
            "spark.local.dir": str(scratch / "driver"),
        },
        with_master=True,
        autotermination_minutes=0,
    )


def _start_worker(
    archives: Archives, config: DriverConfig, master: str, folder: Path, own: list[str], executors: list[str]
) -> subprocess.Popen[bytes]:
    java = _ensure_dir(folder / "java-home" / "bin") / "java"
    # Not to the worker's pipe, which breaks when the worker is killed and would stop the executor's last step.
    java.write_text(f"{executor_java(archives.java, executors).rstrip()} >>'{folder}/executor.log' 2>&1\n")
    java.chmod(0o700)
    properties = folder / "worker.conf"
    properties.write_text(f"spark.authenticate true\nspark.authenticate.secret {config.spark_secret}\n")
    command = jvm_command(
        archives.java,
        "org.apache.spark.deploy.worker.Worker",
        *("--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "1g", "-d", str(folder / "work")),
        *("--properties-file", str(properties), master),
        heap_mib=256,
        options=tuple(own),
    )
    env = dict(os.environ) | {
        "JAVA_HOME": str(folder / "java-home"),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_SCALA_VERSION": "2.13",
    }
    return subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)


def _typical_jobs(context: DriverContext, scratch: Path) -> None:
    """Run typical queries of notebooks, so that their classes are in the archives."""
    spark = context.root.newSession()
    table = str(scratch / "table")
    for _ in range(2):
        rows = spark.sql("SELECT id, id % 7 AS k, CAST(id AS STRING) AS s FROM range(1000)")
        rows.createOrReplaceTempView("t")
        spark.sql("SELECT k, count(*) c, avg(id) a, max(s) FROM t GROUP BY k ORDER BY c DESC").collectAsList()
        spark.sql("SELECT a.k, count(*) FROM t a JOIN t b ON a.id = b.id WHERE a.k > 2 GROUP BY a.k").collectAsList()
        spark.table("t").write().mode("overwrite").parquet(table)
        spark.read().parquet(table).count()
        spark.range(1000).count()


def _wait(until: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError("the training run took too long")
        time.sleep(0.2)


def _ensure_dir(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _try_lock(path: Path) -> Iterator[bool]:
    """Yield whether this process has locked the file."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    os.environ |= {
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_SCALA_VERSION": "2.13",
    }
    train(Path(sys.argv[1]))
