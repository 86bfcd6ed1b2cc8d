"""Notebook-scoped packages."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wheels import make_wheel

from jupyter_dbx.kernel.workspace.environment import Environment, PipFailed


@pytest.fixture
def environment() -> Iterator[Environment]:
    environment = Environment()
    yield environment
    environment.discard()


def test_package_is_visible_only_to_its_notebook_and_removed_with_it(environment: Environment, tmp_path: Path) -> None:
    path, modules = os.environ["PATH"], list(sys.path)

    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", "value = 1"))])

    assert importlib.import_module("dbx_sample").value == 1
    assert environment.packages is not None and environment.packages.exists()
    alone = subprocess.run([sys.executable, "-c", "import dbx_sample"], capture_output=True, check=False)
    assert alone.returncode == 1

    environment.discard()

    assert (os.environ["PATH"], sys.path) == (path, modules)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("dbx_sample")


def test_new_version_is_imported_after_the_old_one_is_unloaded(
    environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", "value = 1"))])
    assert importlib.import_module("dbx_sample").value == 1
    capsys.readouterr()

    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "2.0", "value = 'two'"))])

    assert re.search(r"imported.*: dbx_sample\. Run dbutils\.library\.restartPython", capsys.readouterr().out)
    assert importlib.import_module("dbx_sample").value == 1

    environment.forget_imports()
    assert importlib.import_module("dbx_sample").value == "two"


def test_package_of_the_kernel_is_not_installed_again(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.pip(["install", "--no-index", "traitlets"])

    assert "Requirement already satisfied: traitlets" in capsys.readouterr().out
    assert environment.versions() == {}


def test_failed_installation_raises_and_changes_nothing(environment: Environment, tmp_path: Path) -> None:
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", ""))])

    with pytest.raises(PipFailed, match="code 1"):
        environment.pip(["install", "--no-index", "no-such-package-anywhere"])

    assert environment.versions() == {"dbx_sample": "1.0"}


def test_kernels_version_is_back_after_an_uninstallation(
    environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    importlib.import_module("wrapt")
    kernels = importlib.metadata.version("wrapt")
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "wrapt", "99.0", "value = 1"))])
    assert importlib.metadata.version("wrapt") == "99.0"
    capsys.readouterr()

    environment.pip(["uninstall", "--yes", "wrapt"])

    assert importlib.metadata.version("wrapt") == kernels
    assert "Already imported in another version: wrapt." in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["uninstall", "--yes", "wrapt"], ["-q", "uninstall", "--yes", "wrapt"]])
def test_package_of_the_kernel_is_not_uninstalled(environment: Environment, arguments: list[str]) -> None:
    environment.pip(arguments)

    assert importlib.metadata.version("wrapt")


def test_options_before_the_command_change_only_this_environment(environment: Environment, tmp_path: Path) -> None:
    environment.pip(["-q", "install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", ""))])

    assert environment.versions() == {"dbx_sample": "1.0"}


@pytest.mark.parametrize(
    ("name", "version", "requires"),
    [
        ("pyspark", "3.5.1", ""),
        ("pyspark_client", "4.0.0", ""),
        ("databricks_connect", "16.1", ""),
        ("dbx_sample", "1.0", "pyspark<4"),
        ("dbx_sample", "1.0", "databricks-connect"),
    ],
)
def test_second_pyspark_is_refused(
    environment: Environment, tmp_path: Path, name: str, version: str, requires: str
) -> None:
    for dependency, other in (("pyspark", "3.5.1"), ("databricks_connect", "16.1")):
        make_wheel(tmp_path, dependency, other, "")
    wheel = make_wheel(tmp_path, name, version, "", requires=requires)

    with pytest.raises(PipFailed, match=rf"The cluster has PySpark {importlib.metadata.version('pyspark')}, and"):
        environment.pip(["install", "--no-index", "--find-links", str(tmp_path), str(wheel)])

    assert environment.versions() == {}
    if requires:
        environment.pip(["install", "--no-index", "--no-deps", str(wheel)])
        assert environment.versions() == {name: version}


def test_package_that_requires_the_clusters_pyspark_is_installed(environment: Environment, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "dbx_sample", "1.0", "", requires="pyspark>=4")

    environment.pip(["install", "--no-index", str(wheel)])

    assert environment.versions() == {"dbx_sample": "1.0"}


def test_path_files_apply_to_this_process_and_to_workers(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "dbx_beside.py").write_text("value = 7")
    finder = "import sys; sys.meta_path.append(type('DbxFinder', (), {'find_spec': lambda *_: None}))\n"
    before = (list(sys.path), list(sys.meta_path))
    wheel = make_wheel(tmp_path, "dbx_sample", "1.0", "", files={"dbx.pth": f"{tmp_path / 'src'}\n{finder}"})

    environment.pip(["install", "--no-index", str(wheel)])

    assert importlib.import_module("dbx_beside").value == 7
    program = "import dbx_beside, wrapt, jupyter_dbx, sys; print(dbx_beside.value, sys.meta_path[-1].__name__)"
    worker = subprocess.run([environment.python, "-c", program], capture_output=True, text=True, check=False)
    assert worker.stdout == "7 DbxFinder\n", worker.stderr
    assert sys.meta_path[-1].__name__ == "DbxFinder"  # type: ignore[attr-defined]  # it is a class

    environment.pip(["uninstall", "--yes", "dbx_sample"])

    assert (sys.path[1:], sys.meta_path) == before
    environment.pip(["install", "--no-index", str(wheel)])

    environment.discard()

    assert (sys.path, sys.meta_path) == before
    assert environment.python == sys.executable


def test_output_goes_where_the_shell_says(environment: Environment, tmp_path: Path) -> None:
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", ""))])

    environment.pip(["freeze", "--local"], f"| grep dbx > '{tmp_path}/a b.txt'")

    assert "dbx_sample" in (tmp_path / "a b.txt").read_text()
    with pytest.raises(PipFailed):
        environment.pip(["install", "--no-index", "no-such-package-anywhere"], "> /dev/null")


def test_second_pyspark_is_refused_in_quiet_mode(environment: Environment, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "databricks_connect", "16.1", "")

    with pytest.raises(PipFailed, match="The cluster has PySpark"):
        environment.pip(["install", "-q", "--no-index", str(wheel)])
