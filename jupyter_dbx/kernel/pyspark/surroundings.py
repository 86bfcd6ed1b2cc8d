"""Surroundings: what Spark has to know of a notebook's process in each of the driver's threads that works for it.

The working folder, where relative paths start; `sys.path`, for Python workers; and the notebook's own set of added files. They
are compared with the last ones before each command, so that `%cd`, `os.chdir` and `sys.path.append` need no hooks.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from jupyter_dbx.model.protocol import FOLDER_PROPERTY, MODULE_PATH_PROPERTY


class Surroundings:
    """The surroundings of one notebook.

    Parameters
    ----------
    jvm : the driver's JVM (dynamic, hence Any)
    jcontext : its SparkContext
    jsession : the notebook's SparkSession
    """

    def __init__(self, jvm: Any, jcontext: Any, jsession: Any) -> None:
        self._jcontext = jcontext
        # Spark sets the artifacts of the current thread only while it runs SQL; here they also apply to RDDs and `addFile`.
        field = jvm.java.lang.Class.forName("org.apache.spark.JobArtifactSet$").getDeclaredField(
            "currentClientSessionState"
        )
        field.setAccessible(True)
        self._artifacts_of_thread = field.get(None)
        self._artifacts = jvm.scala.Some(jsession.artifactManager().state())

    def apply(self, threads: Any) -> None:
        """Update this thread's counterpart in the JVM.

        Parameters
        ----------
        threads : thread-local object; its attribute `surroundings` is what the counterpart has, or None for a new one
        """
        last, now = getattr(threads, "surroundings", None), (_working_folder(), sys.path)
        if last == now:
            return
        folder, path = now
        if last is None:
            self._artifacts_of_thread.set(self._artifacts)
        self._jcontext.setLocalProperty(FOLDER_PROPERTY, folder)
        self._jcontext.setLocalProperty(MODULE_PATH_PROPERTY, json.dumps([entry or folder for entry in path]))
        threads.surroundings = (folder, list(path))


def _working_folder() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:  # it was deleted
        return None
