"""Patches PySpark as it is imported, so that every way to a session leads to the notebook's seat, and none to a JVM of its own.

Each patch is applied while its module is being imported, before anybody can have got hold of what it changes.
"""

from __future__ import annotations

import contextlib
import functools
import io
import signal
import sys
import threading
from collections.abc import Callable
from pickle import PicklingError
from types import ModuleType
from typing import TYPE_CHECKING, Any

import wrapt

from jupyter_dbx.kernel import paths
from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import NotebookError

if TYPE_CHECKING:
    from jupyter_dbx.kernel.session import NotebookSession


def install(session: NotebookSession) -> None:
    """Register the patches; they cost nothing until PySpark is imported."""
    hooks: dict[str, Callable[[ModuleType], None]] = {
        "py4j.protocol": _patch_java_errors,
        "py4j.java_gateway": _patch_py4j,
        "pyspark.java_gateway": functools.partial(_patch_launch, session),
        "pyspark.errors.exceptions.base": _patch_errors,
        "pyspark.errors.exceptions.captured": _patch_captured_errors,
        "pyspark.serializers": _patch_serializers,
        "pyspark.core.context": functools.partial(_patch_context, session),
        "pyspark.core.rdd": functools.partial(_patch_rdd, session),
        "pyspark.sql.utils": functools.partial(_patch_utils, session),
        "pyspark.sql.types": _patch_types,
        "pyspark.sql.session": functools.partial(_patch_session, session),
        "pyspark.sql.classic.dataframe": _patch_dataframe,
        "pyspark.sql.readwriter": functools.partial(_patch_paths, session),
        "pyspark.sql.streaming.readwriter": functools.partial(_patch_paths, session),
    }
    for module, hook in hooks.items():
        wrapt.register_post_import_hook(hook, module)


def _patch_py4j(module: ModuleType) -> None:
    get_id = module.JavaObject._get_object_id

    def get_object_id(self: Any) -> Any:
        # Asked for when the object is an argument, perhaps of a call through another gateway.
        gateway = vars(self._gateway_client).get("dbx_gateway")
        if gateway is not None and gateway.is_ended:
            raise gateway.ended()
        return get_id(self)

    module.JavaObject._get_object_id = get_object_id


def _patch_java_errors(module: ModuleType) -> None:
    from jupyter_dbx.kernel.tracebacks import render  # which no kernel needs to come up

    error = module.Py4JJavaError
    tell = error.__str__

    @functools.wraps(tell)
    def text(self: Any) -> str:
        try:
            return str(tell(self))
        except NotebookError as ended:  # and with the driver, what Java had to say
            return f"{self.errmsg} {ended}"

    error.__str__, module.Py4JError._render_traceback_ = text, render


def _patch_errors(module: ModuleType) -> None:
    from jupyter_dbx.kernel.tracebacks import render  # which no kernel needs to come up

    module.PySparkException._render_traceback_ = render


def _patch_captured_errors(module: ModuleType) -> None:
    """Let errors be told after `stop()` and after the driver's end, too: PySpark asks the driver how."""
    for error in (module.CapturedException, module.PythonException):
        if "__str__" in vars(error):
            error.__str__ = _with_words_left(error.__str__)


def _patch_serializers(module: ModuleType) -> None:
    dumps = module.CloudPickleSerializer.dumps

    @functools.wraps(dumps)
    def new_dumps(self: Any, obj: Any) -> Any:
        from pyspark.errors import PySparkPicklingError

        try:
            # PySpark prints the whole traceback before it raises the error, which says the same.
            with contextlib.redirect_stderr(io.StringIO()):
                return dumps(self, obj)
        except PicklingError as error:
            # One of PySpark's own errors, so that it is shown as they are: mostly a function uses `spark` or a DataFrame.
            raise PySparkPicklingError(str(error)) from None

    module.CloudPickleSerializer.dumps = new_dumps


def _with_words_left(tell: Callable[[Any], str]) -> Callable[[Any], str]:
    @functools.wraps(tell)
    def text(self: Any) -> str:
        try:
            return tell(self)
        except (AssertionError, NotebookError):
            return str(self._desc)

    return text


def _patch_launch(session: NotebookSession, module: ModuleType) -> None:
    launch = module.launch_gateway

    @functools.wraps(launch)
    def launch_gateway(*args: Any, **kwargs: Any) -> Any:
        if not session.is_binding:
            raise NotebookError("This kernel starts no Java of its own: it works on its cluster's. Use `spark`.")
        return launch(*args, **kwargs)

    module.launch_gateway = launch_gateway  # type: ignore[attr-defined]


