"""One cluster, one notebook and one server, under faults."""

from __future__ import annotations

import os
import queue
import signal
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faults import Fault, kernel_pid
from invariants import check_events, check_limits, check_processes, check_reason, check_size
from live import Notebook, Server, Workspace, wait_until

#: When a suspended process counts as hung in these tests, s.
HUNG_AFTER_S = 10

#: How long a suspended kernel or server sleeps until it is resumed, s.
NAP_S = 5.0

#: How long a cluster may take to recover. Generous, for slow machines; the actual time is printed.
SETTLE_TIMEOUT_S = 150

#: Six seconds of work on two workers, and its result.
JOB = "sc.parallelize(range(12), 12).map(lambda x: __import__('time').sleep(1) or x).sum()"
RESULT = "66"

OPTIONS = (f"--DbxApp.hung_after_s={HUNG_AFTER_S}", "--DbxApp.least_autotermination_minutes=1")


@dataclass
class Report:
    """The result of one fault."""

    intent: str
    fault: str
    #: state of the cluster at the fault
    state: str
    #: time until it recovered, or terminated with a reason, s
    settled_s: float = 0.0
    ended: str = ""
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        end = f" ended: {self.ended}" if self.ended else ""
        return f"{self.intent:<10} {self.fault:<14} at {self.state:<12} {self.settled_s:5.1f} s{end} {self.wrong or ''}"


class Drill:
    """Performs user actions and faults, and checks the recovery."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.server = Server(workspace, options=OPTIONS)
        self.cluster_id = self.server.create("drill", num_workers=1)
        self.server.wait(self.cluster_id, "RUNNING", "TERMINATED")
        self.notebook = self._open()
        #: maximum time of a request, s
        self.slowest_s = 0.0

    def close(self) -> None:
        """Stop everything."""
        self.notebook.close()
        self.server.delete(self.cluster_id)
        self.server.stop()

    def run(self, intent: str, fault: Fault) -> Report:
        """Perform a user action, inject the fault meanwhile, and wait for the recovery."""
        begin: Callable[[], str | None] = getattr(self, f"_{intent}")
        cell = begin()
        pid = self._find(fault)
        report = Report(intent, str(fault), self._cluster()["state"])
        if pid is None:
            report.fault += " (none)"
        else:
            fault.hit(pid)
        began = time.monotonic()
        self._recover(fault, pid)
        outcome = self._outcome(cell, fault)
        self._settle(report, fault, pid)
        report.settled_s = time.monotonic() - began
        report.wrong += outcome
        self._check(report)
        return report

    # -- user actions --------------------------------------------------------------------------------------------------

    def _job(self) -> str:
        """Run a job."""
        cell = self.notebook.begin(JOB)
        time.sleep(1.5)
        return cell

    def _resize(self) -> None:
        """Resize from one worker to two, or back."""
        workers = 3 - self._cluster()["num_workers"]
        self._request("resize", num_workers=workers)

    def _restart(self) -> None:
        self._request("restart")

    def _stop_start(self) -> None:
        """Terminate the cluster and start it again: the fault happens while it is PENDING."""
        self._request("delete")
        self.server.wait(self.cluster_id, "TERMINATED", timeout_s=SETTLE_TIMEOUT_S)
        self._request("start")
        wait_until(lambda: Fault("daemon", "kill").pid(self.server, None, self.cluster_id), 30)

    def _terminate(self) -> None:
        """Terminate the cluster: the fault happens while it is TERMINATING."""
        self._request("delete")

    def _request(self, verb: str, **args: Any) -> None:
        began = time.monotonic()
        self.server.call("POST", f"api/2.0/clusters/{verb}", {"cluster_id": self.cluster_id, **args})
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    # -- fault and recovery --------------------------------------------------------------------------------------------

    def _find(self, fault: Fault) -> int | None:
        """Return the process to hit; wait briefly if it is about to start."""
        deadline = time.monotonic() + 5
        while (pid := fault.pid(self.server, self.notebook, self.cluster_id)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        return pid

    def _recover(self, fault: Fault, pid: int | None) -> None:
        """Recover as a user: start a killed server, resume a suspended process."""
        if pid is None:
            return
        if fault.target == "server" and fault.signal == "kill":
            self.server.process.wait(30)
            self.notebook.abandon()
            self.server = Server(self._workspace, options=OPTIONS)
            self.notebook = self._open()
        elif fault.target in ("server", "kernel") and fault.signal == "stop":
            time.sleep(NAP_S)
            os.kill(pid, signal.SIGCONT)
        elif fault.target == "kernel":
            wait_until(lambda: kernel_pid(self.notebook) not in (None, pid), 60)
            self.notebook.close()
            self.notebook = self._open()

    def _open(self) -> Notebook:
        notebook = Notebook(self.server, f"drill-{time.monotonic_ns()}.ipynb").attach(self.cluster_id)
        notebook.run("kept = 42").ok()
        return notebook

    def _outcome(self, cell: str | None, fault: Fault) -> list[str]:
        """Return the problems of the cell that ran meanwhile."""
        if cell is None or (fault.target in ("server", "kernel") and fault.signal == "kill"):
            return []  # its client is gone
        try:
            outcome = self.notebook.wait(cell, SETTLE_TIMEOUT_S)
        except queue.Empty:
            return ["the cell did not end"]
        if outcome.value == RESULT:
            return []
        if fault.target in ("jvm", "daemon") and "driver" in outcome.error and "Traceback" not in outcome.traceback:
            return []
        return [f"the cell gave {outcome.value!r}, {outcome.error!r}"]

    def _settle(self, report: Report, fault: Fault, pid: int | None) -> None:
        """Wait until the process is replaced and the cluster has recovered, or terminated."""
        healed = fault.target in ("kernel", "server") or pid is None
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while True:
            cluster = self._cluster()
            ended = cluster["state"] in ("TERMINATED", "ERROR")
            healed = healed or fault.pid(self.server, self.notebook, self.cluster_id) not in (None, pid)
            well = cluster["state"] == "RUNNING" and not check_size(cluster) + check_processes(self.server, cluster)
            if ended or (healed and well):
                break
            if time.monotonic() > deadline:
                report.wrong += [f"it is still {cluster['state']}: {cluster['state_message']}", *check_size(cluster)]
                break
            time.sleep(0.3)
        if ended:
            report.ended = cluster["termination_reason"]["code"]

    def _check(self, report: Report) -> None:
        cluster = self._cluster()
        report.wrong += check_processes(self.server, cluster) + check_reason(cluster)
        report.wrong += check_events(self.server, self.cluster_id) + check_limits(self.server)
        if cluster["state"] != "RUNNING":
            self._request("start")
            up = self.server.wait(self.cluster_id, "RUNNING", "TERMINATED", timeout_s=SETTLE_TIMEOUT_S)
            if up["state"] != "RUNNING":
                report.wrong.append(f"it did not start again: {up['state_message']}")
                return
        outcome = self.notebook.run("(kept, spark.range(1000).count())", SETTLE_TIMEOUT_S)
        if outcome.value != "(42, 1000)":
            report.wrong.append(f"the next cell gave {outcome.value!r}, {outcome.error!r}")

    def _cluster(self) -> dict[str, Any]:
        began = time.monotonic()
        while True:
            try:
                cluster = self.server.cluster(self.cluster_id)
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                return cluster
            except urllib.error.HTTPError:
                raise
            except OSError:  # the server is resuming
                if time.monotonic() - began > 60:
                    raise
                time.sleep(0.2)
