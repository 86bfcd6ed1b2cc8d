"""The cost of reporting the progress of a job with many tasks: `python tests/benchmarks/progress.py`.

The same job of 20,000 short tasks runs several times on a cluster of two workers, in turn with progress and without. The
additional CPU time of the kernel, the server and the driver daemon is compared with that of the job itself (the Java processes
of its driver and executors), and the messages that reach the page are counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from live import Notebook, Server, Workspace, processes_of

#: Maximum cost of reporting: % of the job's CPU time, and messages per second.
MOST_CPU, MOST_MESSAGES = 3.0, 4.0

#: The cluster: two workers with one core.
WORKERS = 2

JOB = "spark.range(0, {tasks}, 1, {tasks}).selectExpr('sum(id)').collect()"

#: Run in the kernel, it hides running cells from the driver, which then reports nothing.
SILENT = "_session = get_ipython().kernel.spark_session; _session.send, _send = lambda message: None, _session.send"
REPORTING = "_session.send = _send"


@dataclass
class Run:
    """The measurements of one run."""

    seconds: float
    #: CPU time of the reporting processes, and of the job, s
    reporting_s: float
    job_s: float
    messages: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=20_000, help="tasks of the job (default: 20000)")
    parser.add_argument("--pairs", type=int, default=2, help="runs with and without progress (default: 2)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-benchmark-") as folder:
        server = Server(Workspace(Path(folder), Path(folder) / "cache"))
        cluster_id = server.create("many tasks", num_workers=WORKERS)
        try:
            cluster = server.wait(cluster_id, "RUNNING", "TERMINATED")
            assert cluster["state"] == "RUNNING", cluster["state_message"]
            notebook = Notebook(server, "many-tasks.ipynb").attach(cluster_id)
            notebook.run(JOB.format(tasks=args.tasks // 10), timeout_s=600).ok()  # warm up
            runs: dict[bool, list[Run]] = {True: [], False: []}
            for _ in range(args.pairs):
                for reports in (True, False):
                    notebook.run("" if reports else SILENT).ok()
                    runs[reports].append(measure(server, notebook, cluster_id, JOB.format(tasks=args.tasks)))
                    notebook.run("" if reports else REPORTING).ok()
            notebook.close()
        finally:
            server.delete(cluster_id)
            server.stop()
    return report(runs[True], runs[False])


def measure(server: Server, notebook: Notebook, cluster_id: str, job: str) -> Run:
    """Run the job once."""
    kernel = psutil.Process(notebook.pid())
    of_cluster = [psutil.Process(pid) for pid in processes_of(cluster_id)]
    daemons = [p for p in of_cluster if "jupyter_dbx.driver" in p.cmdline()]
    assert len(daemons) == 1, [p.cmdline() for p in of_cluster]
    reporting = [kernel, psutil.Process(server.process.pid), *daemons]
    job_processes = [p for p in of_cluster if p not in reporting]
    began, before = time.monotonic(), (cpu_s(reporting), cpu_s(job_processes))
    outcome = notebook.run(job, timeout_s=1200).ok()
    took = time.monotonic() - began
    return Run(took, cpu_s(reporting) - before[0], cpu_s(job_processes) - before[1], len(outcome.progress))


def cpu_s(processes: list[psutil.Process]) -> float:
    """Return the CPU time of processes so far, s."""
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


def report(reporting: list[Run], silent: list[Run]) -> int:
    """Print a row for each run and one for each measure; return 1 if one is above its limit."""
    for name, runs in (("with", reporting), ("without", silent)):
        for run in runs:
            row = f"{run.seconds:6.1f} s, {run.messages:4} messages, CPU of the job {run.job_s:6.1f} s"
            print(f"{name:8} {row}, of kernel, server and daemon {run.reporting_s:5.2f} s", flush=True)
    assert not any(run.messages for run in silent), "progress was reported although it was disabled"
    more_s = statistics.median(run.reporting_s for run in reporting) - statistics.median(
        run.reporting_s for run in silent
    )
    cpu = 100 * more_s / statistics.median(run.job_s for run in reporting)
    messages = max(run.messages / run.seconds for run in reporting)
    failed = 0
    for name, value, most in (("CPU, % of the job's", cpu, MOST_CPU), ("messages a second", messages, MOST_MESSAGES)):
        failed |= value > most
        print(f"{name:20} {value:6.2f}   at most {most:4.1f}   {'ok' if value <= most else 'TOO MUCH'}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
