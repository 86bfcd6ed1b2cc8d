"""Mounts of `dbfs:/`."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.workspace.mounts import LINK, Mount, MountTable


class Configuration:
    """The part of Hadoop's configuration that mounts use."""

    def __init__(self, **properties: str) -> None:
        self.properties = {name.replace("__", "/"): value for name, value in properties.items()}

    def set(self, name: str, value: str) -> None:
        self.properties[name] = value

    def unset(self, name: str) -> None:
        del self.properties[name]

    def getPropsWithPrefix(self, prefix: str) -> Any:
        found = {n.removeprefix(prefix): v for n, v in self.properties.items() if n.startswith(prefix)}
        return type("Map", (dict,), {"isEmpty": lambda self: not self})(found)


@pytest.fixture
def table(tmp_path: Path) -> MountTable:
    return MountTable(tmp_path / "mounts.json")


def mount(table: MountTable, point: str, made: Mount) -> None:
    table.change(lambda mounts: mounts.__setitem__(point, made))


def test_table_is_empty_before_anything_is_mounted(table: MountTable) -> None:
    assert table.read() == {}


def test_only_the_owner_can_read_the_mounts(table: MountTable, tmp_path: Path) -> None:
    made = Mount("s3a://bucket", "", {"fs.s3a.secret.key": "k"})

    mount(table, "/mnt/a", made)

    assert MountTable(tmp_path / "mounts.json").read() == {"/mnt/a": made}
    assert stat.S_IMODE((tmp_path / "mounts.json").stat().st_mode) == 0o600


def test_driver_gets_the_current_mounts(table: MountTable) -> None:
    configuration = Configuration()
    configuration.properties = {f"{LINK}old": "file:///old", "fs.other": "x"}
    mount(table, "/mnt/a", Mount("s3a://bucket", "", {"fs.s3a.endpoint": "e"}))

    table.apply_to(configuration)

    assert configuration.properties == {
        "fs.other": "x",
        "fs.s3a.endpoint": "e",
        f"{LINK}a": "s3a://bucket",
    }


def test_notebooks_can_mount_concurrently(table: MountTable, tmp_path: Path) -> None:
    threads = [
        Thread(target=mount, args=(MountTable(tmp_path / "mounts.json"), f"/mnt/{n}", Mount("file:///a")))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(json.loads((tmp_path / "mounts.json").read_text())) == 12


def test_driver_reports_the_mounts_to_a_kernel_that_may_not_read_them(table: MountTable, tmp_path: Path) -> None:
    mount(table, "/mnt/a", Mount("file:///a"))
    foreign = MountTable(tmp_path / "elsewhere.json")

    foreign.reported = (tmp_path / "mounts.json").read_text()

    assert foreign.read() == table.read() != {}
    with pytest.raises(NotebookError, match="belong to the cluster's OS user"):
        foreign.change(lambda mounts: mounts.clear())
