"""DbxApp: creates, starts and stops all objects from its configuration. The only file that imports every package."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import re
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Dict, Float, Int, List, Unicode, default

from jupyter_dbx import __version__
from jupyter_dbx.backends.base import Backend
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.cluster import ClusterController, NotifyDriver, ReadStatus
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.audit import AuditLog
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.logs import LogManager
from jupyter_dbx.managers.news import News
from jupyter_dbx.managers.people import People, nothing
from jupyter_dbx.managers.remote_kernels import RemoteKernels
from jupyter_dbx.managers.seat_guard import SeatGuard
from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.managers.server_contact import ServerContact
from jupyter_dbx.managers.sharing import Sharing
from jupyter_dbx.managers.spark_uis import SparkUis
from jupyter_dbx.managers.tokens import TokenManager
from jupyter_dbx.managers.usage import UsageManager
from jupyter_dbx.managers.work import ReadJobs, ReadTasks, WorkManager
from jupyter_dbx.managers.workspace_key import load_workspace_key
from jupyter_dbx.model.answers.people import Workspace
from jupyter_dbx.model.derived_secrets import account_id, org_id
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS
from jupyter_dbx.rest.databricks.unserved import OUTSIDE, unserved
from jupyter_dbx.rest.dbx.feed import Feed
from jupyter_dbx.rest.dbx.notebook_files import NotebookFiles
from jupyter_dbx.rest.dbx.spark_ui import UI_PATHS, SparkUiHandler
from jupyter_dbx.rest.door.handler import DoorHandler, Doorway, WellKnownDoorHandler
from jupyter_dbx.rest.door.link import Link
from jupyter_dbx.rest.door.server import DoorServer
from jupyter_dbx.rest.framework.handler import ApiHandler, UnavailableHandler, WellKnownHandler
from jupyter_dbx.rest.framework.identity import Identity
from jupyter_dbx.rest.framework.local_door import LocalDoor, local_url
from jupyter_dbx.rest.framework.services import Services
from jupyter_dbx.rest.table import ROUTES
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.spark.daemons import DaemonFactory
from jupyter_dbx.spark.java import spark_version
from jupyter_dbx.spark.probe import notify_driver, read_driver_jobs, read_driver_status, read_driver_tasks
from jupyter_dbx.store import Store

#: How often opening the store is retried, s.
REOPEN_S = 5.0

#: Priority of the training of class archives (`nice`).
LOWEST_PRIORITY = 19

#: All API paths below the base URL.
API_PATHS = r"/api/((?:1\.2|2\.\d|dbx)(?:/.*)?)"

#: Paths of Databricks' other APIs below the base URL.
OTHER_PATHS = rf"/((?:{'|'.join(map(re.escape, OUTSIDE))})(?:/.*)?)"

#: The SDK's first request.
WELL_KNOWN = r"/\.well-known/databricks-config"


class DbxApp(ExtensionApp):
    """Managed Spark clusters for this Jupyter server."""

    name = "jupyter_dbx"
    # Typed too narrowly by jupyter_server: any Configurable may be here.
    classes = [ClusterController, LogController, LocalBackend, MemoryBackend]  # type: ignore[list-item]  # noqa: RUF012

    data_dir = Unicode(
        help="The workspace: clusters, their files and the warehouse. Servers that share it share their clusters."
    ).tag(config=True)
    cache_dir = Unicode(help="Folder of class archives, which make Java start faster. May be deleted.").tag(config=True)
    store_url = Unicode(help="SQLAlchemy URL of the store. Default: an SQLite file in data_dir.").tag(config=True)
    backend_name = Unicode(
        "local", help="Backend that provisions nodes: a name of the entry point group jupyter_dbx.backends."
    ).tag(config=True)
    hung_after_s = Float(
        60.0, help="How long a process of a cluster may neither respond nor use CPU time before it counts as hung, s."
    ).tag(config=True)
    class_archives = Bool(True, help="Create missing class archives in the background, at the lowest priority.").tag(
        config=True
    )
    least_autotermination_minutes = Int(
        AUTOTERMINATION_BOUNDS[0],
        min=1,
        max=AUTOTERMINATION_BOUNDS[1],
        help="The minimum autotermination_minutes that a cluster may have. Lower it for trials.",
    ).tag(config=True)
    user_name = Unicode(
        help="The user whose server it is, and for whom everybody acts whom Jupyter does not know by name. Default: "
        "JUPYTERHUB_USER, else the system user."
    ).tag(config=True)
    admin_users = List(
        Unicode(), help="Users who may manage everything, beside administrators of the hub. Default: user_name."
    ).tag(config=True)
    groups = Dict(
        value_trait=List(Unicode()),
        help="Groups and their members, for permissions; in addition to those that Jupyter or the hub reports.",
    ).tag(config=True)
    longest_token_days = Int(0, min=0, help="How long a personal token may be valid, days; 0 = no limit.").tag(
        config=True
    )
    keep_audit_days = Int(365, min=1, help="How long the audit log is kept, days.").tag(config=True)

    control_plane = Unicode(
        help="URL of a shared control plane (`jupyter dbx serve`), whose clusters this server then uses instead of its own. "
        "Default: DBX_CONTROL_PLANE."
    ).tag(config=True)
    control_plane_token = Unicode(
        help="The user's own token for the control plane. Default: DBX_CONTROL_PLANE_TOKEN, else the hub's token of this server."
    ).tag(config=True)

    #: Functions that read from a driver and notify it, and that return the time, s since the epoch; tests replace them.
    read_status: ReadStatus = staticmethod(read_driver_status)
    notify_driver: NotifyDriver = staticmethod(notify_driver)
    read_jobs: ReadJobs = staticmethod(read_driver_jobs)
    read_tasks: ReadTasks = staticmethod(read_driver_tasks)
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

    @default("admin_users")
    def _default_admin_users(self) -> list[str]:
        return [self.user_name]

    @default("control_plane")
    def _default_control_plane(self) -> str:
        return os.environ.get("DBX_CONTROL_PLANE", "")

    @default("control_plane_token")
    def _default_control_plane_token(self) -> str:
        return os.environ.get("DBX_CONTROL_PLANE_TOKEN") or os.environ.get("JUPYTERHUB_API_TOKEN", "")

    def initialize_settings(self) -> None:
        """Create all objects without starting them."""
        self._running = AsyncExitStack()
        self._tokens = KernelTokens()
        #: message to the user if the workspace is unusable; "" = usable
        self.failure = ""
        if self.control_plane:
            self._link = Link(self.control_plane, self.control_plane_token)
            root_dir = self.serverapp.root_dir if self.serverapp else ""
            doorway = Doorway(self._link, self._tokens, self.user_name, root_dir, self._notebook_of)
            self.settings[Doorway.SETTING] = doorway
        else:
            self._initialize_workspace(Path(self.data_dir))

    def _initialize_workspace(self, data_dir: Path) -> None:
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Each is private, even if the workspace's own folder is not.
            for name in ("dbfs", "Volumes", "tables", "work"):  # clusters and notebooks use these names
                (data_dir / name).mkdir(exist_ok=True, mode=0o700)
            key = load_workspace_key(data_dir / "workspace.key")
        except OSError as error:
            self.failure = (
                f"jupyter_dbx cannot use its workspace {data_dir}: {error.strerror}. Make it writable, or set "
                "DbxApp.data_dir to another folder; then restart the Jupyter server."
            )
            self.log.error(self.failure)
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
            self.notify_driver,
            hung_after_s=self.hung_after_s,
            parent=self,
            log=self.log,
        )
        self._logs = LogController(self._store, self._backend, data_dir, parent=self, log=self.log)
        self._archives = archives
        self.settings["jupyter_dbx"] = self._make_services(data_dir, key)

    def _make_services(self, data_dir: Path, key: bytes) -> Services:
        clusters = ClusterManager(
            self._store,
            self._backend,
            check_spark_conf,
            least_autotermination_minutes=self.least_autotermination_minutes,
        )
        self._attachments = AttachmentManager(self._store, clusters, key, self.notify_driver)
        remote_kernels = RemoteKernels(self._store)
        directory = getattr(self.serverapp.identity_provider, "directory", nothing) if self.serverapp else nothing
        people = People(self._store, self.user_name, self.admin_users, self.groups, directory)
        tokens = TokenManager(self._store, self.longest_token_days * 24 * 3600)
        definitions = DefinitionManager(self._store, clusters)
        self._sharing = Sharing(definitions, self._attachments, people, self._tokens, remote_kernels)
        self._identity = Identity(people, self._tokens, tokens)
        return Services(
            clusters=clusters,
            definitions=definitions,
            logs=LogManager(clusters, self._backend),
            usage=UsageManager(self._store, clusters, self._backend),
            work=WorkManager(clusters, key, self.read_jobs, self.read_tasks),
            attachments=self._attachments,
            secrets=SecretManager(self._store, key),
            kernel_tokens=self._tokens,
            remote_kernels=remote_kernels,
            news=News(self._store),
            spark_uis=SparkUis(clusters, key),
            people=people,
            sharing=self._sharing,
            tokens=tokens,
            audit=AuditLog(data_dir / "audit", self.keep_audit_days, self.clock),
            identity=self._identity,
            org_id=org_id(key),
            account_id=account_id(key),
            spark_version=spark_version(),
            data_dir=self.data_dir,
            root_dir=self.serverapp.root_dir if self.serverapp else "",
            notebook_of=self._notebook_of,
            notebooks=self._notebooks,
        )

    def initialize_handlers(self) -> None:
        """Register the routes; the patterns include unknown paths, which get the API's error format."""
        if self.failure:
            self.handlers.append((API_PATHS, UnavailableHandler, {"message": self.failure}))
            return
        if self.control_plane:
            self.handlers.extend((paths, DoorHandler) for paths in (API_PATHS, OTHER_PATHS))
            self.handlers.append((WELL_KNOWN, WellKnownDoorHandler))
            return
        self.handlers.extend(
            [
                (UI_PATHS, SparkUiHandler),
                *((paths, ApiHandler, {"routes": ROUTES, "unserved": unserved}) for paths in (API_PATHS, OTHER_PATHS)),
                (WELL_KNOWN, WellKnownHandler),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Start all services; called once the server listens."""
        if self.failure:
            return
        contact = ServerContact(
            self._open_local_door(serverapp),
            self._tokens,
            self.data_dir,
            serverapp.root_dir,
            self._notebook_of,
            self._requesting_user,
            self.user_name,
        )
        settings = serverapp.web_app.settings
        settings[ServerContact.SETTING] = contact
        if self.control_plane:

            def on_workspace(workspace: Workspace) -> None:
                settings[ServerContact.SETTING] = replace(contact, data_dir=workspace.data_dir)

            server = DoorServer(self._link, serverapp.connection_url, serverapp.root_dir, on_workspace, self.log)
            await server.open(serverapp.event_logger, serverapp.session_manager)
            self._running.push_async_callback(server.close)
            return
        try:
            await self._open()
        except StoreUnavailable as error:
            self.log.error("%s Retrying every %s s.", error.message, REOPEN_S)
            opening = asyncio.create_task(self._open_later())
            self._running.callback(opening.cancel)

    async def _requesting_user(self) -> str:
        return "" if self.control_plane else await self._identity.of_current_request()

    def _open_local_door(self, serverapp: Any) -> str:
        """Return the URL at which local processes reach the server; opens a door for them if its own one is closed."""
        if not (serverapp.certfile or serverapp.sock) and serverapp.identity_provider.token:
            return local_url(serverapp)
        door = LocalDoor(
            serverapp.web_app,
            self._tokens,
            self.user_name,
            f"{API_PATHS}|{OTHER_PATHS}",
            serverapp.base_url,
            serverapp.connection_url,
        )
        self._running.callback(door.close)
        return door.open()

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
        assert self.serverapp and self.serverapp.event_logger, "opened only while a server runs"
        events, sessions = self.serverapp.event_logger, self.serverapp.session_manager
        feed = Feed(News(self._store).after, events)
        files = NotebookFiles(self._attachments, events, sessions, self.serverapp.root_dir, self.log)
        guard = SeatGuard(self._sharing, self.log)
        for runner in (self._controller, self._logs, feed, files, guard):
            await runner.open()
            stack.push_async_callback(runner.close)
        if self.class_archives and self.backend_name == "local":
            stack.push_async_callback(self._stop_training, await self._train())
        self.log.info("jupyter_dbx %s serves the workspace %s", __version__, self.data_dir)

    async def stop_extension(self) -> None:
        """Stop all services; clusters keep running."""
        await self._running.aclose()

    async def _train(self) -> Process:
        """Start to create missing class archives in a separate process, which must not slow down notebooks."""
        training = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyter_dbx.driver.training", str(self._archives)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, training.pid, LOWEST_PRIORITY)
        return training

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
        return (await self._notebooks()).get(kernel_id)

    async def _notebooks(self) -> dict[str, str]:
        assert self.serverapp is not None, "requests arrive only while a server runs"
        # Include the root: servers with other roots may share the store.
        return {
            session["kernel"]["id"]: os.path.join(self.serverapp.root_dir, session["path"])
            for session in reversed(await self.serverapp.session_manager.list_sessions())
            if session["kernel"] and session["type"] == "notebook"
        }
