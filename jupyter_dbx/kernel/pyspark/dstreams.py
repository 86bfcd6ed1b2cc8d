"""Patches PySpark's DStreams, of which Spark runs one StreamingContext per driver, whatever the number of its notebooks."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.pyspark.owner import SeatOwner


def patch(session: SeatOwner, module: ModuleType) -> None:
    """Let `stop` end the notebook's own session only, and `start` name the notebook that streams already."""
    streaming = module.StreamingContext
    start, stop = streaming.start, streaming.stop

    @functools.wraps(start)
    def new_start(self: Any) -> None:
        if owner := _owner(self._jvm):
            raise NotebookError(
                f"{owner} has a running StreamingContext, and Spark allows one for each cluster. Stop it there, attach this "
                "notebook to another cluster, or use Structured Streaming (`spark.readStream`), which has no such limit."
            )
        start(self)

    @functools.wraps(stop)
    def new_stop(self: Any, stopSparkContext: bool = True, stopGraceFully: bool = False) -> None:
        # The driver lets no notebook's thread stop anything that Spark has once (see `protect_context` in the driver).
        flag = self._jvm.org.apache.spark.scheduler.LiveListenerBus.withinListenerThread()
        set_flag = getattr(flag, "value_$eq")
        set_flag(False)
        try:
            stop(self, False, stopGraceFully)
        finally:
            set_flag(True)
        if stopSparkContext:
            session.release(keeps_packages=True)

    streaming.start, streaming.stop = new_start, new_stop


def _owner(jvm: Any) -> str:
    """Return the path of the notebook whose StreamingContext runs, or "" if none does."""
    from jupyter_dbx.model.protocol import NOTEBOOK_PROPERTY  # not needed for the kernel's start

    running = jvm.org.apache.spark.streaming.StreamingContext.getActive()
    if not running.isDefined():
        return ""
    field = running.get().getClass().getDeclaredField("savedProperties")
    field.setAccessible(True)
    return str(field.get(running.get()).get().getProperty(NOTEBOOK_PROPERTY) or "Another notebook")
