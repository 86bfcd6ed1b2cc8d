"""The cost of `display()`, profiles and `%sql` compared with PySpark: `python tests/benchmarks/display.py`.

Both sides run in one notebook on a cluster of two workers, in alternating pairs of one run; a ratio compares the medians.

show     `display()` of 1,000,000 rows, until the output is ready / `df.limit(10000).toPandas()`
profile  `dbutils.data.summarize` of 10,000,000 rows × 10 columns / `df.summary().collect()`
sql      a cell `%sql select 1`, with its table, / `spark.sql("select 1").collect()`; ten times as many pairs, the difference
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from live import Notebook, Server, Workspace

#: Benchmark → maximum ratio, or maximum additional time in seconds.
RATIOS = {"show": 1.5, "profile": 1.5}
MORE_S = {"sql": 0.030}

PREPARE = """
import time
from jupyter_dbx.kernel.dbutils.data import Data
from jupyter_dbx.kernel.display import display
data = Data(get_ipython().kernel.spark_session)
def timed(side):
    began = time.perf_counter()
    side()
    return time.perf_counter() - began
def table(rows):
    return spark.range(0, rows, 1, 8).selectExpr(
        "id", "id % 100 AS k", "id * 1.5D AS f", "concat('name ', id % 1000) AS s", "rand(1) * 100 AS r", "randn(2) AS g",
        "CAST(rand(3) * 1000000 AS INT) AS i", "date_add(DATE'2026-01-01', CAST(id % 365 AS INT)) AS d", "id % 2 = 0 AS b",
        "concat('u', id) AS u")
few = table(1_000_000)
table({rows}).write.mode("overwrite").parquet("{folder}/rows")
many = spark.read.parquet("{folder}/rows")
"""

#: Benchmark → code of the extension, code of plain PySpark.
SIDES = {
    "show": ("display(few)", "few.limit(10000).toPandas()"),
    "profile": ("data.summarize(many)", "many.summary().collect()"),
    "sql": ("get_ipython().run_cell_magic('sql', '', 'select 1')", "spark.sql('select 1').collect()"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", default=list(SIDES), choices=list(SIDES))
    parser.add_argument("--pairs", type=int, default=3, help="alternating pairs, after one that warms up (default: 3)")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows that are profiled (default: 10000000)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-benchmark-") as folder:
        server = Server(Workspace(Path(folder), Path(folder) / "cache"))
        cluster_id = server.create("display", num_workers=2)
        try:
            cluster = server.wait(cluster_id, "RUNNING", "TERMINATED")
            assert cluster["state"] == "RUNNING", cluster["state_message"]
            notebook = Notebook(server, "display.ipynb").attach(cluster_id)
            notebook.run(PREPARE.format(rows=args.rows, folder=folder), timeout_s=600).ok()
            failed = [run(notebook, name, args.pairs * (10 if name in MORE_S else 1)) for name in args.which]
            notebook.close()
        finally:
            server.delete(cluster_id)
            server.stop()
    return int(any(failed))


def run(notebook: Notebook, name: str, pairs: int) -> bool:
    """Run one benchmark, print its row, and return whether it is above its bound."""
    times = [seconds(notebook, name) for _ in range(pairs + 1)][1:]
    dbx, plain = (statistics.median(side) for side in zip(*times, strict=True))
    if name in RATIOS:
        what, found, bound = "ratio", dbx / plain, RATIOS[name]
    else:
        what, found, bound = "s more", dbx - plain, MORE_S[name]
    verdict = "ok" if found <= bound else "TOO SLOW"
    print(f"{name:8} dbx {dbx:6.3f} s   plain {plain:6.3f} s   {what} {found:.3f}   at most {bound:.3f}   {verdict}")
    print(f"         {'  '.join(f'{a:.3f}/{b:.3f}' for a, b in times)}", flush=True)
    return found > bound


def seconds(notebook: Notebook, name: str) -> list[float]:
    """Return the times of both sides, run one after the other in a cell, s."""
    dbx, plain = SIDES[name]
    return [float(s) for s in notebook.value(f"[timed(lambda: {dbx}), timed(lambda: {plain})]", timeout_s=1800)]


if __name__ == "__main__":
    sys.exit(main())
