"""Compares the kernel's `spark` with PySpark, by PySpark's doctests in both: `python tests/benchmarks/doctests.py [MODULE …]`.

Each module's examples run in the Spark kernel on a cluster of 2 x 1 cores, and in a plain IPython kernel on `local[2]` with the
same properties; with `--workers 0` this side is `local[2]` too, and rows come in the same order. An example that passes in one
and fails in the other, or fails in both with different results, is a difference; it is printed, and makes the exit code 1 unless
EXPECTED contains its reason.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from attach import java_for_everybody
from live import Notebook, Server, Workspace

#: The modules that PySpark's `_test()` functions run, without Spark Connect and pandas.
MODULES = ("column", "dataframe", "functions.builtin", "readwriter", "window", "types")

#: Without a defined order of rows, one process returns them by partition, and two in order of delivery.
ANY_ORDER = "rows after a shuffle have no order"

#: Methods of DataFrame and functions whose examples show such rows.
ORDERLESS_FUNCTIONS = ("any_value", "last_value", "listagg_distinct", "max", "string_agg", "string_agg_distinct")
ORDERLESS_METHODS = ("distinct", "exceptAll", "join", "pandas_api", "repartitionByRange")

#: Test → reason for its differences.
EXPECTED = {
    **{f"pyspark.sql.dataframe.DataFrame.{method}": ANY_ORDER for method in ORDERLESS_METHODS},
    **{f"pyspark.sql.functions.builtin.{function}": ANY_ORDER for function in ORDERLESS_FUNCTIONS},
}

SINGLE_NODE: dict[str, Any] = {
    "num_workers": 0,
    "node_type_id": "local-2c-4g",
    "spark_conf": {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
}

#: Maximum time for all examples of a module, s.
TIME_OUT_S = 900

PLAIN = """
import os, sys
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[2]").enableHiveSupport()
for name, value in {conf}.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
sc = spark.sparkContext
"""


def run_examples(module_name: str, only: str, spark: Any) -> list[dict[str, Any]]:
    """Run a module's doctests as its `_test()` does. Runs inside the kernels, so it uses nothing else of this file."""
    import doctest
    import importlib
    import inspect
    import re

    class Finder(doctest.DocTestFinder):
        def _from_module(self, module: Any, object: Any) -> bool:
            return bool(super()._from_module(module, inspect.unwrap(object) if callable(object) else object))

    class Runner(doctest.DocTestRunner):
        def report_start(self, *args: Any) -> None: ...

        def report_success(self, out: Any, test: Any, example: Any, got: str) -> None:
            note(test, example, True, got)

        def report_failure(self, out: Any, test: Any, example: Any, got: str) -> None:
            note(test, example, False, got)

        def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
            note(test, example, False, f"{exc_info[0].__name__}: {exc_info[1]}")

    def note(test: Any, example: Any, passed: bool, got: str) -> None:
        found.append(
            {"test": test.name, "line": example.lineno, "source": example.source, "passed": passed, "got": got}
        )

    found: list[dict[str, Any]] = []
    module = importlib.import_module(f"pyspark.sql.{module_name}")
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    globs = {**vars(module), "spark": spark, "sc": spark.sparkContext}
    for test in Finder().find(module, module.__name__, globs=globs):
        if re.search(only, test.name):
            Runner(optionflags=options).run(test, out=lambda text: None)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=list(MODULES), metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--only", default="", metavar="REGEX", help="tests whose name matches, e.g. 'DataFrame.join'")
    parser.add_argument(
        "--workers", type=int, default=2, help="0: the driver is the cluster, with 2 cores (default: 2)"
    )
    parser.add_argument("--cache", type=Path, help="folder with class archives")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-doctests-") as folder:
        workspace = Workspace(Path(folder), args.cache or Path(folder) / "cache")
        os.environ["JAVA_HOME"] = str(java_for_everybody(workspace.folder))
        server = Server(workspace)
        try:
            return compare(server, args)
        finally:
            for cluster in server.call("GET", "api/2.0/clusters/list")["clusters"]:
                server.delete(cluster["cluster_id"])
            server.stop()


def compare(server: Server, args: argparse.Namespace) -> int:
    """Run the modules on both sides, print a row each and every difference; return 1 if one is not expected."""
    size = {"num_workers": args.workers} if args.workers else SINGLE_NODE
    cluster_id = server.create("doctests", **size)
    server.wait(cluster_id, "RUNNING")
    dbx = Notebook(server, "dbx.ipynb").attach(cluster_id)
    plain = Notebook(server, "plain.ipynb", kernel="python3")
    folder = server.workspace.folder / "plain"
    plain.run(PLAIN.format(conf=repr(plain_conf(folder))), 120).ok()
    print(f"{'module':18} {'examples':>8}   {'failed: dbx':>12} {'plain':>6}   {'seconds: dbx':>13} {'plain':>6}")
    unexpected = 0
    for module in args.modules:
        (dbx_examples, dbx_s), (plain_examples, plain_s) = (examples(side, module, args.only) for side in (dbx, plain))
        failed = [sum(not example["passed"] for example in side.values()) for side in (dbx_examples, plain_examples)]
        print(
            f"{module:18} {len(dbx_examples):8}   {failed[0]:12} {failed[1]:6}   {dbx_s:13.0f} {plain_s:6.0f}",
            flush=True,
        )
        for name, difference in differences(dbx_examples, plain_examples):
            unexpected += name not in EXPECTED
            print(f"    {difference}\n      {EXPECTED.get(name, 'NOT EXPECTED')}", flush=True)
    for notebook in (dbx, plain):
        notebook.close()
    return 1 if unexpected else 0


Examples = dict[tuple[str, int], dict[str, Any]]


def examples(notebook: Notebook, module: str, only: str) -> tuple[Examples, float]:
    """Return the outcomes of a module's examples, by test and line, and their total time, s."""
    answer = notebook.server.workspace.folder / "examples.json"
    call = f"Path({str(answer)!r}).write_text(json.dumps(run_examples({module!r}, {only!r}, spark)))"
    imports = "import json\nfrom pathlib import Path\nfrom typing import Any\n"
    began = time.monotonic()
    notebook.run(f"{imports}\n{inspect.getsource(run_examples)}\n{call}", TIME_OUT_S).ok()
    listed = json.loads(answer.read_text())
    return {(example["test"], example["line"]): example for example in listed}, time.monotonic() - began


def differences(dbx: Examples, plain: Examples) -> Iterator[tuple[str, str]]:
    """Yield the test and a description of each example that only one side has or passes, or that fails differently."""
    missing = {"passed": None, "got": "(not there)"}
    for key in sorted(dbx.keys() | plain.keys()):
        left, right = dbx.get(key, missing), plain.get(key, missing)
        if outcome(left) != outcome(right):
            source = (dbx.get(key) or plain[key])["source"].strip()
            yield key[0], f"{key[0]}: {source}\n      dbx:   {left['got']!r:.300}\n      plain: {right['got']!r:.300}"


def outcome(example: dict[str, Any]) -> tuple[bool | None, str]:
    """Return whether an example passed, and if not, its answer without the numbers that Spark gives to columns and objects."""
    return example["passed"], "" if example["passed"] else re.sub(r"#\d+|\bo\d+\b", "#", example["got"])


def plain_conf(folder: Path) -> dict[str, str]:
    """Return the properties of clusters that affect examples."""
    return {
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'metastore'};create=true",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.metastore.schema.verification": "false",
        "spark.scheduler.mode": "FAIR",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
    }


if __name__ == "__main__":
    sys.exit(main())
