"""One cluster, one notebook, a server that may die, and faults that happen to them."""

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

#: How soon a stopped process counts as hung in these tests, s.
HUNG_AFTER_S = 10

#: How long a stopped kernel or server sleeps until somebody wakes it, s.
NAP_S = 5.0

#: How long a cluster may take to be as wanted again. Wide, for slow machines: what it took is measured and printed.
SETTLE_TIMEOUT_S = 150

#: Six seconds of work on two workers, and what comes out.
JOB = "sc.parallelize(range(12), 12).map(lambda x: __import__('time').sleep(1) or x).sum()"
RESULT = "66"

OPTIONS = (f"--DbxApp.hung_after_s={HUNG_AFTER_S}", "--DbxApp.least_autotermination_minutes=1")


@dataclass
class Report:
    """What happened at one fault."""

    intent: str
    fault: str
    #: the state that the cluster was in when it was hit
    state: str
    #: until it was as wanted again, or had ended with a reason, s
    settled_s: float = 0.0
    ended: str = ""
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        end = f" ended: {self.ended}" if self.ended else ""
        return f"{self.intent:<10} {self.fault:<14} at {self.state:<12} {self.settled_s:5.1f} s{end} {self.wrong or ''}"


class Drill:
    """Does what users and faults do, and looks whether all is well again."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.server = Server(workspace, options=OPTIONS)
        self.cluster_id = self.server.create("drill", num_workers=1)
        self.server.wait(self.cluster_id, "RUNNING", "TERMINATED")
        self.notebook = self._open()
        #: the longest that any request took, s
        self.slowest_s = 0.0

    def close(self) -> None:
        """End everything."""
        self.notebook.close()
        self.server.delete(self.cluster_id)
        self.server.stop()

    def run(self, intent: str, fault: Fault) -> Report:
        """Let the user want something, let the fault happen meanwhile, and wait until all is well."""
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

    # -- what users want -----------------------------------------------------------------------------------------------

    def _job(self) -> str:
        """Run a job."""
        cell = self.notebook.begin(JOB)
        time.sleep(1.5)
        return cell

    def _resize(self) -> None:
        """Go from one worker to two, or back."""
        workers = 3 - self._cluster()["num_workers"]
        self._ask("resize", num_workers=workers)

    def _restart(self) -> None:
        self._ask("restart")

    def _stop_start(self) -> None:
        """End the cluster and start it again: the fault comes while it is PENDING."""
        self._ask("delete")
        self.server.wait(self.cluster_id, "TERMINATED", timeout_s=SETTLE_TIMEOUT_S)
        self._ask("start")
        wait_until(lambda: Fault("daemon", "kill").pid(self.server, None, self.cluster_id), 30)

    def _terminate(self) -> None:
        """End the cluster: the fault comes while it is TERMINATING."""
        self._ask("delete")

    def _ask(self, verb: str, **args: Any) -> None:
        began = time.monotonic()
        self.server.call("POST", f"api/2.0/clusters/{verb}", {"cluster_id": self.cluster_id, **args})
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    # -- what happens then ---------------------------------------------------------------------------------------------

    def _find(self, fault: Fault) -> int | None:
        """Return the process to hit; one that is only about to come is waited for a little."""
        deadline = time.monotonic() + 5
        while (pid := fault.pid(self.server, self.notebook, self.cluster_id)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        return pid

    def _recover(self, fault: Fault, pid: int | None) -> None:
        """Do what people do: start a server that was killed, wake what only sleeps."""
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
        """Return what is wrong with the cell that ran meanwhile."""
        if cell is None or (fault.target in ("server", "kernel") and fault.signal == "kill"):
            return []  # nobody is there any more who waits for it
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
        """Wait until another process is in the place of the one that was hit and all is as wanted, or it has ended."""
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
            self._ask("start")
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
            except OSError:  # the server is waking up
                if time.monotonic() - began > 60:
                    raise
                time.sleep(0.2)
