"""Patches of SparkContext and SparkSession: every way to create, find or stop one means the notebook's seat."""

from __future__ import annotations

import contextlib
import functools
import signal
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from jupyter_dbx.kernel.errors import NoCluster
from jupyter_dbx.kernel.pyspark import paths, sharing, statements
from jupyter_dbx.kernel.pyspark.owner import SeatOwner
from jupyter_dbx.kernel.workspace.folders import Folders


def patch_context(session: SeatOwner, folders: Folders, module: ModuleType) -> None:
    context = module.SparkContext
    init, stop, get_or_create = context.__init__, context.stop, context.getOrCreate

    @functools.wraps(init)
    def new_init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("jsc") is not None or session.is_bound:
            # The seat's own context, or a second one, for which PySpark raises its error.
            with _kept_interrupt_handler():
                init(self, *args, **kwargs)
            return
        conf = kwargs.get("conf") or (args[7] if len(args) > 7 else None)
        options = dict(conf.getAll()) if conf is not None else {}
        master = args[0] if args else kwargs.get("master")
        app_name = args[1] if len(args) > 1 else kwargs.get("appName")
        options |= {n: v for n, v in (("spark.master", master), ("spark.app.name", app_name)) if v}
        session.bind(context=self)
        session.adopted.print_ignored(options)

    @functools.wraps(stop)
    def new_stop(self: Any) -> None:
        if session.owns(self):
            session.release(keeps_packages=True)
        else:
            # Not adopted, or of a driver that has ended. PySpark's own `stop` would stop the driver for all notebooks.
            from jupyter_dbx.kernel.pyspark.adoption import disown

            disown(self)

    @classmethod  # type: ignore[misc]  # it becomes one of SparkContext
    @functools.wraps(get_or_create.__func__)
    def new_get_or_create(cls: Any, conf: Any = None) -> Any:
        session.bind()
        if conf is not None:
            session.adopted.print_ignored(dict(conf.getAll()))
        return get_or_create()

    context.__init__, context.stop, context.getOrCreate = new_init, new_stop, new_get_or_create
    _patch_added_files(session, context)
    paths.patch(context, folders)
    sharing.patch_context(session, context)


def _patch_added_files(session: SeatOwner, context: Any) -> None:
    """Add files to the notebook's session only (see files.py)."""

    def staged(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def add(self: Any, path: str, *args: Any, **kwargs: Any) -> Any:
            return method(self, session.adopted.files.stage(path), *args, **kwargs)

        return add

    # `addPyFile` calls `addFile`.
    context.addFile, context.addArchive = staged(context.addFile), staged(context.addArchive)
    context.listFiles = property(lambda self: session.adopted.files.uris())
    context.listArchives = property(lambda self: session.adopted.files.uris(archives=True))


def patch_session(session: SeatOwner, kernel_id: str, folders: Folders, module: ModuleType) -> None:
    spark_session = module.SparkSession
    spark_session.sql = _with_paths(session, folders, spark_session.sql)
    builder, stop, new_session = spark_session.Builder, spark_session.stop, spark_session.newSession
    get_or_create, init = builder.getOrCreate, spark_session.__init__
    get_active = spark_session.getActiveSession.__func__

    @functools.wraps(get_or_create)
    def new_get_or_create(self: Any) -> Any:
        options = dict(self._options)
        if "spark.remote" in options:
            return get_or_create(self)
        session.bind()
        found = get_or_create(self)
        session.adopted.print_ignored(options)
        return found

    @functools.wraps(stop)
    def new_stop(self: Any) -> None:
        if session.owns(self._sc):
            session.release(keeps_packages=True)

    @functools.wraps(new_session)
    def new_new_session(self: Any) -> Any:
        made = new_session(self)
        from jupyter_dbx.kernel.pyspark.adoption import mark_session

        mark_session(made._jsparkSession, kernel_id)
        return made

    @functools.wraps(init)
    def new_init(self: Any, sparkContext: Any, jsparkSession: Any = None, *args: Any, **kwargs: Any) -> None:
        if jsparkSession is None and session.owns(sparkContext):
            # PySpark would take the driver's default session, which is no notebook's.
            jsparkSession = session.adopted.spark._jsparkSession
        init(self, sparkContext, jsparkSession, *args, **kwargs)

    @functools.wraps(get_active)
    def get_active_session(cls: Any) -> Any:
        with contextlib.suppress(NoCluster):
            session.bind()
        return get_active(cls)

    spark_session.__init__, spark_session.getActiveSession = new_init, classmethod(get_active_session)
    builder.getOrCreate, spark_session.stop, spark_session.newSession = new_get_or_create, new_stop, new_new_session


def _with_paths(session: SeatOwner, folders: Folders, sql: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(sql)
    def new_sql(self: Any, sqlQuery: str, *args: Any, **kwargs: Any) -> Any:
        if isinstance(sqlQuery, str):
            absolute, pattern = (functools.partial(how, folders=folders) for how in (paths.absolute, paths.pattern))
            sqlQuery = statements.resolve_paths(sqlQuery, absolute, pattern)
            sqlQuery = statements.stage_additions(sqlQuery, folders.for_spark, lambda: session.adopted.files)
        return sql(self, sqlQuery, *args, **kwargs)

    return new_sql


def patch_conf(folders: Folders, module: ModuleType) -> None:
    """Resolve the default folder of streams' checkpoints in the notebook's folder; Spark would do so in one of all notebooks."""
    set_value = module.RuntimeConfig.set

    @functools.wraps(set_value)
    def new_set(self: Any, key: str, value: Any) -> None:
        is_folder = str(key).lower() == statements.CHECKPOINT_CONF
        set_value(self, key, paths.absolute(value, folders) if is_folder else value)

    module.RuntimeConfig.set = new_set


def patch_utils(session: SeatOwner, module: ModuleType) -> None:
    get_active = module.get_active_spark_context

    @functools.wraps(get_active)
    def get_active_spark_context() -> Any:
        session.bind()
        return get_active()

    module.get_active_spark_context = get_active_spark_context  # type: ignore[attr-defined]


def patch_ml(session: SeatOwner, module: ModuleType) -> None:
    """Let a stage be made before the notebook's first use of `spark`: it needs a SparkContext, but requests none."""
    make = module.JavaWrapper._new_java_obj

    @functools.wraps(make)
    def new_java_obj(*args: Any) -> Any:
        session.bind()
        return make(*args)

    module.JavaWrapper._new_java_obj = staticmethod(new_java_obj)


class _kept_interrupt_handler:
    """Restore the SIGINT handler: the one that `SparkContext.__init__` sets cancels every job of the whole cluster."""

    def __enter__(self) -> None:
        self._is_main = threading.current_thread() is threading.main_thread()
        if self._is_main:
            self._handler = signal.getsignal(signal.SIGINT)

    def __exit__(self, *exc_info: object) -> None:
        if self._is_main:
            signal.signal(signal.SIGINT, self._handler)