def _patch_context(session: NotebookSession, module: ModuleType) -> None:
    context = module.SparkContext
    init, stop, get_or_create = context.__init__, context.stop, context.getOrCreate

    @functools.wraps(init)
    def new_init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("jsc") is not None or session.is_bound:
            # Ours, or one too many, which PySpark refuses in its own words.
            with _kept_interrupt_handler():
                init(self, *args, **kwargs)
            return
        conf = kwargs.get("conf") or (args[7] if len(args) > 7 else None)
        asked = dict(conf.getAll()) if conf is not None else {}
        master = args[0] if args else kwargs.get("master")
        app_name = args[1] if len(args) > 1 else kwargs.get("appName")
        asked |= {n: v for n, v in (("spark.master", master), ("spark.app.name", app_name)) if v}
        session.bind(context=self)
        session.tell_ignored(asked)

    @functools.wraps(stop)
    def new_stop(self: Any) -> None:
        if session.owns(self):
            session.release(keeps_packages=True)
        else:
            # Made in vain, or of a driver that has ended. PySpark's own `stop` would end the driver for everybody.
            session.disown(self)

    @classmethod  # type: ignore[misc]  # it becomes one of SparkContext
    @functools.wraps(get_or_create.__func__)
    def new_get_or_create(cls: Any, conf: Any = None) -> Any:
        session.bind()
        if conf is not None:
            session.tell_ignored(dict(conf.getAll()))
        return get_or_create()

    context.__init__, context.stop, context.getOrCreate = new_init, new_stop, new_get_or_create
    paths.patch(context, session.folders)


def _patch_session(session: NotebookSession, module: ModuleType) -> None:
    spark_session = module.SparkSession
    builder, stop, new_session = spark_session.Builder, spark_session.stop, spark_session.newSession
    get_or_create = builder.getOrCreate

    @functools.wraps(get_or_create)
    def new_get_or_create(self: Any) -> Any:
        options = dict(self._options)
        if "spark.remote" in options:
            return get_or_create(self)
        session.bind()
        found = get_or_create(self)
        session.tell_ignored(options)
        return found

    @functools.wraps(stop)
    def new_stop(self: Any) -> None:
        if session.owns(self._sc):
            session.release(keeps_packages=True)

    @functools.wraps(new_session)
    def new_new_session(self: Any) -> Any:
        made = new_session(self)
        session.mark(made._jsparkSession)
        return made

    builder.getOrCreate, spark_session.stop, spark_session.newSession = new_get_or_create, new_stop, new_new_session


def _patch_utils(session: NotebookSession, module: ModuleType) -> None:
    get_active = module.get_active_spark_context

    @functools.wraps(get_active)
    def get_active_spark_context() -> Any:
        session.bind()
        return get_active()

    module.get_active_spark_context = get_active_spark_context  # type: ignore[attr-defined]


def _patch_types(module: ModuleType) -> None:
    """Let PySpark ask whether an argument is NumPy's without importing pandas first, which takes 0.6 s at every binding."""

    def is_scalar(self: Any, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.generic)

    def is_vector(self: Any, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.ndarray) and obj.ndim == 1

    module.NumpyScalarConverter.can_convert = is_scalar
    module.NumpyArrayConverter.can_convert = is_vector


def _patch_rdd(session: NotebookSession, module: ModuleType) -> None:
    persist = module.RDD.persist

    @functools.wraps(persist)
    def new_persist(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Spark does not know which session cached an RDD, and this kernel may be killed: so the driver is told now.
        session.tell("cached_rdd", id=self.id())
        return persist(self, *args, **kwargs)

    module.RDD.persist = new_persist
    paths.patch(module.RDD, session.folders)


def _patch_dataframe(module: ModuleType) -> None:
    """Give DataFrames the method `display`, as Databricks' have it."""

    def show(self: Any, *args: Any, **kwargs: Any) -> None:
        """Show the DataFrame, as `display` does."""
        display(self, *args, **kwargs)

    module.DataFrame.display = show


def _patch_paths(session: NotebookSession, module: ModuleType) -> None:
    for name in paths.METHODS:
        cls = getattr(module, name, None)
        if cls is not None and cls.__module__ == module.__name__:
            paths.patch(cls, session.folders)


class _kept_interrupt_handler:
    """Undo what `SparkContext.__init__` does: a SIGINT handler that cancels every job of the whole cluster."""

    def __enter__(self) -> None:
        self._is_main = threading.current_thread() is threading.main_thread()
        if self._is_main:
            self._handler = signal.getsignal(signal.SIGINT)

    def __exit__(self, *exc_info: object) -> None:
        if self._is_main:
            signal.signal(signal.SIGINT, self._handler)
