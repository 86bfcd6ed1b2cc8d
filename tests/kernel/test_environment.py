"""Packages of one notebook."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wheels import make_wheel

from jupyter_dbx.kernel.environment import Environment, PipFailed


@pytest.fixture
def environment() -> Iterator[Environment]:
    environment = Environment()
    yield environment
    environment.discard()


def test_package_is_the_notebooks_own_and_gone_with_it(environment: Environment, tmp_path: Path) -> None:
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


def test_other_version_is_imported_after_the_earlier_one_is_let_go(
    environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", "value = 1"))])
    assert importlib.import_module("dbx_sample").value == 1
    capsys.readouterr()

    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "2.0", "value = 'two'"))])

    assert (
        "Imported already, in another version: dbx_sample. Run dbutils.library.restartPython()"
        in capsys.readouterr().out
    )
    assert importlib.import_module("dbx_sample").value == 1

    environment.forget_imports()
    assert importlib.import_module("dbx_sample").value == "two"


def test_what_the_kernel_has_is_not_installed_again(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.pip(["install", "--no-index", "traitlets"])

    assert "Requirement already satisfied: traitlets" in capsys.readouterr().out
    assert environment.versions() == {}


def test_failure_is_told_and_leaves_what_was_there(environment: Environment, tmp_path: Path) -> None:
    environment.pip(["install", "--no-index", str(make_wheel(tmp_path, "dbx_sample", "1.0", ""))])

    with pytest.raises(PipFailed, match="pip ended with exit code 1"):
        environment.pip(["install", "--no-index", "no-such-package-anywhere"])

    assert environment.versions() == {"dbx_sample": "1.0"}
