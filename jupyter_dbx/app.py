"""DbxApp: turns traits into objects, starts and stops them. The only file that knows every room."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import os
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Float, Int, Unicode, default

from jupyter_dbx import __version__
from jupyter_dbx.backends.base import Backend
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.cluster import ClusterController, ReadStatus, TellDriver
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.logs import LogManager
from jupyter_dbx.managers.news import News
from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.managers.spark_uis import SparkUis
from jupyter_dbx.managers.usage import UsageManager
from jupyter_dbx.model.driver import derive_secret
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS
from jupyter_dbx.rest.base import ApiHandler, UnavailableHandler, WellKnownHandler
from jupyter_dbx.rest.feed import Feed
from jupyter_dbx.rest.proxy import UI_PATHS, SparkUiHandler
from jupyter_dbx.rest.routes import Services
from jupyter_dbx.rest.table import ROUTES
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.spark.daemons import DaemonFactory
from jupyter_dbx.spark.java import spark_version
from jupyter_dbx.spark.probe import read_driver_status, tell_driver
from jupyter_dbx.store import Store

#: How often a store that could not be opened is tried again, s.
REOPEN_S = 5.0

#: Every path of ours below the base URL.
OUR_PATHS = r"/api/((?:1\.2|2\.\d|dbx)(?:/.*)?)"


class DbxApp(ExtensionApp):
    """Managed Spark clusters for this Jupyter server."""

    name = "jupyter_dbx"
    # Typed too narrowly by jupyter_server: any Configurable may be here.
    classes = [ClusterController, LogController, LocalBackend, MemoryBackend]  # type: ignore[list-item]  # noqa: RUF012

    data_dir = Unicode(
        help="The workspace: clusters, their files and the warehouse. Servers that share it share their clusters."
    ).tag(config=True)
    cache_dir = Unicode(help="Where class archives lie, which make Java start faster. May be deleted.").tag(config=True)
    store_url = Unicode(help="SQLAlchemy URL of the store. Default: an SQLite file in data_dir.").tag(config=True)
    backend_name = Unicode("local", help="Where nodes live: a name of the entry point group jupyter_dbx.backends.").tag(
        config=True
    )
    hung_after_s = Float(
        60.0, help="After how long without an answer and without CPU time a process of a cluster counts as hung, s."
    ).tag(config=True)
    class_archives = Bool(
        True, help="Make class archives in the background, at the lowest priority, when some are missing."
    ).tag(config=True)
    least_autotermination_minutes = Int(
        AUTOTERMINATION_BOUNDS[0],
        min=1,
        max=AUTOTERMINATION_BOUNDS[1],
        help="The least number of idle minutes after which a cluster may be told to end. Lower it for trials.",
    ).tag(config=True)
    user_name = Unicode(help="Whom clusters belong to. Default: JUPYTERHUB_USER, else the system's user.").tag(
        config=True
    )

    #: How drivers are asked and told, and what time it is, s since the epoch; tests put other functions here.
    read_status: ReadStatus = staticmethod(read_driver_status)
    tell_driver: TellDriver = staticmethod(tell_driver)
    clock: Callable[[], float] = staticmethod(time.time)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "jupyter_dbx")

    @default("cache_dir")
    def _default_cache_dir(self) -> str:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return str(Path(base) / "jupyter_dbx")

    @default("store_url")
    def _default_store_url(self) -> str:
        return f"sqlite:///{Path(self.data_dir) / 'dbx.db'}"

    @default("user_name")
    def _default_user_name(self) -> str:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()

    def initialize_settings(self) -> None:
        """Make every object; nothing is started yet."""
        data_dir = Path(self.data_dir)
        self._running = AsyncExitStack()
        #: why nothing can be done at all, for the user; "" = it can
        self.trouble = ""
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("dbfs", "Volumes"):  # which clusters and notebooks know by these names
                (data_dir / name).mkdir(exist_ok=True)
            key = load_workspace_key(data_dir / "workspace.key")
        except OSError as error:
            self.trouble = (
                f"jupyter_dbx cannot use its workspace {data_dir}: {error.strerror}. Make it writable, or set "
                "DbxApp.data_dir to another folder; then restart the Jupyter server."
            )
            self.log.error(self.trouble)
            return
        archives = Path(self.cache_dir) / "archives"
        self._store = Store(self.store_url, clock=self.clock)
        self._backend = self._make_backend(data_dir / "nodes")
        factory = DaemonFactory(key, archives, data_dir, self.hung_after_s)
        self._controller = ClusterController(
            self._store,
            self._backend,
            factory,
            self.read_status,
            self.tell_driver,
            hung_after_s=self.hung_after_s,
            parent=self,
            log=self.log,
        )
        self._logs = LogController(self._store, self._backend, data_dir, parent=self, log=self.log)
        self._archives = archives
        clusters = ClusterManager(
            self._store,
            self._backend,
            check_spark_conf,
            least_autotermination_minutes=self.least_autotermination_minutes,
        )
        self._tokens = KernelTokens()
        self.settings["jupyter_dbx"] = Services(
            clusters=clusters,
            definitions=DefinitionManager(self._store, clusters),
            logs=LogManager(clusters, self._backend),
            usage=UsageManager(self._store, clusters, self._backend),
            attachments=AttachmentManager(self._store, clusters, key),
            secrets=SecretManager(self._store, key),
            kernel_tokens=self._tokens,
            spark_uis=SparkUis(clusters, key),
            user=self.user_name,
            org_id=int(derive_secret(key, "org-id")[:12], 16) + 1,
            spark_version=spark_version(),
            root_dir=self.serverapp.root_dir if self.serverapp else "",
            notebook_of=self._notebook_of,
        )

    def initialize_handlers(self) -> None:
        """Register our routes; the patterns cover unknown paths too, so that those get our error envelope."""
        if self.trouble:
            self.handlers.append((OUR_PATHS, UnavailableHandler, {"message": self.trouble}))
            return
        self.handlers.extend(
            [
                (UI_PATHS, SparkUiHandler),
                (OUR_PATHS, ApiHandler, {"routes": ROUTES}),
                (r"/\.well-known/databricks-config", WellKnownHandler),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Start what runs; called once the server listens."""
        if self.trouble:
            return
        serverapp.web_app.settings["jupyter_dbx_contact"] = (
            _local_url(serverapp),
            self._tokens,
            self.data_dir,
            serverapp.root_dir,
        )
        try:
            await self._open()
        except StoreUnavailable as error:
            self.log.error("%s It is tried again every %s s.", error.message, REOPEN_S)
            opening = asyncio.create_task(self._open_later())
            self._running.callback(opening.cancel)

    async def _open_later(self) -> None:
        while True:
            await asyncio.sleep(REOPEN_S)
            try:
                return await self._open()
            except StoreUnavailable:
                continue

    async def _open(self) -> None:
        stack = self._running
        await self._store.open()
        stack.push_async_callback(self._store.close)
        await self._backend.open()
        stack.push_async_callback(self._backend.close)
        assert self.serverapp and self.serverapp.event_logger, "it is opened only while a server runs"
        feed = Feed(News(self._store), self.serverapp.event_logger)
        for runner in (self._controller, self._logs, feed):
            await runner.open()
            stack.push_async_callback(runner.close)
        if self.class_archives and self.backend_name == "local":
            stack.push_async_callback(self._stop_training, await self._train())
        self.log.info("jupyter_dbx %s serves the workspace %s", __version__, self.data_dir)

    async def stop_extension(self) -> None:
        """Stop what runs here; clusters go on."""
        await self._running.aclose()

    async def _train(self) -> Process:
        """Begin to make the class archives that are missing, in a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyter_dbx.driver.training", str(self._archives)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )

    async def _stop_training(self, training: Process) -> None:
        if training.returncode is None:
            training.terminate()
        await training.wait()

    def _make_backend(self, nodes: Path) -> Backend:
        found = {e.name: e for e in entry_points(group="jupyter_dbx.backends")}
        if self.backend_name not in found:
            raise ValueError(
                f"DbxApp.backend_name must be one of {', '.join(sorted(found))}, not {self.backend_name!r}"
            )
        backend: Backend = found[self.backend_name].load()(parent=self, log=self.log)
        if isinstance(backend, LocalBackend) and not backend.folder:
            backend.folder = str(nodes)
        return backend

    async def _notebook_of(self, kernel_id: str) -> str | None:
        assert self.serverapp is not None, "endpoints are asked only while a server runs"
        for session in await self.serverapp.session_manager.list_sessions():
            if session["kernel"] and session["kernel"]["id"] == kernel_id and session["type"] == "notebook":
                # With the root: servers on other roots may share the store.
                return os.path.join(self.serverapp.root_dir, session["path"])
        return None


def load_workspace_key(path: Path) -> bytes:
    """Return the workspace's key, made at first use in a file that only its owner can read."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # fails if another server was faster, whose key then counts
        except FileExistsError:
            pass
        draft.unlink()
    return hashlib.sha256(path.read_bytes()).digest()


def _local_url(serverapp: Any) -> str:
    """Return the URL under which a process on this machine reaches the server."""
    scheme = "https" if serverapp.certfile else "http"
    ip = serverapp.ip if serverapp.ip not in ("", "*", "0.0.0.0", "::", "localhost") else "127.0.0.1"
    host = f"[{ip}]" if ":" in ip else ip
    return f"{scheme}://{host}:{serverapp.port}{serverapp.base_url}"


main = launch_new_instance = DbxApp.launch_instance
