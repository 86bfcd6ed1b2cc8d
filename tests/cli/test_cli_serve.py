"""`jupyter dbx serve`: the API and nothing else; how clients find it, and how it stops."""

from __future__ import annotations

import json
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commanding import Command, Shell
from live import free_port

from jupyter_dbx.cli.serve import hub_options

Serve = Callable[..., Command]


@pytest.fixture
def serve(empty_shell: Shell, tmp_path: Path) -> Iterator[Serve]:
    """Starts control planes of one workspace with simulated nodes, and kills those that a test leaves."""
    begun: list[Command] = []

    def start(*options: str, shell: Shell = empty_shell, backend: str = "memory") -> Command:
        ours = ("--data-dir", str(tmp_path / "data"), "--allow-root", f"--DbxApp.backend_name={backend}")
        begun.append(shell.begin("serve", *ours, *options))
        return begun[-1]

    yield start
    for command in begun:
        command.kill()


def environment_of(command: Command) -> dict[str, str]:
    """Return the variables that it prints for clients."""
    command.expect("clusters keep running.")
    return dict(re.findall(r"^    export (\w+)=(\S+)$", command.output, re.MULTILINE))


def status(url: str, token: str = "") -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, str]]]:
    """A control plane for several tests: the shell that started it, and the variables for clients."""
    folder = tmp_path_factory.mktemp("serve")
    shell = Shell.clean(folder)
    options = ("--data-dir", str(folder / "data"), "--allow-root", "--DbxApp.backend_name=memory")
    command = shell.begin("serve", "--port", str(free_port()), *options)
    yield shell, environment_of(command)
    command.kill()


One = tuple[Shell, dict[str, str]]


def test_printed_variables_connect_clients(one: One, empty_shell: Shell) -> None:
    _, variables = one

    assert re.fullmatch(r"http://localhost:\d+/", variables["DATABRICKS_HOST"])
    assert json.loads(empty_shell.with_variables(**variables).clusters("list", "-o", "json").ok())["clusters"] == []
    assert empty_shell.clusters("list").code == 5


def test_commands_of_the_same_user_find_it(one: One) -> None:
    shell, _ = one

    assert json.loads(shell.clusters("list", "-o", "json").ok())["clusters"] == []


def test_it_has_no_kernels_files_and_pages_of_notebooks(one: One) -> None:
    host, token = one[1]["DATABRICKS_HOST"], one[1]["DATABRICKS_TOKEN"]

    absent = [
        "api/kernels",
        "api/sessions",
        "api/contents",
        "api/terminals",
        "files/x",
        "lab",
        "tree",
        "api/kernelspecs",
    ]
    answers = {path: status(host + path, token) for path in absent}

    assert answers == dict.fromkeys(absent, 404)
    assert status(host + "api/2.0/clusters/list", token) == 200
    assert status(host + "api/2.0/clusters/list", "wrong") in (401, 403)
    assert status(host + "api/status", token) == 200


def test_users_cannot_stop_it(one: tuple[Shell, dict[str, str]]) -> None:
    _, variables = one
    request = urllib.request.Request(variables["DATABRICKS_HOST"] + "api/shutdown", b"", method="POST")
    request.add_header("Authorization", f"Bearer {variables['DATABRICKS_TOKEN']}")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(request, timeout=30)

    assert status(variables["DATABRICKS_HOST"] + "api/2.0/clusters/list", variables["DATABRICKS_TOKEN"]) == 200


@pytest.mark.parametrize("is_service", [True, False])
def test_service_of_a_hub_listens_where_the_hub_says(is_service: bool) -> None:
    environ = {
        "JUPYTERHUB_SERVICE_PREFIX": "/services/dbx/",
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8790",
        "JUPYTERHUB_USER": "dbx",
    }
    options = hub_options(environ | ({"JUPYTERHUB_SERVICE_NAME": "dbx"} if is_service else {}))

    # A user of the hub may have the name of the service's account, and must not be an administrator by that.
    wanted = {"--ServerApp.base_url=/services/dbx/", "--ServerApp.port=8790", "--DbxApp.user_name=service:dbx"}
    assert wanted <= set(options) if is_service else options == []


def test_used_port_is_an_error(one: One, serve: Serve) -> None:
    port = one[1]["DATABRICKS_HOST"].rpartition(":")[2].rstrip("/")

    second = serve("--port", port)

    assert second.end() == 1
    assert f"port {port} is not available" in second.output


def test_token_may_come_from_the_environment(serve: Serve, empty_shell: Shell) -> None:
    variables = environment_of(serve(shell=empty_shell.with_variables(JUPYTER_TOKEN="mine")))

    assert variables["DATABRICKS_TOKEN"] == "mine"
    assert status(variables["DATABRICKS_HOST"] + "api/2.0/clusters/list", "mine") == 200


def test_configuration_of_notebooks_enables_no_other_extension(
    serve: Serve, empty_shell: Shell, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    extensions = {"jupyterlab": True, "no_such_extension": True}
    (config / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"jpserver_extensions": extensions}}))
    (config / "jupyter_server_config.py").write_text("c.DbxApp.user_name = 'grace'\n")

    command = serve(shell=empty_shell.with_variables(JUPYTER_CONFIG_DIR=str(config)))
    variables = environment_of(command)

    assert status(variables["DATABRICKS_HOST"] + "lab", variables["DATABRICKS_TOKEN"]) == 404
    assert "no_such_extension" not in command.output
    shell = empty_shell.with_variables(**variables)
    assert json.loads(shell.clusters("create", "a", "--no-wait", "-o", "json").ok())["creator_user_name"] == "grace"


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_stops_it_without_a_question_and_clusters_stay(serve: Serve, empty_shell: Shell, times: int) -> None:
    first = serve()
    environment_of(first)
    cluster_id = empty_shell.clusters("create", "etl", "--no-wait").stdout.strip()

    for _ in range(times - 1):
        first.send(signal.SIGINT)
    code = first.interrupt()

    assert code == 0
    assert "KeyboardInterrupt" not in first.output
    assert not list(Path(empty_shell.environ["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"))
    environment_of(serve())
    assert json.loads(empty_shell.clusters("get", "etl", "-o", "json").ok())["cluster_id"] == cluster_id


def test_failed_start_reports_the_reason(serve: Serve) -> None:
    nowhere, nonsense = serve("--data-dir", "/proc/x"), serve(backend="nonsense")

    assert (nowhere.end(), nonsense.end()) == (1, 1)
    begin = "jupyter dbx: The control plane cannot start: "
    assert f"{begin}jupyter_dbx cannot use its workspace /proc/x" in nowhere.output
    assert f"{begin}DbxApp.backend_name must be one of local, memory, not 'nonsense'" in nonsense.output
    assert "Traceback" not in nowhere.output + nonsense.output


def test_invalid_port_is_invalid_usage(empty_shell: Shell) -> None:
    assert empty_shell.run("serve", "--port", "x").code == 2
