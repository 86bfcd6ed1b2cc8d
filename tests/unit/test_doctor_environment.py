"""The doctor's checks of environment variables and of folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dbx.cli.environment import check_folders, check_java_options, check_proxy
from jupyter_dbx.cli.finding import Level


@pytest.mark.parametrize(
    ("environ", "level", "words"),
    [
        ({}, Level.OK, "none"),
        ({"_JAVA_OPTIONS": "-Dfile.encoding=UTF-8"}, Level.OK, "_JAVA_OPTIONS"),
        ({"_JAVA_OPTIONS": "-Da=b -Xmx512m"}, Level.WARN, "-Xmx512m"),
        ({"JDK_JAVA_OPTIONS": "-XX:MaxRAMPercentage=10"}, Level.WARN, "-XX:MaxRAMPercentage=10"),
    ],
)
def test_options_that_change_the_memory_of_every_jvm_are_named(
    environ: dict[str, str], level: Level, words: str
) -> None:
    finding = check_java_options(environ)

    assert finding.level is level
    assert words in finding.message


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({}, Level.OK),
        ({"http_proxy": "http://proxy:3128"}, Level.WARN),
        ({"ALL_PROXY": "socks5://proxy", "no_proxy": "localhost"}, Level.WARN),
        ({"http_proxy": "http://proxy:3128", "NO_PROXY": "localhost, 127.0.0.1,.example.org"}, Level.OK),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "*"}, Level.OK),
    ],
)
def test_proxy_that_applies_to_this_machine_is_named(environ: dict[str, str], level: Level) -> None:
    assert check_proxy(environ).level is level


def test_missing_folder_comes_with_the_command_that_creates_it(tmp_path: Path) -> None:
    data, root = tmp_path / "my data", tmp_path / "root"
    (data / "dbfs").mkdir(parents=True)
    root.mkdir()

    before = check_folders(data, root)
    (root / "dbfs").symlink_to(data / "dbfs")
    (root / "Volumes").mkdir()
    other = check_folders(data, root)
    (root / "Volumes").rmdir()
    (root / "Volumes").symlink_to(data / "Volumes")

    assert f"sudo ln -s '{data}/dbfs' /dbfs" in before.fix
    assert "/Volumes of this machine take precedence" in other.message
    assert check_folders(data, root).fix == ""
