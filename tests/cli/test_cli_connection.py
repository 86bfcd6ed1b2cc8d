"""Which server a command connects to, and the error if it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from answering import OURS, CannedServer

from jupyter_dbx.cli.connection import choose_client, read_profiles
from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.transport import ServerUnreachable

Answer = Callable[..., CannedServer]


@pytest.fixture
def runs_here(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CannedServer:
    """A server that runs on this machine, with its runtime file."""
    canned = answer(*OURS)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-1.json").write_text(json.dumps({"url": canned.url, "token": "here"}))
    return canned


@pytest.fixture
def profiles(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Writes a file of profiles, and returns the environment that selects it."""

    def write(text: str) -> dict[str, str]:
        (tmp_path / "cfg").write_text(text)
        return {"DATABRICKS_CONFIG_FILE": str(tmp_path / "cfg")}

    return write


Profiles = Callable[[str], dict[str, str]]


def test_server_is_selected_in_the_order_of_the_sdk(
    answer: Answer, profiles: Profiles, runs_here: CannedServer
) -> None:
    env, a, b, default = answer(*OURS), answer(*OURS), answer(*OURS), answer(*OURS)
    file = profiles(
        f"[DEFAULT]\nhost={default.url}\ntoken=d%1\n[a]\nhost = {a.url}\ntoken = a\n[b]\nhost = {b.url}\ntoken = b\n"
    )
    host = {"DATABRICKS_HOST": env.url, "DATABRICKS_TOKEN": "e"}
    profile = {"DATABRICKS_CONFIG_PROFILE": "b"}

    assert choose_client("a", file | host | profile) == Client(a.url, "a")
    assert choose_client("", file | host | profile) == Client(env.url, "e")
    assert choose_client("", file | profile) == Client(b.url, "b")
    assert choose_client("", file) == Client(default.url, "d%1")
    assert choose_client("", {"DATABRICKS_CONFIG_FILE": "/nowhere"}) == Client(runs_here.url, "here")


@pytest.mark.parametrize("written", ["http://127.0.0.1", "http://localhost", "127.0.0.1"])
def test_host_without_a_token_is_the_users_own_server(runs_here: CannedServer, written: str) -> None:
    host = runs_here.url.replace("http://127.0.0.1", written).rstrip("/")

    assert choose_client("", {"DATABRICKS_HOST": host}).token == "here"


def test_server_behind_a_local_door_is_found(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = answer(*OURS)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-1.json").write_text(json.dumps({"url": "https://127.0.0.1:1/", "token": ""}))
    (tmp_path / "dbx-1.json").write_text(json.dumps({"url": door.url, "token": "door"}))

    assert choose_client("", {"DATABRICKS_CONFIG_FILE": "/nowhere"}) == Client(door.url, "door")


def test_default_profile_may_have_another_name(answer: Answer, profiles: Profiles, runs_here: CannedServer) -> None:
    mine = answer(*OURS)
    file = profiles(f"[__settings__]\ndefault_profile = mine\n[mine]\nhost = {mine.url}\ntoken = m\n")

    assert choose_client("", file) == Client(mine.url, "m")


def test_profile_inherits_nothing_from_the_default_one(answer: Answer, profiles: Profiles) -> None:
    mine = answer(*OURS)
    file = profiles(f"[DEFAULT]\ntoken = d\n[mine]\nhost = {mine.url}\n")

    assert choose_client("mine", file) == Client(mine.url, "")


@pytest.mark.parametrize(
    "host", ["https://adb-1.2.azuredatabricks.net", "https://dbc-1.cloud.databricks.com/", "1.gcp.databricks.com"]
)
def test_default_profile_for_the_cloud_is_ignored(profiles: Profiles, runs_here: CannedServer, host: str) -> None:
    file = profiles(f"[DEFAULT]\nhost = {host}\ntoken = secret\n")

    assert choose_client("", file) == Client(runs_here.url, "here")


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (403, {"error_code": "PERMISSION_DENIED", "message": "no"}, "does not accept this token."),
        (404, "<html>", "is not a Jupyter server with jupyter_dbx."),
        (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "no"}, "is not a Jupyter server with jupyter_dbx."),
    ],
)
def test_selected_server_that_cannot_be_used_is_not_replaced(
    answer: Answer, profiles: Profiles, runs_here: CannedServer, status: int, body: object, problem: str
) -> None:
    canned = answer(status, body)
    file = profiles(f"[p]\nhost = {canned.url}\n")

    with pytest.raises(ServerUnreachable) as by_host:
        choose_client("", file | {"DATABRICKS_HOST": canned.url})
    with pytest.raises(ServerUnreachable) as by_profile:
        choose_client("p", file)

    message = f"The server at {canned.url} {problem}"
    assert by_host.value.message == f"{message} Correct or unset DATABRICKS_HOST and DATABRICKS_TOKEN."
    assert by_profile.value.message == f"{message} Correct the profile p in {file['DATABRICKS_CONFIG_FILE']}."
    assert runs_here.requests == []


def test_unknown_profile_is_an_error_with_the_existing_ones(profiles: Profiles) -> None:
    file = profiles("[__settings__]\ndefault_profile = a\n[a]\nhost = h\n[b]\ntoken = t\n")

    with pytest.raises(UsageFault, match=r"cfg has no profile 'c'\. Existing profiles: a, b\."):
        choose_client("c", file)
    with pytest.raises(UsageFault, match=r"The profile b in .*cfg has no host\."):
        choose_client("b", file)
    with pytest.raises(UsageFault, match=r"/nowhere has no profile 'c'\. Existing profiles: none\."):
        choose_client("c", {"DATABRICKS_CONFIG_FILE": "/nowhere"})


@pytest.mark.parametrize("text", ["no section", "[a]\n[a]\n", "[a\n", "[a]\nhost\n"])
def test_broken_file_of_profiles_is_an_error(profiles: Profiles, text: str) -> None:
    file = profiles(text)

    with pytest.raises(UsageFault, match="cannot be read: ") as error:
        choose_client("a", file)

    assert "\n" not in error.value.message


def test_file_of_profiles_may_be_missing_but_must_be_text(tmp_path: Path) -> None:
    (tmp_path / "cfg").write_bytes(b"\xff\xfe[")

    with pytest.raises(UsageFault, match="cannot be read"):
        read_profiles(tmp_path / "cfg")
    assert read_profiles(tmp_path / "missing") == {}
