"""Which server a command talks to, and what is said if it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from answering import OURS, Place

from jupyter_dbx.cli.connection import choose_client, read_profiles
from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.kernel.client import Client, ServerUnreachable

Answer = Callable[..., Place]


@pytest.fixture
def runs_here(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A server that runs here, as Jupyter notes it."""
    place = answer(*OURS)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-1.json").write_text(json.dumps({"url": place.url, "token": "here"}))
    return place


@pytest.fixture
def profiles(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Writes a file of profiles, and returns the environment that names it."""

    def write(text: str) -> dict[str, str]:
        (tmp_path / "cfg").write_text(text)
        return {"DATABRICKS_CONFIG_FILE": str(tmp_path / "cfg")}

    return write


Profiles = Callable[[str], dict[str, str]]


def test_named_server_is_taken_in_the_order_of_the_sdk(answer: Answer, profiles: Profiles, runs_here: Place) -> None:
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


def test_default_profile_may_have_another_name(answer: Answer, profiles: Profiles, runs_here: Place) -> None:
    mine = answer(*OURS)
    file = profiles(f"[__settings__]\ndefault_profile = mine\n[mine]\nhost = {mine.url}\ntoken = m\n")

    assert choose_client("", file) == Client(mine.url, "m")


def test_profile_takes_nothing_from_the_default_one(answer: Answer, profiles: Profiles) -> None:
    mine = answer(*OURS)
    file = profiles(f"[DEFAULT]\ntoken = d\n[mine]\nhost = {mine.url}\n")

    assert choose_client("mine", file) == Client(mine.url, "")


@pytest.mark.parametrize(
    "host", ["https://adb-1.2.azuredatabricks.net", "https://dbc-1.cloud.databricks.com/", "1.gcp.databricks.com"]
)
def test_default_profile_of_the_cloud_is_not_meant_for_us(profiles: Profiles, runs_here: Place, host: str) -> None:
    file = profiles(f"[DEFAULT]\nhost = {host}\ntoken = secret\n")

    assert choose_client("", file) == Client(runs_here.url, "here")


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (403, {"error_code": "PERMISSION_DENIED", "message": "no"}, "does not take this token."),
        (404, "<html>", "is no Jupyter server with jupyter_dbx."),
        (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "no"}, "is no Jupyter server with jupyter_dbx."),
    ],
)
def test_named_server_that_cannot_be_used_is_not_replaced_by_another(
    answer: Answer, profiles: Profiles, runs_here: Place, status: int, body: object, says: str
) -> None:
    place = answer(status, body)
    file = profiles(f"[p]\nhost = {place.url}\n")

    with pytest.raises(ServerUnreachable) as by_host:
        choose_client("", file | {"DATABRICKS_HOST": place.url})
    with pytest.raises(ServerUnreachable) as by_profile:
        choose_client("p", file)

    says = f"The server at {place.url} {says}"
    assert by_host.value.message == f"{says} DATABRICKS_HOST names it: correct it, or unset it."
    assert by_profile.value.message == f"{says} The profile p of {file['DATABRICKS_CONFIG_FILE']} names it: correct it."
    assert runs_here.heard == []


def test_unknown_profile_is_told_with_those_that_there_are(profiles: Profiles) -> None:
    file = profiles("[__settings__]\ndefault_profile = a\n[a]\nhost = h\n[b]\ntoken = t\n")

    with pytest.raises(UsageFault, match=r"There is no profile 'c' in .*cfg\. There are: a, b\."):
        choose_client("c", file)
    with pytest.raises(UsageFault, match=r"The profile b of .*cfg names no host\."):
        choose_client("b", file)
    with pytest.raises(UsageFault, match=r"There is no profile 'c' in /nowhere\. There are: none\."):
        choose_client("c", {"DATABRICKS_CONFIG_FILE": "/nowhere"})


@pytest.mark.parametrize("text", ["no section", "[a]\n[a]\n", "[a\n", "[a]\nhost\n"])
def test_broken_file_of_profiles_is_told(profiles: Profiles, text: str) -> None:
    file = profiles(text)

    with pytest.raises(UsageFault, match="cannot be read: ") as error:
        choose_client("a", file)

    assert "\n" not in error.value.message


def test_file_that_is_no_text_or_none_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "cfg").write_bytes(b"\xff\xfe[")

    with pytest.raises(UsageFault, match="cannot be read"):
        read_profiles(tmp_path / "cfg")
    assert read_profiles(tmp_path / "missing") == {}
