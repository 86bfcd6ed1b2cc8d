"""Runs a few small jobs on a new cluster, so that a notebook's first job does not wait for code to be loaded and compiled.

Without them the first count of a notebook takes four times as long as a later one. The first job also proves that the cluster
works: a property that stops every task ends the start with Spark's words, before the cluster is RUNNING.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from py4j.protocol import Py4JError, Py4JJavaError

from jupyter_dbx.driver.context import WARM_UP, DriverContext, java_message

#: After how many jobs further ones gain little, count.
JOBS = 8

#: How often the executors are looked for, s.
LOOK_EVERY_S = 0.25

_log = logging.getLogger(__name__)


class Warming:
    """The first jobs of a driver, in the background; they end early once the cluster is used.

    Parameters
    ----------
    has_executors : whether an executor is there to run the jobs
    is_over : whether a notebook has attached, or the driver stops

    Attributes
    ----------
    proven : True once a job has succeeded, or another user of the cluster makes it needless
    failure : why the first job failed; "" = it did not
    """

    def __init__(self, context: DriverContext, has_executors: Callable[[], bool], is_over: Callable[[], bool]) -> None:
        self._context, self._has_executors, self._is_over = context, has_executors, is_over
        self.proven, self.failure = False, ""

    def start(self) -> None:
        """Run them in the background."""
        threading.Thread(target=self.run, name="dbx-warming", daemon=True).start()

    def run(self) -> None:
        """Run the jobs once there is an executor. Blocks."""
        try:
            self._run_jobs()
        except Py4JJavaError as error:
            self._log_end(java_message(error))
            if not self.proven:
                self.failure = f"Spark cannot run a job: {java_message(error)}"
        except (Py4JError, OSError) as error:  # the JVM has ended, which the daemon notices
            self._log_end(str(error))
        finally:
            self.proven = not self.failure

    def _run_jobs(self) -> None:
        while not self._has_executors():
            if self._is_over():
                return
            time.sleep(LOOK_EVERY_S)
        self._context.jsc.sc().setJobDescription(WARM_UP)
        for _ in range(JOBS):
            if self._is_over():
                break
            self._context.root.newSession().range(1000).count()
            self.proven = True

    def _log_end(self, cause: str) -> None:
        _log.warning("the warm-up ended early: %s", cause.partition("\n")[0])
